"""Modes: named stacks of policies with their parameters, and the policies that stand in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.domain.wishes import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A named stack of policies that a person picks for a charger."""

    name: str
    stack: tuple[str, ...]
    """Policy names; the first stated preference in this order counts."""
    settings: Mapping[str, Mapping[str, float]]
    """Every parameter of every policy of the stack, defaults filled in: policy -> parameter -> value."""
    says: str = ""
    """One line for people: what this mode does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All modes, and the policies they are made of; validated as a whole, swapped between ticks."""

    modes: Mapping[str, Mode]
    registry: Mapping[str, Policy]
    """Every policy that exists, by its name."""
    boost: str = "fast"
    """The mode that a boost puts a charger into until it ends."""
