"""Kinds of values: how each is laid out in bytes, in JSON, and in a command's arguments."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from adapters.wire.autoapi.units import Quantity

Value = str | int | float | bytes | Quantity | Mapping[str, "Value"]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_UNKNOWN: Final = "unknown_"
_BYTE: Final = 255
_LONGEST: Final = 65_535


class UnreadableError(ValueError):
    """A value that is not of its kind."""


class Kind(Protocol):
    """How one kind of value is written."""

    def decode(self, raw: bytes) -> Value:
        """Read it from bytes.

        Raises:
            UnreadableError: they hold no such value.
        """

    def encode(self, value: Value) -> bytes:
        """Write it as bytes; errors as above."""

    def to_json(self, value: Value) -> Json:
        """Write it as the `data` of a property in JSON."""

    def from_json(self, data: Json) -> Value:
        """Read it from JSON, wrapped as `{"value": ...}` or bare; errors as above."""


@dataclass(frozen=True, slots=True)
class Words:
    """One byte that stands for a word; a byte that nobody knows stays as `unknown_7`."""

    names: tuple[str, ...]

    def decode(self, raw: bytes) -> Value:
        """Read one byte."""
        if len(raw) != 1:
            raise UnreadableError(f"{len(raw)} bytes for one word")
        return self.names[raw[0]] if raw[0] < len(self.names) else f"{_UNKNOWN}{raw[0]}"

    def encode(self, value: Value) -> bytes:
        """Write one byte."""
        if isinstance(value, str) and value in self.names:
            return bytes([self.names.index(value)])
        number = str(value).removeprefix(_UNKNOWN)
        if str(value) != number and number.isascii() and number.isdigit() and int(number) <= _BYTE:
            return bytes([int(number)])
        raise UnreadableError(f"expected one of {', '.join(self.names)}")

    def to_json(self, value: Value) -> Json:
        """Wrap the word."""
        return {"value": str(value)}

    def from_json(self, data: Json) -> Value:
        """Take the word; one that nobody knows stays as it is."""
        word = bare(data)
        if not isinstance(word, str):
            raise UnreadableError("expected a word")
        return word


@dataclass(frozen=True, slots=True)
class Text:
    """UTF-8."""

    def decode(self, raw: bytes) -> Value:
        """Read all bytes."""
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise UnreadableError("not UTF-8") from error

    def encode(self, value: Value) -> bytes:
        """Write all of it."""
        try:
            return str(value).encode()
        except UnicodeEncodeError as error:
            raise UnreadableError("no text that UTF-8 can hold") from error

    def to_json(self, value: Value) -> Json:
        """Wrap the text."""
        return {"value": str(value)}

    def from_json(self, data: Json) -> Value:
        """Take the text."""
        text = bare(data)
        if not isinstance(text, str):
            raise UnreadableError("expected a text")
        return text


@dataclass(frozen=True, slots=True)
class Whole:
    """An unsigned number, big-endian."""

    size: int

    def decode(self, raw: bytes) -> Value:
        """Read exactly its bytes."""
        if len(raw) != self.size:
            raise UnreadableError(f"{len(raw)} bytes, expected {self.size}")
        return int.from_bytes(raw)

    def encode(self, value: Value) -> bytes:
        """Write exactly its bytes."""
        if not isinstance(value, int) or not 0 <= value < 1 << (8 * self.size):
            raise UnreadableError(f"expected a whole number of {self.size} bytes")
        return value.to_bytes(self.size)

    def to_json(self, value: Value) -> Json:
        """Wrap the number."""
        return {"value": value if isinstance(value, int) else None}

    def from_json(self, data: Json) -> Value:
        """Take the number."""
        number = bare(data)
        if not isinstance(number, int) or isinstance(number, bool):
            raise UnreadableError("expected a whole number")
        return number


@dataclass(frozen=True, slots=True)
class Octets:
    """Bytes as they are: a list of numbers in JSON."""

    size: int | None = None

    def decode(self, raw: bytes) -> Value:
        """Take them."""
        if self.size is not None and len(raw) != self.size:
            raise UnreadableError(f"{len(raw)} bytes, expected {self.size}")
        return raw

    def encode(self, value: Value) -> bytes:
        """Give them."""
        if not isinstance(value, bytes):
            raise UnreadableError("expected bytes")
        return value

    def to_json(self, value: Value) -> Json:
        """List them."""
        return list(value) if isinstance(value, bytes) else None

    def from_json(self, data: Json) -> Value:
        """Take the list."""
        numbers = bare(data)
        if not isinstance(numbers, list):
            raise UnreadableError("expected a list of bytes")
        if not all(isinstance(number, int) and 0 <= number <= _BYTE for number in numbers):
            raise UnreadableError("expected a list of bytes")
        return bytes(number for number in numbers if isinstance(number, int))


def number(value: Json) -> float:
    """Take a finite number.

    Raises:
        UnreadableError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableError("expected a number")
    try:
        return finite(float(value))
    except OverflowError as error:
        raise UnreadableError("not a finite number") from error


def measured(content: bytes) -> bytes:
    """Put the length of some content before it, in two bytes.

    Raises:
        UnreadableError: it is longer than two bytes can tell.
    """
    if len(content) > _LONGEST:
        raise UnreadableError(f"{len(content)} bytes are more than a message can hold")
    return len(content).to_bytes(2) + content


def finite(value: float) -> float:
    """Refuse infinities and what is no number."""
    if not math.isfinite(value):
        raise UnreadableError("not a finite number")
    return value


def bare(data: Json) -> Json:
    """Take a value out of its `{"value": ...}`, if it is in one."""
    return data.get("value") if isinstance(data, dict) else data
