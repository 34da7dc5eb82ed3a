from collections.abc import Iterator

import pytest

from controller.domain.units import Phases
from simulator.breaker import Protection
from simulator.house.demo import DEMO_SITE, ROUND_S, demo_house
from simulator.house.house import House

FUSE_A = 25.0
LEFT, RIGHT = (charger.id for charger in DEMO_SITE.chargers)
DT_S = 0.5


def background_a(house: House) -> Phases:
    """Tell what flows at the root besides the cars, the sun added back."""
    loads = (
        house.root.currents_a[phase]
        + house.solar_flow.currents_a[phase]
        - sum(bay.flow.currents_a[phase] for bay in house.bays.values())
        for phase in range(3)
    )
    first, second, third = loads
    return first, second, third


def share(house: House, *, sun_counts: bool) -> None:
    """Share the fuse as a controller would: evenly on L1, a pause for the second car below 6 A."""
    sun_a = house.solar_flow.currents_a[0] if sun_counts else 0.0
    room_a = FUSE_A - max(0.0, background_a(house)[0] - sun_a)
    half_a = min(16.0, room_a / 2.0)
    if house.bays[RIGHT].car is not None and half_a < 6.0:
        half_a = min(16.0, room_a)
    house.offer(LEFT, half_a)
    house.offer(RIGHT, room_a - half_a if room_a - half_a >= 6.0 else 0.0)


def balanced(house: House, until_s: float, *, sun_counts: bool = False) -> Iterator[float]:
    """Let a controller with a second of delay look after the house, and yield each step's time."""
    while house.at_s < until_s:
        if house.at_s % 1.0 == 0.0:
            share(house, sun_counts=sun_counts)
        house.step(DT_S)
        yield house.at_s


def said_at(house: House) -> dict[str, float]:
    return {said.text: said.at_s for said in house.said}


def test_both_cars_fill_the_fuse_before_the_oven_comes() -> None:
    house = demo_house(1)

    for _ in balanced(house, 45.0):
        pass

    cars_a = sum(bay.flow.currents_a[0] for bay in house.bays.values())
    assert cars_a + background_a(house)[0] == pytest.approx(FUSE_A, abs=0.3)


@pytest.mark.parametrize(("thing", "before_s", "after_s"), [("oven", 45.0, 47.0), ("kettle", 111.0, 113.0)])
def test_oven_and_kettle_are_larger_than_what_is_spare(thing: str, before_s: float, after_s: float) -> None:
    house = demo_house(1)
    for _ in balanced(house, before_s):
        pass
    before_a = background_a(house)[0]
    spare_a = FUSE_A - before_a - sum(bay.flow.currents_a[0] for bay in house.bays.values())
    for _ in balanced(house, after_s):
        pass

    assert f"{thing} on" in said_at(house)
    assert background_a(house)[0] - before_a > spare_a + 5.0


def test_the_cloud_is_larger_than_what_is_spare_where_the_sun_was_counted() -> None:
    house = demo_house(1)
    for _ in balanced(house, 61.0, sun_counts=True):
        pass
    spare_a, sun_a = FUSE_A - house.root.currents_a[0], house.solar_flow.currents_a[0]
    for _ in balanced(house, 75.0, sun_counts=True):
        pass

    assert sun_a - house.solar_flow.currents_a[0] > spare_a + 2.0


def test_the_overloads_of_the_script_stay_far_from_melting_the_fuse_or_tripping_a_breaker() -> None:
    house = demo_house(1)
    fuse, breaker = Protection((FUSE_A,) * 3, "gG"), Protection((FUSE_A,) * 3, "B")

    for _ in balanced(house, 2.0 * ROUND_S):
        fuse.step(house.root.currents_a, DT_S)
        breaker.step(house.root.currents_a, DT_S)

    assert 0.0 < fuse.worst < 0.2
    assert 0.0 < breaker.worst < 0.2


def test_without_a_controller_the_script_would_trip_a_breaker_in_time() -> None:
    house = demo_house(1)
    breaker = Protection((FUSE_A,) * 3, "B")
    house.offer(LEFT, 16.0)
    house.offer(RIGHT, 32.0)

    while house.at_s < ROUND_S and not breaker.tripped:
        house.step(DT_S)
        breaker.step(house.root.currents_a, DT_S)

    assert breaker.tripped


def test_the_script_repeats_itself_with_fresh_cars() -> None:
    house = demo_house(1)

    for _ in balanced(house, 3.0 * ROUND_S + 60.0):
        pass

    texts = [said.text for said in house.said]
    assert texts.count("hatchback plugs in at left with 35 %") == 4
    assert texts.count("oven on") == 4
    assert texts.count("oven off") == 3


def test_the_same_seed_plays_the_same_demo() -> None:
    def course(seed: int) -> list[Phases]:
        house = demo_house(seed)
        return [house.root.currents_a for _ in balanced(house, 60.0)]

    assert course(1) == course(1)
    assert course(1) != course(2)
