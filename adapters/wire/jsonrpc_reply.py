"""JSON-RPC answers as devices really send them: bare results, frames, and errors in either."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

Errors = Mapping[int, type[DeviceRefused]]
"""A device's own error codes; anything else is a plain `DeviceRefused` with its code."""

_SHOWN_BYTES = 80


class NoSuchMethodError(DeviceRefused):
    """The device does not know the method."""


def result_of(body: bytes, status: int, errors: Errors) -> Json:
    """Take the result out of an answer; the body is read before the status is judged.

    >>> result_of(b'{"id": 7, "src": "x", "result": {"EM_current": 16}}', 200, {})
    {'EM_current': 16}
    >>> result_of(b"true", 200, {})
    True

    Raises:
        DeviceRefused: an error object or `false`; typed by `errors` where the code is known.
        NoSuchMethodError: HTTP 404.
        CredentialsError: HTTP 401, or 403 without an error object.
        DeviceNonsense: not JSON, or an HTTP error that explains nothing.
    """
    if status == HTTPStatus.UNAUTHORIZED:
        raise CredentialsError("the device asks for another user name or password (HTTP 401)")
    if status == HTTPStatus.NOT_FOUND:
        raise NoSuchMethodError("the device does not know this method (HTTP 404)", status)
    answer = _decoded(body, status)
    _raise_error(answer, status, errors)
    result = answer["result"] if isinstance(answer, dict) and "result" in answer else answer
    if result is False:
        raise DeviceRefused("the device answered false")
    return result


def _decoded(body: bytes, status: int) -> Json:
    try:
        answer: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        if status == HTTPStatus.FORBIDDEN:
            raise CredentialsError("the device forbids this (HTTP 403)") from error
        raise DeviceNonsense(f"HTTP {status} and not JSON: {body[:_SHOWN_BYTES]!r}") from error
    return answer


def _raise_error(answer: Json, status: int, errors: Errors) -> None:
    failed = status >= HTTPStatus.BAD_REQUEST
    fault = _error_object(answer, failed=failed)
    if fault is not None:
        raise _typed(fault, errors)
    if status == HTTPStatus.FORBIDDEN:
        raise CredentialsError("the device forbids this (HTTP 403)")
    if failed:
        raise DeviceNonsense(f"HTTP {status} without an error: {json.dumps(answer)[:_SHOWN_BYTES]}")


def _error_object(answer: Json, *, failed: bool) -> Json:
    """Find the error in an answer, if it holds one: in a frame, or as the whole body."""
    if not isinstance(answer, dict):
        return None
    if answer.get("error") not in (None, False):
        return answer["error"]
    code = answer.get("code")
    is_bare = isinstance(code, int) and not isinstance(code, bool) and answer.keys() <= {"code", "message"}
    return answer if is_bare and (failed or code != 0) else None


def _typed(fault: Json, errors: Errors) -> DeviceRefused:
    code = fault.get("code") if isinstance(fault, dict) else None
    said = fault.get("message") if isinstance(fault, dict) else fault
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    kind = DeviceRefused if code is None else errors.get(code, DeviceRefused)
    shown = "error" if code is None else f"error {code}"
    return kind(f"{shown}: {str(said)[:_SHOWN_BYTES]}", code)
