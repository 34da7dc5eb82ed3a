"""Tolerant reading of what firmware answers: keys with blanks, numbers as text, fields that are missing."""

import math
from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields
from typing import Any, ClassVar, Protocol, TypeVar

from adapters.wire.jsonrpc_reply import Json
from controller.errors import DeviceNonsense


class Answer(Protocol):
    """A frozen dataclass whose fields say by which key they are told, and how they are read."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


A = TypeVar("A", bound=Answer)


def told(read: Callable[[Json], object], *keys: str) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Declare a field of an answer: `None` until told; by its own name unless `keys` are given."""
    return field(default=None, metadata={"read": read, "keys": keys})


def untold() -> Any:  # noqa: ANN401 - as dataclasses.field
    """Declare the field that keeps what no other field took."""
    return field(default_factory=dict, metadata={"rest": True})


def answer(kind: type[A], raw: Json) -> A:
    """Read an answer; unknown keys go to the field declared by `untold`.

    Raises:
        DeviceNonsense: not an object.
    """
    given = normal(raw)
    read: dict[str, object] = {}
    rest = None
    for part in fields(kind):
        if "rest" in part.metadata:
            rest = part.name
            continue
        keys = part.metadata["keys"] or (part.name,)
        found = [given.pop(key) for key in keys if key in given]
        read[part.name] = part.metadata["read"](found[0]) if found else None
    if rest is not None:
        read[rest] = given
    return kind(**read)


def normal(raw: Json) -> dict[str, Json]:
    """Strip the blanks off the keys and make them lower case.

    >>> normal({"EM_current ": 16})
    {'em_current': 16}
    """
    if not isinstance(raw, dict):
        raise DeviceNonsense(f"expected an object, was answered {str(raw)[:80]!r}")
    return {key.strip().lower(): value for key, value in raw.items()}


def number(raw: Json) -> float | None:
    """Read a number; numeric text counts, truth values and infinities do not.

    >>> number("237.5"), number(True), number(None)
    (237.5, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def whole(raw: Json) -> int | None:
    """Read a whole number."""
    value = number(raw)
    return None if value is None else int(value)


def flag(raw: Json) -> bool | None:
    """Read a truth value; old firmware may send it as text.

    >>> flag(True), flag("false"), flag(1)
    (True, False, None)
    """
    if isinstance(raw, str):
        return {"true": True, "false": False}.get(raw.strip().lower())
    return raw if isinstance(raw, bool) else None


def text(raw: Json) -> str | None:
    """Read a string."""
    return raw if isinstance(raw, str) else None


def three(raw: Json) -> tuple[float | None, float | None, float | None] | None:
    """Read one number a phase."""
    if not isinstance(raw, list):
        return None
    first, second, third = [*map(number, raw[:3]), None, None, None][:3]
    return first, second, third


def flags(raw: Mapping[str, Json]) -> dict[str, bool]:
    """Read every truth value of an object."""
    read = {key: flag(value) for key, value in raw.items()}
    return {key: value for key, value in read.items() if value is not None}
