"""What travels over the operator's queue: routing keys, bodies in three forms, ticks, the string codec."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from controller.errors import DeviceNonsense

_SHOWN: Final = 80
_YEAR_ONE: Final = datetime(1, 1, 1, tzinfo=UTC)
_TICKS_PER_US: Final = 10
_INNER: Final = ("Observation", "CommandResponse")
_LARGEST_BYTES: Final = 65_536
_KEY: Final = re.compile(r"([A-Za-z0-9_-]{1,40})\.([A-Za-z]{1,8})\.([0-9]{1,9})(\..*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Route:
    """A routing key: `<Serial>.<Kind>.<Id>`; some kinds carry more parts, which say nothing to us."""

    serial: str
    kind: str
    """`O` observation, `CR` command response, `C` command; others exist."""
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One observation as it arrived."""

    id: int
    value: object
    """As it was sent: JSON's own type, or text."""
    at: datetime | None
    """By the device's clock, whole seconds; may be before the command that caused it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a charger said to a command, whoever sent it."""

    id: int
    accepted: bool
    at: datetime | None = None
    """When the command was made, by the cloud's clock."""
    ticks: int | None = None
    code: int | None = None
    """Nobody has published what it means: only `accepted` counts."""
    comment: str = ""
    delivered: bool = True
    """The charger itself said so; else a cloud did, which believes that nothing had to be sent."""


def route(key: str) -> Route | None:
    """Read a routing key; `None` when it is none.

    >>> route("EH000281.CR.48")
    Route(serial='EH000281', kind='CR', id=48)
    """
    found = _KEY.fullmatch(key)
    return None if found is None else Route(found[1], found[2], int(found[3]))


def observed(where: Route, body: bytes) -> Observed:
    """Read an observation in any of its three forms: bare, with its names, wrapped.

    Raises:
        DeviceNonsense: it is none.
    """
    content = _content(body)
    if "Value" not in content:
        raise DeviceNonsense(f"{_named(where)}: no value in {_shown(body)}")
    _check_id(where, content)
    return Observed(id=where.id, value=content["Value"], at=instant(content.get("Timestamp")))


def response(where: Route, body: bytes) -> Response:
    """Read a command response, bare or wrapped.

    Raises:
        DeviceNonsense: it is none.
    """
    content = _content(body)
    accepted = content.get("WasAccepted")
    if not isinstance(accepted, bool):
        raise DeviceNonsense(f"{_named(where)}: does not say whether it was accepted: {_shown(body)}")
    _check_id(where, content)
    if content.get("SerialNumber", where.serial) != where.serial:
        raise DeviceNonsense(f"{_named(where)}: its body is of another charger: {_shown(body)}")
    comment = content.get("Comment")
    return Response(
        id=where.id,
        accepted=accepted,
        at=instant(content.get("Timestamp")),
        ticks=_whole(content.get("Ticks")),
        code=_whole(content.get("ResultCode")),
        comment=comment[:_SHOWN] if isinstance(comment, str) else "",
    )


def command(id_: int, arguments: Sequence[str], expires: datetime, made: datetime | None = None) -> bytes:
    """Put a command into its body; argument ids count from 1 in their documented order.

    `made` adds the command's own time stamp, which the document does not know; its forerunner did.
    """
    body: dict[str, Any] = {
        "Id": id_,
        "ExpiresAt": stamp(expires),
        "Arguments": [{"Id": n, "Value": value} for n, value in enumerate(arguments, start=1)],
    }
    if made is not None:
        body["Timestamp"] = stamp(made)
    return json.dumps(body).encode()


def encoded(value: bool | float | str, *, words: bool = False) -> str:  # noqa: FBT001 - any value of an argument
    """Put an argument into the string codec; `words` spells truth as `true` and `false`.

    >>> encoded(True), encoded(13), encoded(15.5), encoded(16.0), encoded("tag")
    ('1', '13', '15.5', '16', 'tag')
    """
    if isinstance(value, bool):
        return str(value).lower() if words else str(int(value))
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def stamp(at: datetime) -> str:
    """Write an instant as the cloud does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant(raw: object) -> datetime | None:
    """Read an instant, of whatever fraction; `None` when it is none.

    >>> instant("2023-06-08T06:59:16.6468930Z").microsecond
    646893
    """
    if not isinstance(raw, str):
        return None
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        return None
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        return None


def arrival(raw: object) -> datetime | None:
    """Read the header that tells when a message reached the cloud, as text or in AMQP's own type."""
    if isinstance(raw, datetime):
        return raw if raw.tzinfo is not None else raw.replace(tzinfo=UTC)
    return instant(raw)


def ticks_of(at: datetime) -> int:
    """Count 100 ns since the year 1; exact, as it never becomes a float.

    >>> ticks_of(instant("2023-06-08T06:59:16.6468930Z"))
    638218043566468930
    """
    return (at - _YEAR_ONE) // timedelta(microseconds=1) * _TICKS_PER_US


def _content(body: bytes) -> dict[str, Any]:
    """Unwrap a body to the object that holds the news."""
    if len(body) > _LARGEST_BYTES:
        raise DeviceNonsense(f"a message of {len(body)} bytes")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DeviceNonsense(f"no JSON: {_shown(body)}") from error
    for name in _INNER:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
    if not isinstance(content, dict):
        raise DeviceNonsense(f"no object: {_shown(body)}")
    return content


def _check_id(where: Route, content: dict[str, Any]) -> None:
    told = content.get("Id")
    if told is not None and told != where.id:
        raise DeviceNonsense(f"{_named(where)}: its body is about {str(told)[:_SHOWN]}")


def _named(where: Route) -> str:
    return f"{where.kind} {where.id}"


def _whole(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _shown(body: bytes) -> str:
    return repr(body[:_SHOWN].decode(errors="replace"))
