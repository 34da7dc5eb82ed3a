import math
from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.house.car import GREEDY, MODELS, MODEST, ONE_PHASE, ORDINARY, SLEEPY, TWO_PHASE, Car, CarModel

VOLTAGE_V = 230.0


def drive(car: Car, offered_a: float, seconds: float, dt_s: float = 0.1) -> float:
    """Let the car live under one offer and return its draw per phase at the end."""
    for _ in range(round(seconds / dt_s)):
        car.step(offered_a, VOLTAGE_V, dt_s)
    return car.draw_a


def charging(model: CarModel, offered_a: float = 16.0, soc_pct: float = 40.0) -> Car:
    car = Car(model, soc_pct=soc_pct)
    drive(car, offered_a, 120.0)
    return car


def test_a_car_draws_nothing_without_an_offer() -> None:
    assert drive(Car(ORDINARY), 0.0, 60.0) == 0.0


def test_a_car_waits_its_time_to_follow_and_wake_then_ramps_up() -> None:
    car = Car(ORDINARY)

    assert drive(car, 16.0, 7.9) == 0.0
    assert 0.0 < drive(car, 16.0, 2.0) < 16.0
    assert drive(car, 16.0, 10.0) == pytest.approx(16.0)


@pytest.mark.parametrize("follow_s", [1.0, 5.0, 15.0])
def test_a_lower_offer_is_obeyed_after_the_time_to_follow_and_not_before(follow_s: float) -> None:
    car = charging(replace(ORDINARY, follow_s=follow_s))

    assert drive(car, 8.0, follow_s - 0.2) == pytest.approx(16.0)
    assert drive(car, 8.0, 1.5) == pytest.approx(8.0)


def test_every_change_of_the_offer_is_followed_in_its_turn() -> None:
    car = charging(ORDINARY)
    drive(car, 10.0, 2.0)

    assert drive(car, 14.0, 4.0) == pytest.approx(10.0)
    assert drive(car, 14.0, 4.0) == pytest.approx(14.0)


def test_below_6_a_a_car_pauses_and_has_to_wake_again() -> None:
    car = charging(ORDINARY)

    assert drive(car, 5.9, 10.0) == 0.0
    assert drive(car, 6.0, 7.9) == 0.0
    assert drive(car, 6.0, 5.0) == pytest.approx(6.0)


def test_a_sleepy_car_takes_a_minute_to_start() -> None:
    car = Car(SLEEPY)

    assert drive(car, 16.0, 50.0) == 0.0
    assert drive(car, 16.0, 20.0) == pytest.approx(16.0)


@pytest.mark.parametrize(("model", "lines"), [(ONE_PHASE, 1), (TWO_PHASE, 2), (ORDINARY, 3)])
def test_a_car_uses_the_phases_that_its_onboard_charger_has(model: CarModel, lines: int) -> None:
    car = charging(model)

    assert [current_a > 0.0 for current_a in car.currents_a] == [index < lines for index in range(3)]


def test_a_car_at_a_smaller_connector_uses_fewer_phases() -> None:
    car = charging(ORDINARY)
    car.lines = 1

    assert car.currents_a == (16.0, 0.0, 0.0)


def test_the_onboard_charger_bounds_the_draw() -> None:
    assert charging(ORDINARY, offered_a=32.0).draw_a == pytest.approx(16.0)


def test_some_cars_draw_less_than_offered_and_some_slightly_more() -> None:
    assert charging(MODEST, offered_a=10.0).draw_a == pytest.approx(8.8)
    assert charging(GREEDY, offered_a=10.0).draw_a == pytest.approx(10.6)


def test_an_overdrawing_car_still_pauses_fully() -> None:
    assert drive(charging(GREEDY), 0.0, 20.0) == 0.0


def test_the_draw_tapers_near_full_below_6_a_and_ends_at_full() -> None:
    model = ORDINARY
    assert charging(model, soc_pct=90.0).draw_a == pytest.approx(16.0, abs=0.1)
    tapering = charging(model, soc_pct=98.0)
    late = charging(model, soc_pct=99.6)

    assert 3.0 < tapering.draw_a < 14.0
    assert 0.0 < late.draw_a < 6.0
    drive(late, 16.0, 3600.0, dt_s=1.0)
    assert late.full
    assert late.draw_a == 0.0


def test_the_battery_gets_what_the_cable_gave_less_the_losses() -> None:
    car = charging(ORDINARY, soc_pct=20.0)
    stored_wh, drawn_wh = car.stored_wh, car.drawn_wh

    drive(car, 16.0, 3600.0, dt_s=1.0)

    assert car.drawn_wh - drawn_wh == pytest.approx(3 * 16.0 * VOLTAGE_V, rel=0.001)
    assert car.stored_wh - stored_wh == pytest.approx(0.9 * 3 * 16.0 * VOLTAGE_V, rel=0.001)


@settings(max_examples=60)
@given(
    model=st.sampled_from(MODELS),
    offers_a=st.lists(st.floats(0.0, 40.0), min_size=1, max_size=12),
    seconds=st.integers(1, 20),
)
def test_a_car_never_draws_more_than_the_largest_offer_that_it_may_still_obey(
    model: CarModel, offers_a: list[float], seconds: int
) -> None:
    car = Car(model)
    # The offer of `follow_s` ago is the last that counts; one second more for the fall of the draw.
    memory: deque[float] = deque([0.0], maxlen=math.ceil(model.follow_s) + 2)
    for offered_a in offers_a:
        for _ in range(seconds):
            memory.append(offered_a)
            car.step(offered_a, VOLTAGE_V, 1.0)
            assert car.draw_a <= max(memory) + max(0.0, model.bias_a) + 1e-9


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_no_car_draws_more_than_its_offer_and_its_bias(model: CarModel) -> None:
    car = Car(model, soc_pct=30.0)
    for offered_a in (32.0, 6.0, 0.0, 13.0, 20.0, 7.0):
        drive(car, offered_a, 90.0)

        assert car.draw_a <= max(0.0, min(offered_a, model.onboard_a) + max(0.0, model.bias_a))
