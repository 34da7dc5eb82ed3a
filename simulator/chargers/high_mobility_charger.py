"""What a simulated Home Charger does with a message, and how it answers in auto-api bytes."""

from dataclasses import dataclass
from typing import Final

from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.wire.autoapi.messages import (
    AVAILABILITY,
    FAILURE_MESSAGE,
    GET,
    SET,
    MalformedError,
    Message,
    decode,
    encode,
)
from adapters.wire.autoapi.properties import Property
from simulator.chargers.high_mobility_device import HomeChargerDevice, RefusedError
from simulator.chargers.high_mobility_faults import Faults

_HEADER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A message as the charger understands it."""

    name: str
    """`getState`, `getAvailability` or `set`."""
    names: tuple[str, ...] = ()
    """The properties asked for."""
    sent: tuple[Property, ...] = ()


def understood(raw: bytes) -> Command | None:
    """Read a command; `None`: it makes no sense."""
    if raw[1:3] != HOME_CHARGER.id.to_bytes(2) or len(raw) < _HEADER:
        return None
    if raw[3] in (GET, AVAILABILITY):
        names = tuple(HOME_CHARGER.by_id[key].name for key in raw[_HEADER:] if key in HOME_CHARGER.by_id)
        return Command(name="getState" if raw[3] == GET else "getAvailability", names=names)
    try:
        message: Message = decode(raw, (HOME_CHARGER,))
    except MalformedError:
        return None
    if not message.properties or any(part.failure for part in message.properties):
        return None
    return Command(name="set", sent=message.properties)


def carried_out(device: HomeChargerDevice, faults: Faults, command: Command) -> tuple[Property, ...]:
    """Do it and tell the properties that answer.

    Raises:
        RefusedError: the whole command failed.
    """
    if faults.refuses(command.name):
        raise RefusedError(faults.refuse, "Refused by the twin")
    if command.name == "set":
        return device.take(command.sent, faults)
    if command.name == "getAvailability":
        return device.availability(command.names)
    return device.state(command.names, faults)


def answered(device: HomeChargerDevice, faults: Faults, raw: bytes) -> bytes:
    """Carry a message out and write the answer."""
    command = understood(raw)
    if command is None:
        return _failure(raw, RefusedError("invalid_command", "Not understood"))
    try:
        told = carried_out(device, faults, command)
    except RefusedError as refusal:
        return _failure(raw, refusal)
    return encode(HOME_CHARGER, SET, told)


def _failure(raw: bytes, refusal: RefusedError) -> bytes:
    return encode(
        FAILURE_MESSAGE,
        SET,
        (
            Property(name="failedMessageID", value=int.from_bytes(raw[1:3])),
            Property(name="failedMessageType", value=raw[3] if len(raw) >= _HEADER else 0),
            Property(name="failureReason", value=refusal.reason),
            Property(name="failureDescription", value=refusal.description),
        ),
    )
