"""Tolerant reading of what a Tesla tells: nulls, `<invalid>`, numbers as text, fields that are missing."""

import math
from collections.abc import Mapping
from typing import Final

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_INVALID: Final = frozenset({"", "<invalid>"})


def members(raw: Json) -> Mapping[str, Json]:
    """Take an object; anything else has no members.

    >>> members({"a": 1}), members([1])
    ({'a': 1}, {})
    """
    return raw if isinstance(raw, dict) else {}


def number(raw: Json) -> float | None:
    """Read a number; numeric text counts, truth values and infinities do not.

    >>> number(16), number("16"), number(True), number(None)
    (16.0, 16.0, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def current(raw: Json) -> float | None:
    """Read a current in A; what no car carries is none."""
    value = number(raw)
    return value if value is not None and 0.0 <= value <= 100.0 else None  # noqa: PLR2004 - no AC cable does more


def flag(raw: Json) -> bool | None:
    """Read a truth value."""
    return raw if isinstance(raw, bool) else None


def text(raw: Json) -> str | None:
    """Read a word.

    >>> text("Charging"), text("<invalid>"), text(3)
    ('Charging', None, None)
    """
    return raw if isinstance(raw, str) and raw not in _INVALID else None
