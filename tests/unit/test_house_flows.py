from datetime import UTC, datetime

import pytest

from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId, Grid, Phases
from simulator.house.base_load import SteadyLoad
from simulator.house.battery import Battery, BatteryModel
from simulator.house.car import ONE_PHASE, ORDINARY, Car
from simulator.house.house import House
from simulator.house.solar import Clouds, Solar, SolarPlant

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
NIGHT = datetime(2026, 6, 21, tzinfo=UTC)
MAIN, GARAGE = CircuitId("main"), CircuitId("garage")
LEFT, RIGHT = ChargerId("left"), ChargerId("right")


def site(grid: Grid = Grid.TN, left: tuple[int, ...] = (1, 2, 3), right: tuple[int, ...] = (2, 3, 1)) -> Site:
    limit_a = (25.0, 25.0, 25.0)
    return Site(
        grid=grid,
        circuits=(Circuit(id=MAIN, limit_a=limit_a), Circuit(id=GARAGE, parent=MAIN, limit_a=limit_a)),
        chargers=(
            ChargerSpec(id=LEFT, circuit=MAIN, phases=left),
            ChargerSpec(id=RIGHT, circuit=GARAGE, phases=right, max_a=32.0),
        ),
    )


def house(at: Site, *, load_w: Phases = (0.0, 0.0, 0.0), sag_v_per_a: float = 0.0) -> House:
    loads = {MAIN: (SteadyLoad(load_w),)}
    return House(at, starts=NIGHT, base_loads=loads, sag_v_per_a=sag_v_per_a)


def live(one: House, seconds: int) -> None:
    for _ in range(seconds):
        one.step(1.0)


def test_loads_flow_through_their_circuit_and_all_above_it() -> None:
    one = House(
        site(),
        starts=NIGHT,
        base_loads={MAIN: (SteadyLoad((230.0, 0.0, 0.0)),), GARAGE: (SteadyLoad((460.0, 460.0, 0.0)),)},
        sag_v_per_a=0.0,
    )

    one.step(1.0)

    assert one.circuits[GARAGE].currents_a == (2.0, 2.0, 0.0)
    assert one.circuits[MAIN].currents_a == (3.0, 2.0, 0.0)
    assert one.root.power_w == pytest.approx(1150.0)


def test_a_rotated_charger_loads_the_grid_phases_it_is_wired_to() -> None:
    one = house(site())
    one.plug_in(RIGHT, Car(ONE_PHASE))
    one.offer(RIGHT, 10.0)

    live(one, 60)

    assert one.bays[RIGHT].device_a == pytest.approx((10.0, 0.0, 0.0))
    assert one.circuits[GARAGE].currents_a == pytest.approx((0.0, 10.0, 0.0))
    assert one.root.powers_w == pytest.approx((0.0, 2300.0, 0.0))


def test_a_three_phase_car_at_a_single_phase_charger_uses_its_one_phase() -> None:
    one = house(site(left=(3,)))
    one.plug_in(LEFT, Car(ORDINARY))
    one.offer(LEFT, 10.0)

    live(one, 60)

    assert one.root.currents_a == pytest.approx((0.0, 0.0, 10.0))


def test_a_charger_that_switches_to_one_phase_leaves_two_free() -> None:
    one = house(site())
    one.plug_in(LEFT, Car(ORDINARY))
    one.offer(LEFT, 10.0)
    live(one, 60)

    one.connect(LEFT, 1)
    one.step(1.0)

    assert one.root.currents_a == pytest.approx((10.0, 0.0, 0.0))


def test_on_an_it_grid_a_single_phase_charger_loads_two_lines_with_one_current() -> None:
    one = house(site(Grid.IT, left=(1, 3)))
    one.plug_in(LEFT, Car(ORDINARY))
    one.offer(LEFT, 10.0)

    live(one, 60)

    assert one.bays[LEFT].device_a == pytest.approx((10.0, 0.0, 0.0))
    assert one.root.currents_a == pytest.approx((10.0, 0.0, 10.0))
    assert one.root.power_w == pytest.approx(2300.0)


def test_on_an_it_grid_three_phases_weigh_the_square_root_of_three() -> None:
    one = house(site(Grid.IT))
    one.plug_in(LEFT, Car(ORDINARY))
    one.offer(LEFT, 10.0)

    live(one, 60)

    assert one.root.currents_a == pytest.approx((10.0, 10.0, 10.0))
    assert one.root.power_w == pytest.approx(3.0**0.5 * 2300.0)


def test_on_an_it_grid_a_load_sits_between_two_lines() -> None:
    one = house(site(Grid.IT), load_w=(2300.0, 0.0, 0.0))

    one.step(1.0)

    assert one.root.currents_a == pytest.approx((10.0, 10.0, 0.0))
    assert one.root.power_w == pytest.approx(2300.0)


def test_the_voltage_sags_on_the_phase_that_is_loaded() -> None:
    one = house(site(), load_w=(4600.0, 0.0, 0.0), sag_v_per_a=0.25)

    live(one, 10)

    assert one.root.voltages_v[0] == pytest.approx(225.0, abs=0.2)
    assert one.root.voltages_v[1] == 230.0
    assert one.root.currents_a[0] > 20.0


def test_a_phase_that_the_site_does_not_have_has_neither_voltage_nor_current() -> None:
    single = Site(phases=(1,), circuits=(Circuit(id=MAIN, limit_a=(32.0, 0.0, 0.0)),))
    one = House(single, starts=NIGHT, base_loads={MAIN: (SteadyLoad((2300.0, 0.0, 0.0)),)}, sag_v_per_a=0.0)

    one.step(1.0)

    assert one.root.voltages_v == (230.0, 0.0, 0.0)
    assert one.root.currents_a == (10.0, 0.0, 0.0)


def test_the_sun_turns_the_flow_at_the_root_around() -> None:
    solar = Solar(SolarPlant(peak_w=6000.0), Clouds("sky", cloudy_s=0.0))
    one = House(site(), starts=NOON, base_loads={}, solar=solar)

    live(one, 5)

    assert one.root.power_w == pytest.approx(-solar.power_w)
    assert one.solar_flow.power_w == pytest.approx(solar.power_w)
    assert all(current_a < 0.0 for current_a in one.root.currents_a)


def test_the_battery_brings_the_grid_to_zero() -> None:
    battery = Battery(BatteryModel())
    loads = {MAIN: (SteadyLoad((900.0, 900.0, 900.0)),)}
    one = House(site(), starts=NIGHT, base_loads=loads, battery=battery)

    live(one, 60)

    assert one.root.power_w == pytest.approx(0.0, abs=5.0)
    assert one.battery_flow.power_w == pytest.approx(-2700.0, abs=5.0)
    assert one.battery_flow.soc_pct == battery.soc_pct < 50.0


def test_what_comes_in_at_the_root_is_what_everything_takes() -> None:
    one = House(
        site(),
        starts=NOON,
        base_loads={MAIN: (SteadyLoad((300.0, 200.0, 100.0)),), GARAGE: (SteadyLoad((50.0, 0.0, 0.0)),)},
        solar=Solar(SolarPlant(), Clouds("sky")),
        battery=Battery(BatteryModel(phases=(2,))),
    )
    one.plug_in(LEFT, Car(ORDINARY))
    one.plug_in(RIGHT, Car(ONE_PHASE))
    one.offer(LEFT, 13.0)
    one.offer(RIGHT, 9.0)

    for _ in range(100):
        one.step(1.0)
        cars_w = sum(bay.flow.power_w for bay in one.bays.values())
        taken_w = 650.0 + cars_w + one.battery_flow.power_w - one.solar_flow.power_w
        assert one.root.power_w == pytest.approx(taken_w)


def test_unplugging_ends_the_draw_at_once() -> None:
    one = house(site())
    one.plug_in(LEFT, Car(ORDINARY))
    one.offer(LEFT, 16.0)
    live(one, 60)

    one.unplug(LEFT)
    one.step(1.0)

    assert one.bays[LEFT].device_a == one.root.currents_a == (0.0, 0.0, 0.0)


def test_what_happens_is_said_in_a_line() -> None:
    one = house(site())
    one.plug_in(LEFT, Car(ORDINARY, soc_pct=35.0))
    one.unplug(LEFT)
    one.unplug(LEFT)

    assert [said.text for said in one.said] == [
        "hatchback plugs in at left with 35 %",
        "hatchback leaves left with 35 %",
    ]


def test_an_unknown_appliance_cannot_be_switched() -> None:
    with pytest.raises(KeyError, match="sauna"):
        house(site()).switch("sauna", on=True)


def test_a_cloud_over_a_house_without_panels_changes_nothing() -> None:
    one = house(site())

    one.cloud(0.9, 10.0)

    assert not one.said
