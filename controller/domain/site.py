"""Site: the tree of circuits, the chargers on it, and how they are wired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

from controller.domain.units import (
    MIN_CURRENT_A,
    ChargerId,
    CircuitId,
    Grid,
    MeterId,
    Phases,
    power_of_ampere_w,
    power_of_lines_w,
)

# Below what any fuse or meter can tell; keeps sums of decimal fractions from failing by rounding.
ROUNDING_A = 1e-9


class OnReset(StrEnum):
    """What a circuit does about chargers that lift their own limit at plug-in or reboot (H8)."""

    REACT = "react"
    """Cut as soon as it is seen; the breaker model survives until then."""
    RESERVE = "reserve"
    """Keep room for the largest single reset."""
    GATE = "gate"
    """The circuit's own limiter holds it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limiter:
    """A device that makes one circuit obey per-phase limits (P1, P2, P3, time to live).

    A breaker is none: it enforces nothing until it trips.
    """

    follow_s: float = 5.0
    """How long after its confirmation a lower limit is in force."""
    delivery_s: float = 10.0
    """A write that got no answer cannot arrive later than this after it was given up."""
    read_ttl_s: float = 30.0
    """Older readings count as silence."""
    lease_s: float | None = None
    """Time to live of each write; `None` writes without one."""
    lapses_to_a: Phases | None = None
    """What it falls back to when a lease ends; required with `lease_s`."""
    nameplate_a: Phases = (32.0, 32.0, 32.0)
    """What it may allow when nothing is known."""
    reset_a: Phases | None = None
    """Where a restart may lift it; `None`: to the nameplate."""

    @property
    def resets_to_a(self) -> Phases:
        """Where a restart may lift it."""
        return self.nameplate_a if self.reset_a is None else self.reset_a


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A node of the supply tree."""

    id: CircuitId
    parent: CircuitId | None = None
    limit_a: Phases
    """What each phase can bear; phases that the site does not have carry 0."""
    limit_w: float | None = None
    """Optional limit on the sum of the phases."""
    imbalance_a: float | None = None
    """Largest difference between the phases' sums of shares of one- and two-phase chargers below."""
    meter: MeterId | None = None
    background_a: Phases | None = None
    """Declared background of a circuit without a meter: everything in and below it except chargers."""
    worst_background_a: Phases | None = None
    """The household's declared worst, for the commissioning proof; default: the limit itself."""
    on_reset: OnReset = OnReset.REACT
    limiter: Limiter | None = None
    generation_makes_room: bool = False
    """Opt out of H13: let local generation and battery discharge count as room for raising."""

    @property
    def worst_a(self) -> Phases:
        """The household's worst: as declared, else the fixed background, else the circuit's own limit."""
        return self.worst_background_a or self.background_a or self.limit_a


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a kind of charger can do, and what it does when it hears nothing.

    Every figure rests on the evidence pages of the device; what is only inferred is a setting.
    """

    follow_s: float = 11.0
    """How long a car may take to obey a lower limit: 5 s (IEC 61851-1), some cars 6 s more."""
    latency_s: float = 1.0
    """Usual time from sending a limit to the device acting on it; urgent cuts prefer fast ones."""
    delivery_s: float = 10.0
    """A write that got no answer cannot arrive later than this after it was given up."""
    read_ttl_s: float = 15.0
    """A state older than this makes the charger silent."""
    write_gap_s: float = 0.0
    """Shortest time between ordinary writes (cloud budgets); cuts for safety ignore it."""
    can_pause: bool = True
    """Whether 0 A can be written."""
    fallback_a: float | None = None
    """What it goes to by itself when it hears nothing; `None` keeps the last limit."""
    fallback_after_s: float = 0.0
    """Earliest time of silence after which `fallback_a` may be in force."""
    reset_a: float | None = None
    """Where plug-in or a reboot may lift its limit; `None`: to the nameplate."""
    lease_s: float | None = None
    """Time to live a limit can be given; `None`: the device knows none."""
    lapses_to_a: float | None = None
    """What a leased limit falls back to; required with `lease_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerSpec:
    """A charger as it is wired and configured."""

    id: ChargerId
    circuit: CircuitId
    phases: tuple[int, ...] = (1, 2, 3)
    """Grid phase at the charger's L1, L2, L3, in its order; an IT single-phase charger names two lines."""
    min_a: float = MIN_CURRENT_A
    max_a: float = 16.0
    step_a: float = 1.0
    """Limits are written in multiples of this; 0 means any value."""
    nameplate_a: float = 32.0
    """What it may draw when nothing is known of its limit (its install current)."""
    safe_a: float = 0.0
    """What it may draw while its circuit's meter is silent (H3)."""
    priority: int = 0
    """Higher goes first, strictly."""
    weight: float = 1.0
    mode: str = "fast"
    """The mode while no person picked another."""
    abilities: Abilities = Abilities()

    @property
    def resets_to_a(self) -> float:
        """Where plug-in or a reboot may lift its limit."""
        return self.nameplate_a if self.abilities.reset_a is None else self.abilities.reset_a


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost:
    """A charger that left the configuration while it may still believe in a promise.

    It is budgeted until a person declares it out of service (safety rule 4).
    """

    id: ChargerId
    circuit: CircuitId
    phases: tuple[int, ...]
    promise_a: float


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is wired to what, and how much each part can bear.

    The settings guarantee: one root, no circles, every charger on a known circuit, ids unique, parents
    before children in `circuits`.
    """

    id: str = "home"
    grid: Grid = Grid.TN
    voltage_v: float = 230.0
    """Line to neutral on TN, line to line on IT."""
    phases: tuple[int, ...] = (1, 2, 3)
    """The phases that exist: `(1,)` on a single-phase site."""
    circuits: tuple[Circuit, ...]
    chargers: tuple[ChargerSpec, ...] = ()
    ghosts: tuple[Ghost, ...] = ()

    @cached_property
    def circuit(self) -> Mapping[CircuitId, Circuit]:
        """Every circuit by its id."""
        return {circuit.id: circuit for circuit in self.circuits}

    @cached_property
    def charger(self) -> Mapping[ChargerId, ChargerSpec]:
        """Every charger by its id."""
        return {charger.id: charger for charger in self.chargers}

    @cached_property
    def by_id(self) -> tuple[ChargerSpec, ...]:
        """The chargers in the order of their ids."""
        return tuple(sorted(self.chargers, key=attrgetter("id")))

    @cached_property
    def one_class(self) -> bool:
        """Whether no charger goes before another."""
        return len({charger.priority for charger in self.chargers}) <= 1

    @cached_property
    def path(self) -> Mapping[CircuitId, tuple[CircuitId, ...]]:
        """The circuits from each circuit up to the root, itself first."""
        paths: dict[CircuitId, tuple[CircuitId, ...]] = {}
        for circuit in self.circuits:
            above = paths[circuit.parent] if circuit.parent is not None else ()
            paths[circuit.id] = (circuit.id, *above)
        return paths

    @cached_property
    def below(self) -> Mapping[CircuitId, tuple[ChargerSpec, ...]]:
        """The chargers in and below each circuit."""
        found: dict[CircuitId, list[ChargerSpec]] = {circuit.id: [] for circuit in self.circuits}
        for charger in self.chargers:
            for circuit in self.path[charger.circuit]:
                found[circuit].append(charger)
        return {circuit: tuple(chargers) for circuit, chargers in found.items()}

    @cached_property
    def unsafe_to_lapse(self) -> frozenset[ChargerId]:
        """The chargers in circuits that would be over a limit if every lease lapsed at once (H7)."""
        return frozenset(
            charger.id
            for circuit in self.circuits
            if not self._bears(circuit, self.below[circuit.id])
            for charger in self.below[circuit.id]
        )

    @cached_property
    def limiters_to_lapse(self) -> frozenset[CircuitId]:
        """The circuits whose limiter may fall back while everything else lapses too (H7)."""
        return frozenset(
            circuit.id
            for circuit in self.circuits
            if circuit.limiter is not None
            and circuit.limiter.lapses_to_a is not None
            and all(
                self._bears(self.circuit[above], self._beside(above, circuit.id), circuit)
                for above in self.path[circuit.id]
            )
        )

    def _beside(self, above: CircuitId, limited: CircuitId) -> tuple[ChargerSpec, ...]:
        """List the chargers of a circuit that are not behind the limiter of another."""
        return tuple(c for c in self.below[above] if limited not in self.path[c.circuit])

    def _bears(
        self, circuit: Circuit, lapsing: tuple[ChargerSpec, ...], limited: Circuit | None = None
    ) -> bool:
        """Tell whether a circuit bears that all these chargers, and a limiter, lapse at once."""
        ghosts = self.ghosts_in(circuit.id)
        if limited is not None:  # what is behind its limiter is counted with it
            ghosts = tuple(ghost for ghost in ghosts if limited.id not in self.path[ghost.circuit])
        flows_a = [*circuit.worst_a]
        for phase in self.phases:
            flows_a[phase - 1] += sum(_lapsed_a(c) for c in lapsing if phase in c.phases)
            flows_a[phase - 1] += sum(ghost.promise_a for ghost in ghosts if phase in ghost.phases)
            if limited is not None and limited.limiter is not None:
                flows_a[phase - 1] += (limited.limiter.lapses_to_a or circuit.limit_a)[phase - 1]
        one, two, three = flows_a
        fits_w = circuit.limit_w is None or self.flow_w((one, two, three)) <= circuit.limit_w
        pairs = zip(flows_a, circuit.limit_a, strict=True)
        return fits_w and all(flow_a <= limit_a + ROUNDING_A for flow_a, limit_a in pairs)

    def ghosts_in(self, circuit: CircuitId) -> tuple[Ghost, ...]:
        """List the ghosts in and below a circuit."""
        return tuple(ghost for ghost in self.ghosts if circuit in self.path[ghost.circuit])

    def flow_w(self, line_a: Phases) -> float:
        """Tell the most that lines carry together, where no meter tells their power."""
        return power_of_lines_w(self.grid, self.voltage_v, line_a)

    def ampere_w(self, lines: int) -> float:
        """Tell what one ampere on so many lines weighs in watts."""
        return power_of_ampere_w(self.grid, self.voltage_v, lines)


def _lapsed_a(charger: ChargerSpec) -> float:
    abilities = charger.abilities
    if abilities.lease_s is None or abilities.lapses_to_a is None:
        return charger.nameplate_a
    return abilities.lapses_to_a


def to_grid(grid: Grid, phases: tuple[int, ...], device_a: Sequence[float]) -> Phases:
    """Turn a device's own L1, L2, L3 currents into grid phases.

    On IT a single-phase charger (two lines) loads both lines with its one current.

    >>> to_grid(Grid.TN, (2, 3, 1), (10.0, 11.0, 12.0))
    (12.0, 10.0, 11.0)
    >>> to_grid(Grid.IT, (1, 2), (9.0, 0.0, 0.0))
    (9.0, 9.0, 0.0)
    """
    line_a = [0.0, 0.0, 0.0]
    one_current = grid is Grid.IT and len(phases) == 2  # noqa: PLR2004 - two lines
    for index, phase in enumerate(phases):
        line_a[phase - 1] = device_a[0 if one_current else index]
    return line_a[0], line_a[1], line_a[2]
