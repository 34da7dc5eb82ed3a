"""Values: numbers and instants as people and other programs read them."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = "str | float | bool | Mapping[str, Json] | Sequence[Json] | None"


def amperes(value: float | None) -> float | None:
    """Round to a tenth.

    >>> amperes(9.97), amperes(None)
    (10, None)
    """
    return _rounded(value, 1)


def watts(value: float | None) -> float | None:
    """Round to whole watts."""
    return _rounded(value, 0)


def kilo(value_wh: float | None) -> float | None:
    """Turn Wh into kWh with two digits."""
    return None if value_wh is None else _rounded(value_wh / 1000, 2)


def money(per_kwh: float) -> float | None:
    """Round a price to a thousandth of a cent."""
    return _rounded(per_kwh, 5)


def plain(value: float) -> float | None:
    """Keep a number as it is, without the point of a whole one."""
    return _rounded(value, 6)


def instant(at: datetime | None) -> str | None:
    """Write an instant in UTC to the second (RFC 3339).

    >>> instant(datetime(2026, 6, 1, 12, 30, tzinfo=UTC))
    '2026-06-01T12:30:00Z'
    """
    if at is None:
        return None
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def as_payload(value: Json) -> bytes:
    """Write a value: text bare, everything else as JSON.

    >>> as_payload("solar"), as_payload(None), as_payload({"until": None})
    (b'solar', b'null', b'{"until":null}')
    """
    if isinstance(value, str):
        return value.encode(errors="replace")
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def _rounded(value: float | None, digits: int) -> float | None:
    """Round; whole numbers lose their point, and what is not finite is not known."""
    if value is None or not math.isfinite(value):
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
