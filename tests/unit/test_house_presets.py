from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.domain.readings import MeterRole
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId, Grid, MeterId, Phases
from simulator.house.car import CarModel
from simulator.house.demo import NOON
from simulator.house.house import House
from simulator.house.mains import Mains
from simulator.house.presets import house_for

MAIN, GARAGE, SHED = CircuitId("main"), CircuitId("garage"), CircuitId("shed")
ALL = (MeterRole.CIRCUIT, MeterRole.SOLAR, MeterRole.BATTERY)


def site(
    limit_a: Phases = (25.0, 25.0, 25.0), *, phases: tuple[int, ...] = (1, 2, 3), grid: Grid = Grid.TN
) -> Site:
    return Site(
        grid=grid,
        phases=phases,
        circuits=(
            Circuit(id=MAIN, limit_a=limit_a, meter=MeterId("grid")),
            Circuit(id=GARAGE, parent=MAIN, limit_a=limit_a, meter=MeterId("garage")),
            Circuit(id=SHED, parent=MAIN, limit_a=limit_a, background_a=(2.0, 0.0, 0.0)),
        ),
        chargers=(
            ChargerSpec(id=ChargerId("one"), circuit=GARAGE, phases=phases),
            ChargerSpec(id=ChargerId("two"), circuit=MAIN, phases=phases[:1]),
        ),
    )


def lived(house: House, hours: float, dt_s: float = 5.0) -> list[Phases]:
    currents_a = []
    for _ in range(round(hours * 3600.0 / dt_s)):
        house.step(dt_s)
        currents_a.append(house.root.currents_a)
    return currents_a


@pytest.mark.parametrize(
    "where",
    [
        site(),
        site((16.0, 16.0, 16.0)),
        site((32.0, 0.0, 0.0), phases=(1,)),
        site((63.0, 63.0, 63.0)),
        site(grid=Grid.IT),
    ],
    ids=["25 A", "16 A", "single phase", "63 A", "IT"],
)
def test_without_charging_a_house_stays_inside_its_own_fuse(where: Site) -> None:
    for seed in (1, 2):
        currents_a = lived(
            house_for(where, [MeterRole.CIRCUIT], seed=seed, starts=NOON), hours=24.0, dt_s=15.0
        )

        assert max(max(phases_a) for phases_a in currents_a) < where.circuits[0].limit_a[0]
        assert max(max(phases_a) for phases_a in currents_a) > 4.0


def test_panels_and_a_battery_are_there_only_if_a_meter_has_the_role() -> None:
    plain = house_for(site(), [MeterRole.CIRCUIT], seed=1, starts=NOON)
    rich = house_for(site(), ALL, seed=1, starts=NOON)

    assert plain.solar is None
    assert plain.battery is None
    assert rich.solar is not None
    assert rich.battery is not None


def test_a_single_phase_site_uses_no_other_phase() -> None:
    house = house_for(site((32.0, 0.0, 0.0), phases=(1,)), ALL, seed=1, starts=NOON)
    for charger in house.bays:
        house.offer(charger, 16.0)

    currents_a = lived(house, hours=3.0)

    assert all(phases_a[1] == phases_a[2] == 0.0 for phases_a in currents_a)


def test_a_circuit_without_a_meter_carries_its_declared_background() -> None:
    house = house_for(site(), [MeterRole.CIRCUIT], seed=1, starts=NOON)

    house.step(1.0)

    assert house.circuits[SHED].powers_w == (460.0, 0.0, 0.0)
    assert 0.0 < house.circuits[GARAGE].power_w < 1000.0


def test_a_background_that_counts_a_declared_part_is_not_loaded_twice() -> None:
    nested = Site(
        circuits=(
            Circuit(id=MAIN, limit_a=(25.0, 25.0, 25.0), background_a=(5.0, 4.0, 0.0)),
            Circuit(id=SHED, parent=MAIN, limit_a=(16.0, 16.0, 16.0), background_a=(2.0, 0.0, 0.0)),
        )
    )
    house = house_for(nested, [], seed=1, starts=NOON)

    house.step(1.0)

    assert house.root.powers_w == (1150.0, 920.0, 0.0)


def test_the_first_cars_come_within_a_minute_and_then_come_and_go() -> None:
    house = house_for(site(), [MeterRole.CIRCUIT], seed=1, starts=NOON)
    lived(house, hours=1.0 / 60.0)
    assert all(bay.car is not None for bay in house.bays.values())

    lived(house, hours=48.0, dt_s=30.0)

    assert sum("leaves" in said.text for said in house.said) >= 4
    assert sum("plugs in" in said.text for said in house.said) >= 4


def test_a_charger_whose_car_is_known_sees_no_other() -> None:
    known = CarModel(name="blue", capacity_wh=30_000.0)
    charger = site().chargers[0].id
    house = house_for(site(), [MeterRole.CIRCUIT], seed=1, starts=NOON, cars={charger: (known,)})
    lived(house, hours=1.0 / 60.0)

    car = house.bays[charger].car
    assert car is not None
    assert car.model == known


def test_the_same_seed_gives_the_same_house_and_another_seed_another() -> None:
    def life(seed: int) -> list[Phases]:
        house = house_for(site(), ALL, seed=seed, starts=NOON)
        for charger in house.bays:
            house.offer(charger, 10.0)
        return lived(house, hours=2.0)

    assert life(1) == life(1)
    assert life(1) != life(2)


def test_a_file_takes_the_place_of_the_household(tmp_path: Path) -> None:
    file = tmp_path / "base.csv"
    file.write_text("time,l1_a,l2_a,l3_a\n2026-01-01T00:00:00Z,3,4,5\n", encoding="utf-8")
    root_only = Site(circuits=site().circuits[:1])

    house = house_for(
        root_only, [MeterRole.CIRCUIT], seed=1, starts=datetime(2026, 1, 1, tzinfo=UTC), base_load=file
    )
    house.step(1.0)

    assert house.root.powers_w == (690.0, 920.0, 1150.0)


@pytest.mark.parametrize("where", [site(), site(phases=(1,)), site(grid=Grid.IT)], ids=["TN", "one", "IT"])
def test_no_meter_of_a_sleeping_house_reads_the_same_for_long(where: Site) -> None:
    night = NOON.replace(hour=1)
    house = house_for(where, ALL, seed=1, starts=night)
    still_s = longest_s = 0
    before: tuple[float, ...] = ()
    for _ in range(1800):
        house.step(1.0)
        shown_v = tuple(round(volts, 1) for volts in house.root.voltages_v)
        still_s, before = (still_s + 1 if shown_v == before else 0), shown_v
        longest_s = max(longest_s, still_s)

    assert longest_s < 10


def test_the_voltage_of_the_grid_does_not_depend_on_the_size_of_the_steps() -> None:
    fine, coarse = (House(site(), starts=NOON, base_loads={}, happenings=(Mains(seed=1),)) for _ in range(2))
    lived(fine, hours=0.1, dt_s=0.5)
    lived(coarse, hours=0.1, dt_s=5.0)

    assert fine.mains_v == coarse.mains_v != (0.0, 0.0, 0.0)
    assert all(abs(volts) < 10.0 for volts in fine.mains_v)
