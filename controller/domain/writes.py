"""Writes: what a tick sends out, and the decision that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.domain.readings import Plug
from controller.domain.reasons import Reason
from controller.domain.snapshot import Memory
from controller.domain.units import ChargerId, CircuitId, MaybePhases, Phases


class Kind(StrEnum):
    """Why a write is sent, in the order of sending."""

    URGENT = "urgent"
    CUT = "cut"
    REPEAT = "repeat"
    """The same limit again: the device does not hold what it was told."""
    RAISE = "raise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One limit for one charger."""

    number: int
    charger: ChargerId
    limit_a: float
    kind: Kind
    lease_s: float | None = None
    promise_a: float
    """What has to be on record before it may be sent (for a raise: old and new, the larger)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterWrite:
    """Per-phase limits for a circuit's limiter."""

    number: int
    circuit: CircuitId
    limit_a: Phases
    kind: Kind
    lease_s: float | None = None
    promise_a: Phases
    """What has to be on record before it may be sent (for a raise: old and new, the larger)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerVerdict:
    """One charger after a tick: what it gets, what it may believe, and why."""

    share_a: float
    """What the allocation gives it."""
    limit_a: float
    """What it was last told, or is told now."""
    promise_a: float
    mode: str
    plug: Plug
    silent: bool
    reasons: tuple[Reason, ...]
    """What shaped the share, the one that bound it last; then what delays the write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitVerdict:
    """One circuit after a tick."""

    measured_a: MaybePhases
    """What flows through it now."""
    background_a: MaybePhases
    promised_a: Phases
    """The sum of the promises below, limiters counted."""
    headroom_a: Phases
    """What is left after all shares."""
    blind: bool
    """Its meter is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a tick decided; with its snapshot it is all that the journal needs."""

    at: datetime
    mono_s: float
    chargers: Mapping[ChargerId, ChargerVerdict]
    circuits: Mapping[CircuitId, CircuitVerdict]
    writes: tuple[Write, ...]
    limiter_writes: tuple[LimiterWrite, ...]
    memory: Memory
