"""The tables that say what is wired to what: `[site]`, `[[circuits]]`, `[[vehicles]]`, `[timing]`."""

from typing import Annotated, Literal

from pydantic import Field

from controller.domain.site import OnReset
from controller.domain.snapshot import Timing
from controller.domain.units import Grid
from controller.settings.table import FuseA, FusePerPhase, LoadA, Name, PerPhase, PhaseList, Table, Text

Risk = Literal["generation_makes_room", "no_proof", "no_root_meter"]
"""What an operator may accept in words: see `docs/configuration.md`."""

DEFAULTS = Timing()


class SiteTable(Table):
    """`[site]`: the supply as a whole."""

    id: Name = "home"
    """Name of the site; stands in MQTT topics."""
    grid: Grid = Grid.TN
    """`TN` (400 V between lines, 230 V to neutral) or `IT` (230 V between lines, no neutral)."""
    voltage_v: Annotated[float, Field(ge=100, le=500)] = 230.0
    """Line to neutral on TN, line to line on IT."""
    phases: Literal[1, 3] = 3
    """How many phases the supply has."""
    require_proof: bool = False
    """Refuse to start while the commissioning proof does not hold."""
    accept: tuple[Risk, ...] = ()
    """Risks that the operator accepts in words."""


class LimiterTable(Table):
    """`[circuits.limiter]`: a device that makes the circuit obey per-phase limits."""

    kind: Name
    """Which kind of limiter."""
    follow_s: Annotated[float, Field(ge=0, le=120)] = 5.0
    """How long after its confirmation a lower limit is in force."""
    delivery_s: Annotated[float, Field(ge=0, le=600)] = 10.0
    """An unanswered write cannot arrive later than this."""
    read_ttl_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Older readings count as silence."""
    lease_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    """Time to live of each write; needs `lapses_to_a`."""
    lapses_to_a: LoadA | PerPhase | None = None
    """What it falls back to when a lease ends."""
    nameplate_a: FuseA | FusePerPhase = 32.0
    """What it may allow when nothing is known."""
    reset_a: LoadA | PerPhase | None = None
    """Where a restart may lift it; by default its nameplate."""


class CircuitTable(Table):
    """`[[circuits]]`: one node of the supply tree."""

    id: Name
    """Name of the circuit."""
    parent: Name | None = None
    """The circuit that feeds it; exactly one circuit, the root, has none."""
    phases: PhaseList | None = None
    """The grid phases that it has; default: those of its supply."""
    limit_a: FuseA | FusePerPhase
    """What each phase bears: one number for all, or one for each of its phases."""
    limit_w: Annotated[float, Field(gt=0, le=10_000_000)] | None = None
    """Limit on the sum of the phases."""
    limit_kw: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """The same in kW; only one of the two."""
    imbalance_a: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Largest difference between the phases' sums of one- and two-phase charging."""
    background_a: LoadA | PerPhase | None = None
    """Declared background of a circuit without a meter; 0 where only chargers hang on it."""
    worst_background_a: LoadA | PerPhase | None = None
    """The most that everything but the chargers ever draws, for the commissioning proof."""
    on_reset: OnReset = OnReset.REACT
    """What to do about chargers that lift their own limit: `react`, `reserve` or `gate`."""
    generation_makes_room: bool = False
    """Let local generation and battery discharge count as room for raising."""
    limiter: LimiterTable | None = None
    """The circuit's own limiting device."""


class VehicleTable(Table):
    """`[[vehicles]]`: a car that is known by name."""

    id: Name
    """Name of the car."""
    charger: Name
    """The charger where it usually stands."""
    capacity_kwh: Annotated[float, Field(gt=0, le=1000)]
    """Usable capacity of its battery."""
    kind: Text | None = None
    """How it tells its state of charge; left out: it does not, or its charger does."""


class TimingTable(Table):
    """`[timing]`: the pace of the plan."""

    window_s: Annotated[float, Field(ge=2, le=120)] = DEFAULTS.window_s
    """Alignment window: the lags of meter and charger stay below it."""
    meter_ttl_s: Annotated[float, Field(ge=1, le=120)] = DEFAULTS.meter_ttl_s
    """An older meter sample is no sample."""
    raise_gap_s: Annotated[float, Field(ge=0, le=600)] = DEFAULTS.raise_gap_s
    """Shortest time between two raises of one charger."""
    raise_step_a: Annotated[float, Field(ge=1, le=80)] = DEFAULTS.raise_step_a
    """Largest raise at once."""
    cut_gap_s: Annotated[float, Field(ge=0, le=120)] = DEFAULTS.cut_gap_s
    """Shortest time between two ordinary cuts of one charger."""
    dead_band_a: Annotated[float, Field(ge=0, le=6)] = DEFAULTS.dead_band_a
    """Smaller ordinary changes are not written."""
    min_on_s: Annotated[float, Field(ge=0, le=7200)] = DEFAULTS.min_on_s
    """How long a charger that got its minimum keeps its place in scarcity."""
    waited_limit_s: Annotated[float, Field(ge=60, le=86_400)] = DEFAULTS.waited_limit_s
    """Whoever waited longer goes before count in scarcity."""
    unused_s: Annotated[float, Field(ge=10, le=3600)] = DEFAULTS.unused_s
    """An offer is lowered after being unused this long."""
    learn_s: Annotated[float, Field(ge=5, le=600)] = DEFAULTS.learn_s
    """Phases count as learned after being seen this long."""
    urgent_margin_a: Annotated[float, Field(ge=0, le=10)] = DEFAULTS.urgent_margin_a
    """Urgent cuts take the excess plus this."""
