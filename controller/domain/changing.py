"""Changing: `dataclasses.replace` for the pages that every tick turns over, at half its price.

On a site with thousands of chargers a tick would otherwise spend most of its time in `replace`.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

_T = TypeVar("_T")


def changed(value: _T, **changes: Any) -> _T:  # noqa: ANN401 - as dataclasses.replace
    """Copy a frozen dataclass with slots and without `__post_init__`, with some fields changed.

    >>> from controller.domain.snapshot import Promise
    >>> changed(Promise(settled_a=6.0, known=True), settled_a=0.0) == Promise(settled_a=0.0, known=True)
    True
    """
    values, setters = _slots(type(value))  # type: ignore[arg-type] # every class can be hashed
    copy = object.__new__(type(value))
    for fill, kept in zip(setters, values(value), strict=True):
        fill(copy, kept)
    for name, new in changes.items():
        object.__setattr__(copy, name, new)
    return copy


@cache
def _slots(kind: type) -> tuple[Callable[[object], tuple[object, ...]], tuple[Callable[..., None], ...]]:
    """List how to read and to fill every slot of a dataclass with at least two fields."""
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), tuple(getattr(kind, name).__set__ for name in names)
