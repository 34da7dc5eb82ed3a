"""Tolerant reading of what EVerest publishes: what is missing or of the wrong type is `None`."""

import math
from typing import Final

from adapters.wire.everest import Json
from controller.domain.units import MaybePhases

IMPOSSIBLE_A: Final = 200.0
"""No EVSE of a house has more."""
LONGEST: Final = 100
"""No name, id or reason is longer."""


def part(value: Json, *keys: str) -> Json:
    """Walk into nested objects; `None` where the way ends.

    >>> part({"a": {"b": 1}}, "a", "b"), part([], "a")
    (1, None)
    """
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def number(value: Json) -> float | None:
    """Read a number, plain or with its source.

    >>> number(10), number({"value": 10.5, "source": "ems"}), number(True), number("10")
    (10.0, 10.5, None, None)
    """
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if math.isfinite(read) else None


def whole(value: Json) -> int | None:
    """Read a whole number."""
    read = number(value)
    return None if read is None else int(read)


def text(value: Json, longest: int = LONGEST) -> str | None:
    """Read a text; what is longer than any of its kind is cut.

    >>> text("s1"), text(1), text("longer", 4)
    ('s1', None, 'long')
    """
    return value[:longest] if isinstance(value, str) else None


def word(value: str) -> str:
    """Take what somebody else wrote for people to read: short, and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in value[:LONGEST])


def flag(value: Json) -> bool | None:
    """Read a truth value."""
    return value if isinstance(value, bool) else None


def phases(value: Json) -> MaybePhases:
    """Read one number a phase.

    >>> phases({"L1": 10.0, "L3": 0.5, "N": 9.5})
    (10.0, None, 0.5)
    """
    return number(part(value, "L1")), number(part(value, "L2")), number(part(value, "L3"))
