"""Bodies on an operator's stream, as a simulated charger writes and reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulator.chargers.easee_faults import BodyForm, EaseeFaults
from simulator.chargers.easee_observed import Value

_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A command as it arrived."""

    id: int
    arguments: Mapping[int, str] = field(default_factory=dict)
    expires: datetime
    made: datetime
    """When the cloud took it."""
    origin: str = ""

    @property
    def ticks(self) -> int:
        """100 ns since the year 1, by which the cloud knows it."""
        since = self.made - _YEAR_ONE
        return (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10


def sent_of(key: str, body: bytes, headers: Mapping[str, Any], now: datetime) -> Sent | None:
    """Read a command; `None` when it is none."""
    try:
        content = json.loads(body)
        return Sent(
            id=int(key.split(".")[2]),
            arguments={int(one["Id"]): _text(one["Value"]) for one in content["Arguments"]},
            expires=datetime.fromisoformat(content["ExpiresAt"]),
            made=now,
            origin=str(headers.get("OriginApplication", "")),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _text(value: object) -> str:
    """Take an argument's value, which is always a string."""
    if not isinstance(value, str):
        raise TypeError(f"an argument of type {type(value).__name__}")
    return value


def observation_body(faults: EaseeFaults, serial: str, id_: int, value: Value, at: datetime) -> bytes:
    """Write an observation; its time has whole seconds."""
    told = {"Timestamp": stamp(at.replace(microsecond=0)), "Value": _told(faults, value)}
    if faults.form is BodyForm.BARE:
        return json.dumps(told).encode()
    inner = {"Id": id_, "Name": f"Observation{id_}", "Description": "", **told}
    return _wrapped(faults, "Observation", inner, f"{serial}.O.{id_}", at)


def response_body(faults: EaseeFaults, serial: str, sent: Sent, at: datetime, *, accepted: bool) -> bytes:
    """Write a response; its ticks are those of the moment when the command was made."""
    inner = {
        "Comment": None,
        "DeliveredAt": stamp(at),
        "Id": sent.id,
        "ResultCode": None,
        "SerialNumber": serial,
        "Ticks": sent.ticks,
        "Timestamp": stamp(sent.made),
        "WasAccepted": accepted,
    }
    return _wrapped(faults, "CommandResponse", inner, f"{serial}.CR.{sent.id}", at)


def _wrapped(faults: EaseeFaults, name: str, inner: dict[str, Any], key: str, at: datetime) -> bytes:
    if faults.form is not BodyForm.WRAPPED:
        return json.dumps(inner).encode()
    return json.dumps({"ArrivalTime": stamp(at), name: inner, "RoutingKey": key}).encode()


def _told(faults: EaseeFaults, value: Value) -> Value:
    if not faults.text_values:
        return value
    return str(int(value)) if isinstance(value, bool) else str(value)


def stamp(at: datetime) -> str:
    """Write an instant as the cloud does."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "0Z")
