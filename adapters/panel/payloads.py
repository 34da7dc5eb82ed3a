"""Payloads: bytes from anybody -> plain values, or a `Refusal`."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from controller.commands import Refusal

LARGEST_PAYLOAD = 4096
"""No command needs more bytes."""

# Python's float() also takes `1_000`, `nan` and digits of other scripts.
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{0,15})?", re.ASCII)


def text_of(payload: bytes) -> str | Refusal:
    """Decode a payload that should be short UTF-8 text.

    >>> text_of(b" solar ")
    'solar'
    """
    if len(payload) > LARGEST_PAYLOAD:
        return Refusal(reason=f"{len(payload)} bytes: expected at most {LARGEST_PAYLOAD}")
    try:
        return payload.decode().strip()
    except UnicodeDecodeError:
        return Refusal(reason="expected UTF-8 text")


def number_of(payload: bytes) -> float | Refusal | None:
    """Read one bare decimal number; `None` for an empty payload.

    >>> number_of(b"13.5"), number_of(b"")
    (13.5, None)
    """
    text = text_of(payload)
    if isinstance(text, Refusal):
        return text
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        return Refusal(reason=f"{text[:40]!r}: expected a number")
    return float(text)


def fields_of(payload: bytes, names: tuple[str, ...]) -> Mapping[str, object] | Refusal | None:
    """Read one JSON object that has no other keys than `names`; `None` for an empty payload."""
    text = text_of(payload)
    if isinstance(text, Refusal):
        return text
    if not text:
        return None
    expected = f"expected a JSON object with {', '.join(names)}"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Refusal(reason=f"{text[:40]!r}: {expected}")
    if not isinstance(found, dict):
        return Refusal(reason=f"{text[:40]!r}: {expected}")
    if strange := [key for key in found if key not in names]:
        return Refusal(reason=f"unknown key {strange[0][:40]!r}; {expected}")
    return found


def number_in(fields: Mapping[str, object], name: str) -> float | Refusal | None:
    """Take a finite number out of a JSON object; `None` when it is absent or null."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Refusal(reason=f"{name}: expected a number")
    try:
        number = float(value)
    except OverflowError:
        return Refusal(reason=f"{name}: expected a smaller number")
    return number if math.isfinite(number) else Refusal(reason=f"{name}: expected a finite number")


def instant_in(fields: Mapping[str, object], name: str) -> datetime | Refusal:
    """Take an instant (RFC 3339, with its UTC offset) out of a JSON object."""
    refusal = Refusal(reason=f"{name}: expected a time like 2026-06-01T07:00:00+02:00")
    value = fields.get(name)
    if not isinstance(value, str):
        return refusal
    try:
        instant = datetime.fromisoformat(value)
        return refusal if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return refusal
