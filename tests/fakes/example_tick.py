"""One site, one tick of it, and what may be asked of it, for tests of the panel."""

from datetime import UTC, datetime, timedelta

from adapters.panel import Extras
from controller.commands import Known
from controller.domain.modes import Mode, Policies
from controller.domain.readings import ChargerState, Draw, MeterReading, MeterRole, Plug, PriceSlot
from controller.domain.reasons import Code, Reason
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot
from controller.domain.units import ChargerId, CircuitId, MeterId
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory
from controller.domain.writes import ChargerVerdict, CircuitVerdict, Decision

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
GARAGE, MAIN = ChargerId("garage"), CircuitId("main")
GRID, ROOF = MeterId("grid"), MeterId("roof")

SNAPSHOT = Snapshot(
    at=AT,
    mono_s=100.0,
    site=Site(
        circuits=(Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0)),),
        chargers=(ChargerSpec(id=GARAGE, circuit=MAIN),),
    ),
    places=(
        MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN),
        MeterPlace(id=ROOF, role=MeterRole.SOLAR, circuit=MAIN),
    ),
    meters={
        GRID: MeterReading(id=GRID, at_mono_s=99.5, power_w=-1234.4),
        ROOF: MeterReading(id=ROOF, at_mono_s=99.5, powers_w=(1000.0, 1000.0, 1000.2)),
    },
    chargers={
        GARAGE: ChargerState(
            id=GARAGE,
            at_mono_s=99.0,
            plug=Plug.C,
            draws=(Draw(at_mono_s=99.0, currents_a=(8.97, 8.9, 0.0)),),
            session_wh=12_345.0,
            power_w=4109.6,
        )
    },
    prices=(PriceSlot(starts=AT, ends=AT + timedelta(hours=1), import_per_kwh=0.2712345),),
)

DECISION = Decision(
    at=AT,
    mono_s=100.0,
    chargers={
        GARAGE: ChargerVerdict(
            share_a=9.0,
            limit_a=10.0,
            promise_a=10.0,
            mode="solar",
            plug=Plug.C,
            silent=False,
            reasons=(Reason(code=Code.CIRCUIT, by="main", current_a=9.04, phase=2),),
        )
    },
    circuits={
        MAIN: CircuitVerdict(
            measured_a=(10.04, None, -3.0),
            background_a=(1.0, 1.0, 1.0),
            promised_a=(10.0, 10.0, 0.0),
            headroom_a=(14.0, 3.26, 20.0),
            blind=False,
        )
    },
    writes=(),
    limiter_writes=(),
    memory=Memory(),
)

EXTRAS = Extras(
    sentences={GARAGE: "9 A: main fuse L2 leaves 9 A"},
    modes={"solar": Mode(name="solar", stack=("surplus",), settings={"surplus": {"start_w": 1400.0}})},
)


class Surplus:
    """A policy with one tuning value of each sort."""

    name: str = "surplus"
    parameters: tuple[Parameter, ...] = (
        Parameter(name="start_w", default=1400, low=0, high=5000, says="Surplus to start with."),
        Parameter(name="battery_first", default=1, low=0, high=1, says="Battery before car.", whole=True),
    )

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Say nothing."""
        del view, members, memory
        return Opinion()


KNOWN = Known.of(
    AT,
    Site(
        circuits=(Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0)),),
        chargers=(ChargerSpec(id=GARAGE, circuit=MAIN, max_a=16.0),),
    ),
    Policies(
        modes={
            "fast": Mode(name="fast", stack=(), settings={}),
            "solar": Mode(name="solar", stack=("surplus",), settings={"surplus": {}}),
        },
        registry={"surplus": Surplus()},
    ),
)
