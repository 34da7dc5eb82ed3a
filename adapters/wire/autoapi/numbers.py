"""Kinds of values with numbers in them: doubles, quantities, and structs of several fields."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.wire.autoapi.kinds import Json, Kind, UnreadableError, Value, bare, finite, measured, number
from adapters.wire.autoapi.units import Measurement, Quantity

_DOUBLE: Final = struct.Struct(">d")
_MEASURED: Final = struct.Struct(">BBd")
_LENGTH: Final = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Double:
    """A big-endian double."""

    def decode(self, raw: bytes) -> Value:
        """Read eight bytes."""
        if len(raw) != _DOUBLE.size:
            raise UnreadableError(f"{len(raw)} bytes, expected {_DOUBLE.size}")
        return finite(_DOUBLE.unpack(raw)[0])

    def encode(self, value: Value) -> bytes:
        """Write eight bytes."""
        if not isinstance(value, int | float):
            raise UnreadableError("expected a number")
        return _DOUBLE.pack(finite(value))

    def to_json(self, value: Value) -> Json:
        """Wrap it."""
        return {"value": value if isinstance(value, int | float) else None}

    def from_json(self, data: Json) -> Value:
        """Take it."""
        return number(bare(data))


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its unit: measurement id, unit id, big-endian double."""

    measurement: Measurement

    def decode(self, raw: bytes) -> Value:
        """Read the ten bytes."""
        if len(raw) != _MEASURED.size:
            raise UnreadableError(f"{len(raw)} bytes, expected {_MEASURED.size}")
        measurement, unit, value = _MEASURED.unpack(raw)
        known = self.measurement.units.get(unit)
        if measurement != self.measurement.id or known is None:
            raise UnreadableError(f"unit {measurement:02x}{unit:02x} is unknown here")
        return Quantity(value=finite(value), unit=known.name, measurement=self.measurement)

    def encode(self, value: Value) -> bytes:
        """Write ten bytes."""
        if not isinstance(value, Quantity) or value.measurement is not self.measurement:
            raise UnreadableError("expected a quantity of another measurement")
        found = self.measurement.by_name(value.unit)
        if found is None:
            raise UnreadableError(f"unit {value.unit!r}: expected one of {self._names()}")
        return _MEASURED.pack(self.measurement.id, found[0], finite(value.value))

    def to_json(self, value: Value) -> Json:
        """Give number and unit."""
        return {"value": value.value, "unit": value.unit} if isinstance(value, Quantity) else None

    def from_json(self, data: Json) -> Value:
        """Take `{"value": 16, "unit": "amperes"}` or `{"amperes": 16}`."""
        if not isinstance(data, dict):
            raise UnreadableError(f"expected a number with one of {self._names()}")
        unit, value = data.get("unit"), data.get("value")
        if "value" not in data and len(data) == 1:
            unit, value = next(iter(data.items()))
        if not isinstance(unit, str) or self.measurement.by_name(unit) is None:
            raise UnreadableError(f"expected a number with one of {self._names()}")
        return Quantity(value=number(value), unit=unit, measurement=self.measurement)

    def _names(self) -> str:
        return ", ".join(unit.name for unit in self.measurement.units.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a struct."""

    name: str
    kind: Kind
    size: int | None
    """In bytes; `None`: told by the two bytes before it."""


@dataclass(frozen=True, slots=True)
class Struct:
    """Fields one after the other."""

    fields: tuple[Field, ...]

    def decode(self, raw: bytes) -> Value:
        """Read every field; bytes after the last are of a later version."""
        found: dict[str, Value] = {}
        for field in self.fields:
            size, raw = _measured_off(field, raw)
            found[field.name] = field.kind.decode(raw[:size])
            raw = raw[size:]
        return found

    def encode(self, value: Value) -> bytes:
        """Write every field."""
        raw = b""
        for field in self.fields:
            part = field.kind.encode(_field(value, field.name))
            raw += part if field.size is not None else measured(part)
        return raw

    def to_json(self, value: Value) -> Json:
        """Wrap each field."""
        return {field.name: field.kind.to_json(_field(value, field.name)) for field in self.fields}

    def from_json(self, data: Json) -> Value:
        """Take each field, wrapped or bare; the whole may be wrapped too."""
        inner = bare(data) if isinstance(data, dict) and "value" in data else data
        if not isinstance(inner, dict):
            raise UnreadableError(f"expected {', '.join(field.name for field in self.fields)}")
        return {field.name: field.kind.from_json(inner.get(field.name)) for field in self.fields}


def _measured_off(field: Field, raw: bytes) -> tuple[int, bytes]:
    """Tell how long the next field is, and what follows its length."""
    if field.size is not None:
        return field.size, raw
    if len(raw) < _LENGTH.size:
        raise UnreadableError(f"ends before {field.name}")
    (size,) = _LENGTH.unpack_from(raw)
    if len(raw) < _LENGTH.size + size:
        raise UnreadableError(f"ends within {field.name}")
    return size, raw[_LENGTH.size :]


def _field(value: Value, name: str) -> Value:
    if not isinstance(value, Mapping) or name not in value:
        raise UnreadableError(f"{name} is missing")
    return value[name]
