"""Snapshot and Memory: everything one tick may look at, and what it hands to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from controller.domain.readings import (
    Answer,
    ChargerState,
    MeterReading,
    MeterRole,
    PersonRequest,
    PriceSlot,
    SiteCap,
    VehicleState,
)
from controller.domain.site import Site
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.domain.wishes import PolicyMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """A write that the device has not yet been seen to hold."""

    write: int
    limit_a: float
    sent_mono_s: float
    """When it was sent; of one that was given up, the latest that it can have left the house."""
    answered_mono_s: float | None = None
    """When the device said it took it; `None`: no answer, it may arrive until its delivery time."""
    unanswered: bool = False
    """The shell gave up waiting for an answer."""
    lapses_mono_s: float | None = None
    """When its lease may end, if it was given one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The ledger's page for one charger (or one phase of a limiter): see `promises.py` for the rules."""

    settled_a: float
    """The largest limit in force as far as read-back and the car have shown."""
    known: bool = False
    """Read back since start; before that `settled_a` is the journal's word or the nameplate."""
    cut_a: float | None = None
    """A lower limit that was read back, waiting for the car to follow."""
    cut_mono_s: float = 0.0
    in_flight: tuple[InFlight, ...] = ()
    shown: int = 0
    """The newest write of which a reading has shown what became of it; older ones may still arrive."""
    lapses_mono_s: float | None = None
    """From here on the lease of the limit in force may have ended."""
    heard_mono_s: float | None = None
    """When the charger was last heard, or a little before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerMemory:
    """What is carried from tick to tick for one charger."""

    promise: Promise
    told_a: float | None = None
    """The limit that was last sent."""
    changed_mono_s: float | None = None
    """When a limit was last sent that differed from the one before."""
    retry_mono_s: float = 0.0
    """Do not send the same limit again before this."""
    failures: int = 0
    """Writes in a row that were refused, unanswered or ignored."""
    defies: bool = False
    """Whether one of them was to lower its limit."""
    waiting_mono_s: float | None = None
    """Since when it wants its minimum and does not get it."""
    on_mono_s: float | None = None
    """Since when it holds a share above 0."""
    roomless_mono_s: float | None = None
    """Since when it has a share but no room to start."""
    session_id: str | None = None
    session_mono_s: float | None = None
    """When its car was plugged in, as far as we saw."""
    used_phases: tuple[int, ...] | None = None
    """The grid phases that the car was seen to use; `None`: not learned, counts as wired."""
    seen_phases: tuple[int, ...] | None = None
    """The candidate for `used_phases`."""
    seen_phases_mono_s: float = 0.0
    """Since when the candidate has been seen without a break."""
    appetite_a: float | None = None
    """The car's own limit as learned from unused offers; `None`: it takes what it gets."""
    unused_mono_s: float | None = None
    """Since when it draws clearly less than offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitMemory:
    """What is carried from tick to tick for one circuit."""

    background_a: Phases
    """The background that allocation works with: moves only when a move lasts a whole window."""
    seen: tuple[tuple[float, Phases, Phases], ...] = ()
    """(instant, best-aligned background, gate background) of the window, oldest first."""
    waiting_mono_s: float | None = None
    """Since when the first sample after a start is awaited; `None` once there was one."""
    flows: tuple[tuple[float, Phases], ...] = ()
    """(instant, background as measured) of the latest samples: whether it climbs."""
    power_w: float | None = None
    """The background of a meter that tells power alone."""
    seen_w: tuple[tuple[float, float, float], ...] = ()
    """(instant, best-aligned power, gate power) of the window, oldest first."""
    limiter: tuple[Promise, Promise, Promise] | None = None
    limiter_mono_s: float | None = None
    """When the limiter was last told another limit."""
    limiter_failures: int = 0
    """How many writes in a row it refused or did not answer, as far as that matters."""
    limiter_retry_mono_s: float = 0.0
    """Do not tell it anything before this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Timers, hysteresis and promises; empty at the first start."""

    chargers: Mapping[ChargerId, ChargerMemory] = field(default_factory=dict)
    circuits: Mapping[CircuitId, CircuitMemory] = field(default_factory=dict)
    policies: Mapping[str, PolicyMemory] = field(default_factory=dict)
    next_write: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The pace of the plan; every figure is a setting."""

    window_s: float = 10.0
    """Alignment window: chargers and meters tell the same thing within it; known meter lag comes on top."""
    meter_ttl_s: float = 5.0
    """A meter sample older than this is no sample (three missed polls and some)."""
    raise_gap_s: float = 10.0
    """Shortest time between two raises of one charger."""
    raise_step_a: float = 10.0
    """Largest raise at once."""
    cut_gap_s: float = 5.0
    """Shortest time between two ordinary cuts of one charger: PWM changes at most every 5 s."""
    dead_band_a: float = 1.0
    """Smaller ordinary changes are not worth a write."""
    min_on_s: float = 600.0
    """A charger that got its minimum keeps its place this long when minima do not all fit."""
    waited_limit_s: float = 3600.0
    """Whoever waited longer goes before count."""
    unused_s: float = 60.0
    """An offer is lowered after being unused this long."""
    learn_s: float = 20.0
    """Phases count as learned after being seen this long."""
    urgent_margin_a: float = 1.0
    """Urgent cuts take the excess plus this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterPlace:
    """Which meter measures what."""

    id: MeterId
    role: MeterRole
    circuit: CircuitId
    """The circuit that it measures, or that its panels or battery feed."""
    phases: tuple[int, ...] = (1, 2, 3)
    """The grid phases at its L1, L2, L3."""
    lag_s: float = 0.0
    """How old its values already are when they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything one tick may look at; frozen."""

    at: datetime
    mono_s: float
    site: Site
    timing: Timing = Timing()
    places: tuple[MeterPlace, ...] = ()
    meters: Mapping[MeterId, MeterReading] = field(default_factory=dict)
    chargers: Mapping[ChargerId, ChargerState] = field(default_factory=dict)
    limiters: Mapping[CircuitId, tuple[float, Phases]] = field(default_factory=dict)
    """What each limiter was read back at: (instant, per phase)."""
    vehicles: Mapping[ChargerId, VehicleState] = field(default_factory=dict)
    requests: Mapping[ChargerId, PersonRequest] = field(default_factory=dict)
    cap: SiteCap | None = None
    prices: tuple[PriceSlot, ...] = ()
    answers: tuple[Answer, ...] = ()
    """How writes ended since the last tick."""
    recorded_a: Mapping[ChargerId, float] = field(default_factory=dict)
    """Promises that the journal brought back at start."""
    recorded_limiters_a: Mapping[CircuitId, Phases] = field(default_factory=dict)
    """The same of circuits' limiters."""
    recorded_lapses_mono_s: Mapping[ChargerId, float] = field(default_factory=dict)
    """From when on a time to live that was given before the start may end, where the journal knew of one."""
    recorded_limiters_lapse_mono_s: Mapping[CircuitId, float] = field(default_factory=dict)
    """The same of circuits' limiters."""
    out_of_service: frozenset[ChargerId] = frozenset()
    """Chargers that a person declared to be switched off."""
    recording: bool = True
    """Whether promises can be written down; without it nothing rises."""
    memory: Memory = Memory()

    @property
    def window_s(self) -> float:
        """The alignment window: the configured one, longer by what the slowest meter lags."""
        return self.timing.window_s + max((place.lag_s for place in self.places), default=0.0)
