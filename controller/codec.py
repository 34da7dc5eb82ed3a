"""Codec: snapshots and decisions as JSON, the same bytes for equal values.

Keys and mappings are sorted, sets are sorted lists, whole numbers are written without a point (25 and 25.0
are equal, so they look equal), instants are RFC 3339 in UTC. A number that is not finite is refused: JSON
has no word for it, and `null` would come back as another value than the one that was decided on.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from hashlib import blake2b
from math import isfinite
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from controller.domain.site import Site
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.errors import SettingsError

# Beyond this, a float no longer tells neighbouring whole numbers apart.
_WHOLE_BELOW = 2.0**53

_Value = TypeVar("_Value")
_Json = dict[str, Any] | list[Any] | str | float | bool | None


def snapshot_json(snapshot: Snapshot) -> bytes:
    """Write a whole snapshot, its site included.

    Raises:
        ValueError: a number in it is not finite.
    """
    return _dump(_plain(snapshot))


def site_json(site: Site) -> bytes:
    """Write a site; the journal keeps each site once and every tick without it.

    Raises:
        ValueError: a number in it is not finite.
    """
    return _dump(_plain(site))


def tick_json(snapshot: Snapshot) -> bytes:
    """Write a snapshot without its site.

    Raises:
        ValueError: a number in it is not finite.
    """
    return _dump(_plain_fields(snapshot, leave_out="site"))


def decision_json(decision: Decision) -> bytes:
    """Write a decision.

    Raises:
        ValueError: a number in it is not finite.
    """
    return _dump(_plain(decision))


def snapshot_from_json(text: bytes, source: str = "snapshot") -> Snapshot:
    """Read a whole snapshot back.

    Raises:
        SettingsError: `source` does not hold one; names the first key that is wrong.
    """
    return _read(_snapshots(), text, source)


def site_from_json(text: bytes, source: str = "site") -> Site:
    """Read a site back; errors as for a snapshot."""
    return _read(_sites(), text, source)


def tick_from_json(text: bytes, site: Site, source: str = "tick") -> Snapshot:
    """Read a snapshot back that was written without its site; errors as for a snapshot.

    All ticks that are read with one `site` share it, and what it has computed once.
    """
    with_site = from_json(text)
    with_site["site"] = site
    try:
        return _snapshots().validate_python((with_site,))[0]
    except ValidationError as error:
        raise _refusal(source, error) from error


def decision_from_json(text: bytes, source: str = "decision") -> Decision:
    """Read a decision back; errors as for a snapshot."""
    return _read(_decisions(), text, source)


def digest(decision: Decision) -> str:
    """Tell a decision's fingerprint: equal decisions have equal ones, on every machine."""
    return fingerprint(decision_json(decision))


def fingerprint(text: bytes) -> str:
    """Tell 128 bits of BLAKE2b of what was written, as hexadecimal digits."""
    return blake2b(text, digest_size=16).hexdigest()


def schema(name: Literal["snapshot", "decision"]) -> dict[str, Any]:
    """Describe the JSON of a snapshot or a decision as JSON Schema."""
    adapter: TypeAdapter[Any] = _snapshots() if name == "snapshot" else _decisions()
    wrapped = adapter.json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        **wrapped["prefixItems"][0],
        "$defs": wrapped["$defs"],
    }


def _dump(plain: _Json) -> bytes:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _plain(value: object) -> _Json:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return _plain_many(value)


def _plain_many(value: object) -> _Json:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted((_plain(item) for item in value), key=str)
    return _plain_fields(value)


def _plain_fields(value: object, leave_out: str = "") -> _Json:
    if not is_dataclass(value):
        raise ValueError(f"{type(value).__name__} has no place in a snapshot or a decision")
    return {
        field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != leave_out
    }


def _number(value: float) -> float:
    if not isfinite(value):
        raise ValueError(f"{value} is not a number that can be recorded")
    return int(value) if value.is_integer() and abs(value) < _WHOLE_BELOW else value


# The settings of a type adapter do not reach a bare dataclass; inside a tuple of one they do.
_STRICTLY = ConfigDict(extra="forbid", allow_inf_nan=False)


@cache
def _snapshots() -> TypeAdapter[tuple[Snapshot]]:
    return TypeAdapter(tuple[Snapshot], config=_STRICTLY)


@cache
def _sites() -> TypeAdapter[tuple[Site]]:
    return TypeAdapter(tuple[Site], config=_STRICTLY)


@cache
def _decisions() -> TypeAdapter[tuple[Decision]]:
    return TypeAdapter(tuple[Decision], config=_STRICTLY)


def _read(adapter: TypeAdapter[tuple[_Value]], text: bytes, source: str) -> _Value:
    try:
        return adapter.validate_json(b"[" + text + b"]")[0]
    except ValidationError as error:
        raise _refusal(source, error) from error


def _refusal(source: str, error: ValidationError) -> SettingsError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"][1:])
    value = first["input"] if isinstance(first["input"], str | int | float) else None
    return SettingsError(source, key, value if key else None, first["msg"])
