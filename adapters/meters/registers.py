"""Registers: what one value looks like on the wire, and how words turn into it."""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

WordType = Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
WordOrder = Literal["big", "little"]

Image = Mapping[tuple[int, int], int]
"""What was read: word by (function code, address)."""

WORDS: Mapping[WordType, int] = {
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "int64": 4,
    "uint64": 4,
    "float32": 2,
    "float64": 4,
}

# SunSpec allows scale factors of -10 to 10; anything else is the mark of a value that does not exist.
_LARGEST_EXPONENT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Where one value is and what it means; scaled it is V, A, W, Wh or Hz, positive into the site."""

    name: str
    address: int
    """0-based, as on the wire."""
    function_code: int
    type: WordType
    word_order: WordOrder = "big"
    scale: float = 1.0
    scale_factor_at: int | None = None
    """Address of an int16 exponent of ten (SunSpec)."""
    invalid: int | None = None
    """The raw number that stands for "no value"."""
    invalid_high_word: int | None = None
    """The highest word that stands for "no value"."""
    magnitude: bool = False
    """Whether the sign is noise: some devices count energy downward."""
    optional: bool = False
    """Whether models without it exist."""

    @property
    def words(self) -> int:
        """How many registers the value takes."""
        return WORDS[self.type]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """(address, words) of everything that the value needs, its scale factor included."""
        own = (self.address, self.words)
        return (own,) if self.scale_factor_at is None else (own, (self.scale_factor_at, 1))

    def raw_words(self, image: Image) -> tuple[int, ...] | None:
        """Pick the value's words, or `None` when they were not read."""
        words = [image.get((self.function_code, self.address + index)) for index in range(self.words)]
        known = tuple(word for word in words if word is not None)
        return known if len(known) == self.words else None


def value_of(register: Register, image: Image) -> float | None:
    """Turn words into the quantity; `None` when it was not read, is marked as no value or is not finite.

    >>> volts = Register(name="voltage_l1_v", address=0, function_code=4, type="uint16", scale=0.1)
    >>> value_of(volts, {(4, 0): 2300})
    230.0
    """
    words = register.raw_words(image)
    exponent = _exponent(register, image)
    if words is None or exponent is None:
        return None
    raw = _number(words, register)
    if raw is None:
        return None
    value = raw * register.scale * 10.0**exponent
    if not math.isfinite(value):
        return None
    return abs(value) if register.magnitude else value


def signed16(word: int) -> int:
    """Read one word as a signed number.

    >>> signed16(0xFFFE)
    -2
    """
    return word - 0x10000 if word & 0x8000 else word


def _exponent(register: Register, image: Image) -> int | None:
    if register.scale_factor_at is None:
        return 0
    word = image.get((register.function_code, register.scale_factor_at))
    if word is None:
        return None
    exponent = signed16(word)
    return exponent if abs(exponent) <= _LARGEST_EXPONENT else None


def _number(words: tuple[int, ...], register: Register) -> float | None:
    ordered = words if register.word_order == "big" else words[::-1]
    if register.invalid_high_word is not None and ordered[0] == register.invalid_high_word:
        return None
    content = b"".join(word.to_bytes(2, "big") for word in ordered)
    if register.type.startswith("float"):
        found: float = struct.unpack(">f" if register.type == "float32" else ">d", content)[0]
        return found
    number = int.from_bytes(content, "big", signed=register.type.startswith("int"))
    return None if number == register.invalid else float(number)
