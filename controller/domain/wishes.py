"""Wishes: what policies may say, what they may look at, and how it combines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from controller.domain.reasons import Reason
from controller.domain.units import ChargerId, CircuitId, Phases
from controller.domain.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One tuning value of a policy, with its unit and bounds."""

    name: str
    """Ends in its unit: `start_w`, `delay_s`."""
    default: float
    low: float
    high: float
    says: str
    """One line for people: what it does."""
    whole: bool = False
    """Only whole numbers; a switch is a whole number from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One policy's word about one charger.

    The first stated preference in the order of the mode's stack counts. Any policy may lower the ceiling;
    nothing raises it.
    """

    charger: ChargerId
    preferred_a: float | None = None
    """How much this charger should like to have; `None` states no preference."""
    ceiling_a: float | None = None
    """At most this; 0 pauses."""
    reason: Reason
    until_mono_s: float | None = None
    """When this word may change by itself, if the policy knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit that a group of chargers shares; a row of the allocator beside the circuits."""

    id: str
    chargers: tuple[ChargerId, ...]
    limit_w: float | None = None
    limit_a: Phases | None = None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterWish:
    """A policy's per-phase limit for a circuit that has its own limiter."""

    circuit: CircuitId
    limit_a: Phases
    reason: Reason


PolicyMemory = Mapping[str, tuple[float, ...]]
"""What a policy carries from tick to tick, by key (usually a charger's id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """All that one policy says in one tick."""

    wishes: tuple[Wish, ...] = ()
    budgets: tuple[Budget, ...] = ()
    limiters: tuple[LimiterWish, ...] = ()
    memory: PolicyMemory = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A charger whose mode has the policy in its stack, with that mode's parameters."""

    charger: ChargerId
    mode: str
    settings: Mapping[str, float]


class Policy(Protocol):
    """One preference of people, judged once a tick for all chargers whose mode has it.

    Pure and total: no clock, no I/O, no randomness; a missing value leads to a cautious word.
    """

    name: str
    parameters: tuple[Parameter, ...]

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Say what this policy wants for its members.

        `members` come in the order in which they would be served: priority, longest wait, id.
        """
