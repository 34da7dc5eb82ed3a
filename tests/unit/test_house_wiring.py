import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId, Phases
from simulator.house.base_load import SteadyLoad
from simulator.house.car import ORDINARY, Car
from simulator.house.flow import Flow
from simulator.house.house import House
from simulator.house.running import run
from simulator.house.sockets import Tap, Wiring, wire
from simulator.meters.quantities import Quantities
from tests.fakes.clock import FakeClock

MAIN, LEFT = CircuitId("main"), ChargerId("left")
SITE = Site(
    circuits=(Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0)),), chargers=(ChargerSpec(id=LEFT, circuit=MAIN),)
)


@dataclass
class FakeOutlet:
    """A charger without a wire."""

    offered_a: float = 0.0
    told: list[str] = field(default_factory=list)
    currents_a: Phases = (0.0, 0.0, 0.0)
    power_w: float = 0.0

    def plug_in(self, car: object) -> None:
        """Note it."""
        self.told.append(f"in {type(car).__name__}")

    def unplug(self) -> None:
        """Note it."""
        self.told.append("out")

    def set_draw(self, currents_a: Phases, power_w: float) -> None:
        """Keep it."""
        self.currents_a, self.power_w = currents_a, power_w


@dataclass
class FakeSwitchingOutlet(FakeOutlet):
    """A charger that can go down to one phase."""

    relay_mode: int = 3


@dataclass
class FakeGauge:
    """A meter without a wire."""

    shown: list[Quantities] = field(default_factory=list)

    def set_quantities(self, quantities: Quantities) -> None:
        """Keep it."""
        self.shown.append(quantities)

    @property
    def powers_w(self) -> list[float | None]:
        """The total power of every sample."""
        return [quantities.total_w() for quantities in self.shown]


def house(load_w: float = 2300.0) -> House:
    loads = {MAIN: (SteadyLoad((load_w, 0.0, 0.0)),)}
    return House(SITE, starts=FakeClock().now(), base_loads=loads, sag_v_per_a=0.0)


def live(wiring: Wiring, seconds: float, dt_s: float = 0.1) -> None:
    for _ in range(round(seconds / dt_s)):
        wiring.step(dt_s)


def test_the_offer_of_the_outlet_reaches_the_car_and_its_draw_comes_back() -> None:
    outlet, one = FakeOutlet(offered_a=10.0), house()
    one.plug_in(LEFT, Car(ORDINARY))

    live(wire(one, {LEFT: outlet}), 30.0)

    assert outlet.currents_a == pytest.approx((10.0, 10.0, 10.0))
    assert outlet.power_w == pytest.approx(6900.0)


def test_the_outlet_learns_who_comes_and_goes_once_each() -> None:
    outlet, one = FakeOutlet(), house()
    wiring = wire(one, {LEFT: outlet})
    live(wiring, 1.0)
    one.plug_in(LEFT, Car(ORDINARY))
    live(wiring, 1.0)
    one.plug_in(LEFT, Car(ORDINARY))
    live(wiring, 1.0)
    one.unplug(LEFT)
    live(wiring, 1.0)

    assert outlet.told == ["in Car", "out", "in Car", "out"]


def test_an_outlet_that_switches_its_relays_takes_phases_from_the_car() -> None:
    outlet, one = FakeSwitchingOutlet(offered_a=10.0), house()
    one.plug_in(LEFT, Car(ORDINARY))
    wiring = wire(one, {LEFT: outlet})
    live(wiring, 30.0)

    outlet.relay_mode = 1
    live(wiring, 0.1)

    assert outlet.currents_a == pytest.approx((10.0, 0.0, 0.0))


def test_a_gauge_samples_at_the_period_of_its_meter() -> None:
    gauge, one = FakeGauge(), house()

    live(wire(one, {}, [Tap(gauge, lambda: one.root, period_s=1.0)]), 10.05, dt_s=0.05)

    assert len(gauge.powers_w) in (10, 11)


def test_a_gauge_shows_what_was_true_a_lag_ago() -> None:
    gauge, one = FakeGauge(), house()
    wiring = wire(one, {}, [Tap(gauge, lambda: Flow(powers_w=(one.at_s, 0.0, 0.0)), lag_s=2.0)])

    live(wiring, 10.0, dt_s=0.5)

    assert gauge.powers_w[0] == 0.5
    assert gauge.powers_w[-1] == pytest.approx(8.0)


def test_a_gauge_counts_energy_both_ways() -> None:
    gauge, powers_w = FakeGauge(), iter([3600.0, 3600.0, -7200.0])
    tap = Tap(gauge, lambda: Flow(powers_w=(next(powers_w), 0.0, 0.0)))

    for second in range(1, 4):
        tap.exchange(float(second), 1.0)

    latest = gauge.shown[-1]
    assert (latest.import_wh, latest.export_wh) == pytest.approx((2.0, 2.0))


def test_a_gauge_shows_signed_currents_voltages_and_the_state_of_charge() -> None:
    gauge = FakeGauge()
    flow = Flow(
        currents_a=(-3.0, 1.0, 0.0),
        powers_w=(-690.0, 230.0, 0.0),
        voltages_v=(231.0, 229.0, 0.0),
        soc_pct=42.0,
    )

    Tap(gauge, lambda: flow).exchange(1.0, 1.0)

    (shown,) = gauge.shown
    assert (shown.currents_a, shown.powers_w, shown.voltages_v) == (
        flow.currents_a,
        flow.powers_w,
        flow.voltages_v,
    )
    assert shown.soc_pct == 42.0


async def cancelled_after(clock: FakeClock, wiring: Wiring, advances_s: Sequence[float]) -> None:
    async with asyncio.TaskGroup() as group:
        loop = group.create_task(run(wiring, clock))
        for seconds in advances_s:
            await clock.advance(seconds)
        loop.cancel()


async def test_the_loop_moves_the_house_with_the_clock_until_it_is_cancelled() -> None:
    clock, one = FakeClock(), house()

    await cancelled_after(clock, wire(one, {}), [10.0])

    assert one.at_s == pytest.approx(10.0, abs=0.11)


class LateClock(FakeClock):
    """A clock whose sleeps end 7.3 s late: a busy machine."""

    async def sleep(self, seconds: float) -> None:
        """Wait too long."""
        await super().sleep(seconds + 7.3)


class Diary:
    """A happening that only notes when the house moved."""

    def __init__(self) -> None:
        self.steps_at_s = [0.0]

    def step(self, house: House) -> None:
        """Note it."""
        self.steps_at_s.append(house.at_s)


async def test_a_long_gap_is_lived_through_in_steps_of_a_second_at_most() -> None:
    clock, diary = LateClock(), Diary()
    one = House(SITE, starts=clock.now(), base_loads={}, happenings=(diary,))

    await cancelled_after(clock, wire(one, {}), [8.0])

    assert one.at_s == pytest.approx(7.4)
    assert max(after - before for before, after in pairwise(diary.steps_at_s)) <= 1.0 + 1e-9


async def test_a_late_beat_is_made_up_for_by_a_longer_step() -> None:
    clock, one = LateClock(), house()
    outlet = FakeOutlet(offered_a=10.0)
    one.plug_in(LEFT, Car(ORDINARY))

    await cancelled_after(clock, wire(one, {LEFT: outlet}), [37.0])

    # The first beat took 7.4 s, and then four of 7.3 s, one after the other.
    assert one.at_s == pytest.approx(36.6)
    assert outlet.currents_a == pytest.approx((10.0, 10.0, 10.0))
