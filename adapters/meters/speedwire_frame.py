"""Speedwire telegrams of SMA energy meters. Pure."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.meters.map_file import Channel
from controller.errors import DeviceNonsense

_MAGIC = b"SMA\0"
_PROTOCOL_AT, _SERIAL_AT, _RECORDS_AT = 16, 20, 28
_RECORD = struct.Struct(">HBB")
_ACTUAL, _COUNTER = 4, 8

# Counters are in Ws.
_WS_IN_WH = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """What one meter said: raw numbers by channel."""

    serial: int
    actual: Mapping[int, int]
    counters: Mapping[int, int]


def parse_telegram(payload: bytes, protocol_id: int) -> Telegram | None:
    """Take a telegram apart; `None` for what other devices say on the same port.

    Raises:
        DeviceNonsense: it is an energy meter's, and cut short.
    """
    if not payload.startswith(_MAGIC) or len(payload) < _SERIAL_AT:
        return None
    if int.from_bytes(payload[_PROTOCOL_AT : _PROTOCOL_AT + 2], "big") != protocol_id:
        return None
    if len(payload) < _RECORDS_AT:
        raise DeviceNonsense(f"Speedwire telegram of {len(payload)} bytes ends inside its head")
    serial = int.from_bytes(payload[_SERIAL_AT : _SERIAL_AT + 4], "big")
    actual, counters = _records(payload)
    return Telegram(serial=serial, actual=actual, counters=counters)


def values_of(telegram: Telegram, channels: Mapping[str, Channel]) -> dict[str, float | None]:
    """Turn raw numbers into quantities; `None` for what the telegram does not hold."""
    return {name: _value(telegram, channel) for name, channel in channels.items()}


def _records(payload: bytes) -> tuple[dict[int, int], dict[int, int]]:
    actual: dict[int, int] = {}
    counters: dict[int, int] = {}
    at = _RECORDS_AT
    while at + _RECORD.size <= len(payload):
        channel, kind, _tariff = _RECORD.unpack_from(payload, at)
        if (channel, kind) == (0, 0):
            break
        at += _RECORD.size
        size = 8 if kind == _COUNTER else 4
        if at + size > len(payload):
            raise DeviceNonsense(f"Speedwire telegram of {len(payload)} bytes ends inside channel {channel}")
        number = int.from_bytes(payload[at : at + size], "big")
        if kind in (_ACTUAL, _COUNTER):
            (actual if kind == _ACTUAL else counters)[channel] = number
        at += size
    return actual, counters


def _value(telegram: Telegram, channel: Channel) -> float | None:
    if channel.counter:
        counted = telegram.counters.get(channel.channel)
        return None if counted is None else counted * channel.scale / _WS_IN_WH
    number = telegram.actual.get(channel.channel)
    return None if number is None else number * channel.scale
