"""Replies: what the cloud's answer to a command over REST means, one closed list."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from adapters.chargers.easee.rest import STRANGERS, Said
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """On its way: the charger's own response will come (202)."""

    id: int | None
    """The command that it became."""
    ticks: int
    """By which the response is known."""


@dataclass(frozen=True, slots=True)
class Already:
    """Applied, or thought to stand already: no response has to come (200, an empty list, no ticks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Asked too often; certainly not taken (429)."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """Partly or not at all taken, nobody knows (400, or an answer that makes no sense)."""

    status: int


@dataclass(frozen=True, slots=True)
class Away:
    """The charger or a gateway before it is away; the command may arrive yet (502, 503, 504, other 5xx)."""

    status: int


@dataclass(frozen=True, slots=True)
class Denied:
    """Not with this account, or there is no such thing; certainly not taken (401, 403, other 4xx)."""

    status: int


Reply = Taken | Already | Throttled | Unclear | Away | Denied


def reply_of(said: Said) -> Reply:
    """Read an answer, whatever it is."""
    status = said.status
    if said.retry_after_s is not None:
        return Throttled(after_s=said.retry_after_s)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Away(status)
    if status == HTTPStatus.BAD_REQUEST:
        return Unclear(status)
    if HTTPStatus.BAD_REQUEST < status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Denied(status)
    return Unclear(status) if said.is_nonsense else _accepted(status, said.content)


def refusal(what: str, reply: Throttled | Unclear | Away | Denied) -> Exception:
    """Say it in the words of the error tree."""
    if isinstance(reply, Throttled):
        return DeviceRefused(f"{what}: asked too often, left alone for {reply.after_s:.0f} s", code=429)
    if isinstance(reply, Away):
        return DeviceUnreachable(f"{what}: HTTP {reply.status}, the charger or a gateway before it is away")
    if isinstance(reply, Unclear):
        return DeviceNonsense(f"{what}: HTTP {reply.status}, perhaps taken in part")
    if reply.status in STRANGERS:
        return CredentialsError(f"{what}: this account may not do that")
    return DeviceRefused(f"{what}: HTTP {reply.status}", code=reply.status)


def _accepted(status: int, content: object) -> Reply:
    if status == HTTPStatus.ACCEPTED:
        told = content[0] if isinstance(content, list) and content else content
        if isinstance(told, dict):
            return _taken(status, told)
        return Already() if told == [] else Unclear(status)
    return Already() if status == HTTPStatus.OK else Unclear(status)


def _taken(status: int, told: Mapping[str, Any]) -> Reply:
    ticks, id_ = told.get("ticks"), told.get("commandId")
    if isinstance(ticks, bool) or not isinstance(ticks, int):
        return Unclear(status)
    if not ticks:
        return Already()
    return Taken(id=id_ if isinstance(id_, int) and not isinstance(id_, bool) else None, ticks=ticks)
