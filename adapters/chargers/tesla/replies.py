"""From an HTTP answer of any dialect to what was answered, or how a command ended; pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from adapters.chargers.tesla.outcomes import (
    CommandOutcome,
    CommandResult,
    by_reason,
    by_refusal,
    by_status,
    plain_reason,
)
from adapters.chargers.tesla.values import Json, flag, members, number, text
from adapters.wire.retry_after import LONGEST_S, retry_after_s
from controller.errors import BadRequest, CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable

_QUESTION: Final = ""
"""In the place of a command: no reason belongs to it."""
_OK: Final = 200
_LIMITED: Final = 429
_SHOWN_CHARS: Final = 120
_WORDS: Final = "use base URL: "
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OTHER_HOST: Final = re.compile(
    rf"{_WORDS}https?://((?:{_LABEL}\.){{1,8}}{_LABEL})(?::(\d{{1,5}}))?(?![A-Za-z0-9:@])", re.ASCII
)
_LAST_PORT: Final = 65_535
_TRUSTED: Final = (".tesla.com", ".tesla.cn", ".teslamotors.com")


class AsleepError(DeviceUnreachable):
    """The car sleeps, or is out of reach; it was not woken."""


class LimitedError(DeviceUnreachable):
    """Too many calls: none before a given time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    """By lower-case name."""


def command_result(reply: Reply, command: str) -> CommandResult:
    """Judge the answer to a command: by what the car said, then by the service's words, then by the code.

    A reason that belongs to another command is a refusal.

    Raises:
        DeviceNonsense: HTTP 200 and no verdict.
    """
    answer = _decoded(reply)
    said = members(members(answer).get("response"))
    result = flag(said.get("result"))
    reason = text(said.get("reason")) or text(said.get("string")) or ""
    if reply.status == _OK and result is True:
        known = by_reason(reason, command)
        is_good = known is not None and known.is_good
        return CommandResult(outcome=known if known and is_good else CommandOutcome.DONE, reason=reason)
    if result is False:
        outcome = by_refusal(reason, reply.status, command)
        return CommandResult(outcome=outcome, reason=plain_reason(reason)[:_SHOWN_CHARS] or "no reason given")
    return _failure(reply, answer, command) or _nonsense(reply)


def payload(reply: Reply, *, nested: bool) -> Json:
    """Take what was asked for out of an answer.

    Raises:
        AsleepError, LimitedError, DeviceUnreachable: not now.
        DeviceRefused, CredentialsError: not until a person puts something right.
        DeviceNonsense: an answer that is none.
    """
    answer = _decoded(reply)
    failure = _failure(reply, answer, _QUESTION)
    if failure is not None:
        raise error_of(failure)
    content = members(answer).get("response")
    if nested:
        content = members(content).get("response", content)
    if not isinstance(content, dict):
        _nonsense(reply)
    return content


def error_of(result: CommandResult) -> DeviceUnreachable | DeviceRefused | CredentialsError:
    """Put an outcome that is not good into our errors."""
    outcome, said = result.outcome, f"{result.outcome.value}: {result.reason}"
    if outcome is CommandOutcome.ASLEEP:
        return AsleepError("the car is asleep or out of reach")
    if outcome is CommandOutcome.LIMITED:
        return LimitedError(said)
    if outcome is CommandOutcome.SIGN_ON:
        return CredentialsError(said)
    if outcome is CommandOutcome.TROUBLE:
        return DeviceUnreachable(said)
    if outcome is CommandOutcome.UNSUPPORTED:
        return BadRequest(said)
    return DeviceRefused(said)


def quiet_s(headers: Mapping[str, str]) -> float | None:
    """Tell how long to be quiet, from `Retry-After` or the two spellings of the reset time.

    >>> quiet_s({"retry-after": "36000"}), quiet_s({"ratelimit-reset": "9"}), quiet_s({})
    (36000.0, 9.0, None)
    """
    after_s = retry_after_s(headers)
    if after_s is not None:
        return after_s
    resets = [
        number(value)
        for name, value in headers.items()
        if name.startswith("ratelimit-") and name.endswith("reset")
    ]
    return next((min(one, LONGEST_S) for one in resets if one is not None and one >= 0.0), None)


def other_host(reply: Reply, present_url: str) -> str | None:
    """Find the base address that an answer of the wrong region names, if it is to be trusted.

    Trusted are Tesla's own domains over https, and the host that was configured, which never becomes plain.
    """
    found = _OTHER_HOST.search(reply.body[:2000].decode(errors="replace"))
    if found is None or not _is_port(found.group(2)):
        return None
    url, host = found.group(0).removeprefix(_WORDS), found.group(1).lower()
    is_safe = url.startswith("https://")
    present = urlsplit(present_url)
    is_ours = host == present.hostname and (is_safe or present.scheme == "http")
    return url if (is_safe and host.endswith(_TRUSTED)) or is_ours else None


def _is_port(digits: str | None) -> bool:
    return digits is None or 0 < int(digits) <= _LAST_PORT


def _decoded(reply: Reply) -> Json:
    """Read the body; what is no JSON is `None`, for codes often come with plain text or nothing."""
    try:
        answer: Json = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return answer


def _failure(reply: Reply, answer: Json, command: str) -> CommandResult | None:
    """Tell what an answer fails with, from code and text together; `None`: it does not."""
    by_code = by_status(reply.status)
    if by_code is None:
        return None
    said = _said(answer) or reply.body[:_SHOWN_CHARS].decode(errors="replace")
    more = text(members(answer).get("error_description")) or ""
    reason = " ".join(f"{said} {more}".split())[:_SHOWN_CHARS]
    known = None if reply.status == _LIMITED else by_reason(f"{said} {more}".strip(), command)
    outcome = by_code if known is None or known.is_good else known
    return CommandResult(
        outcome=outcome,
        reason=f"HTTP {reply.status} {reason}".strip(),
        retry_after_s=quiet_s(reply.headers) if outcome is CommandOutcome.LIMITED else None,
    )


def _said(answer: Json) -> str | None:
    """Find the words: beside the answer, or in it, where the Bluetooth proxy puts them."""
    inner = members(members(answer).get("response"))
    return text(members(answer).get("error")) or text(inner.get("reason")) or text(inner.get("string"))


def _nonsense(reply: Reply) -> CommandResult:
    raise DeviceNonsense(f"HTTP {reply.status} and no answer: {reply.body[:_SHOWN_CHARS]!r}")
