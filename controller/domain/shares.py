"""Shares: the allocator's question and its answer, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.domain.reasons import Reason
from controller.domain.units import ChargerId, CircuitId, Grid, Phases
from controller.domain.wishes import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A circuit as the allocator sees it: what it bears and what is already on it."""

    id: CircuitId
    parent: CircuitId | None
    limit_a: Phases
    limit_w: float | None = None
    background_a: Phases
    """Everything in and below it except the claims."""
    background_w: float | None = None
    """`None`: voltage times the sum of `background_a`."""
    imbalance_a: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One charger's claim to a share."""

    id: ChargerId
    circuit: CircuitId
    phases: tuple[int, ...]
    """Grid phases (lines) that each ampere loads."""
    min_a: float = 6.0
    max_a: float = 32.0
    step_a: float = 1.0
    wanted_a: float = 32.0
    priority: int = 0
    weight: float = 1.0
    promise_a: float | None = None
    """What an unreachable charger still holds on each of its phases; it gets no share."""
    waited_s: float = 0.0
    on: bool = False
    """Charging and within its minimum time on: it keeps its place when minima do not all fit."""
    must: bool = False
    """It cannot be paused: its minimum counts before anybody else's, fit or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything that one allocation depends on. Parents stand before children in `supplies`."""

    supplies: tuple[Supply, ...]
    claims: tuple[Claim, ...]
    budgets: tuple[Budget, ...] = ()
    grid: Grid = Grid.TN
    voltage_v: float = 230.0
    waited_limit_s: float = 3600.0
    """Whoever waited longer goes before count when minima do not all fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The current one charger gets, and what shaped it: the reason that bound it comes last."""

    id: ChargerId
    current_a: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """All shares, and what is left in every circuit after them."""

    shares: tuple[Share, ...]
    headroom_a: Mapping[CircuitId, Phases]
    headroom_w: Mapping[CircuitId, float | None]
