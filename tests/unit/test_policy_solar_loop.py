"""The solar policy in a closed loop with a toy house: bounded starts and changes, no swinging."""

import math

import pytest

from tests.fakes.toy_house import VOLT, ToyCar, ToyHouse

LATE = pytest.mark.parametrize("meter_delay_s", [0, 4, 10])
SLOW_DEVICE = pytest.mark.parametrize("device_delay_s", [0.0, 12.0, 30.0])
SLOW_CAR = pytest.mark.parametrize("follow_s", [1.0, 5.0, 15.0])


def run(meter_delay_s: int, *cars: ToyCar, sun_w: float = 3000.0, seconds: int = 600) -> ToyHouse:
    return ToyHouse(cars, lambda _: sun_w, meter_delay_s=meter_delay_s).run(seconds)


@LATE
@SLOW_DEVICE
@SLOW_CAR
@pytest.mark.parametrize("lines", [1, 3])
def test_under_a_constant_sun_one_start_leads_to_within_a_step_of_the_surplus_and_to_silence(
    meter_delay_s: int, device_delay_s: float, follow_s: float, lines: int
) -> None:
    car = ToyCar("a", lines=lines, device_delay_s=device_delay_s, follow_s=follow_s)

    house = run(meter_delay_s, car, sun_w=2650.0 * lines)

    left_over_w = -house.grid_w[-1]
    assert 0.0 <= left_over_w < lines * VOLT
    assert car.starts == 1
    assert max(at_s for at_s, _ in car.changes) < 150.0
    assert len(car.changes) <= 2


@LATE
@SLOW_DEVICE
@SLOW_CAR
def test_two_cars_share_a_constant_sun_without_swinging(
    meter_delay_s: int, device_delay_s: float, follow_s: float
) -> None:
    cars = [ToyCar(name, device_delay_s=device_delay_s, follow_s=follow_s) for name in ("a", "b")]

    house = run(meter_delay_s, *cars, sun_w=4100.0)

    assert 0.0 <= -house.grid_w[-1] < VOLT
    assert [car.starts for car in cars] == [1, 1]
    assert all(len(car.changes) <= 3 for car in cars)


@LATE
def test_a_sun_for_one_car_starts_only_one(meter_delay_s: int) -> None:
    cars = [ToyCar("a"), ToyCar("b")]

    run(meter_delay_s, *cars, sun_w=2500.0)

    assert [car.starts for car in cars] == [1, 0]


@LATE
@SLOW_CAR
def test_a_step_of_the_sun_is_followed_once_and_then_there_is_silence(
    meter_delay_s: int, follow_s: float
) -> None:
    car = ToyCar("a", device_delay_s=12.0, follow_s=follow_s)

    house = ToyHouse([car], lambda t: 2000.0 if t < 300 else 3400.0, meter_delay_s=meter_delay_s).run(600)

    assert 0.0 <= -house.grid_w[-1] < VOLT + 100.0
    assert len(car.changes) <= 4
    assert max(at_s for at_s, _ in car.changes) < 400.0


@LATE
def test_a_passing_cloud_stops_no_car(meter_delay_s: int) -> None:
    car = ToyCar("a")

    ToyHouse([car], lambda t: 500.0 if 300 < t < 500 else 3000.0, meter_delay_s=meter_delay_s).run(900)

    assert car.starts == 1
    assert min(current_a for _, current_a in car.changes) == 6.0


@LATE
def test_clouds_all_day_start_a_car_no_more_often_than_hold_and_rest_allow(meter_delay_s: int) -> None:
    car = ToyCar("a", device_delay_s=30.0, follow_s=15.0)
    period_s = 500.0

    house = ToyHouse(
        [car], lambda t: 3000.0 if t % period_s < period_s / 2 else 0.0, meter_delay_s=meter_delay_s
    )
    house.run(3600)

    cycle_s = 300.0 + 300.0  # hold, then rest
    assert car.starts <= math.ceil(3600.0 / cycle_s)
    assert len(car.changes) <= 3 * 3600.0 / period_s


@LATE
def test_a_slowly_moving_sun_moves_the_car_no_more_than_the_sun_itself_moved(meter_delay_s: int) -> None:
    car = ToyCar("a", follow_s=15.0)

    house = ToyHouse([car], lambda t: 2700.0 + 900.0 * math.sin(t / 300.0), meter_delay_s=meter_delay_s)
    house.run(1900)

    # One wave goes 1,800 W up and down: 2 x 1800 / 230 steps, and the start.
    assert car.starts == 1
    assert len(car.changes) <= math.ceil(2 * 1800.0 / VOLT) + 1


@LATE
def test_a_kettle_that_boils_all_day_moves_nothing(meter_delay_s: int) -> None:
    car = ToyCar("a")

    house = ToyHouse(
        [car], lambda _: 2600.0, lambda t: 300.0 + (2000.0 if t % 120 < 20 else 0.0), meter_delay_s
    )
    house.run(900)

    assert len(car.changes) == 1


def test_a_kept_minimum_runs_without_sun_and_takes_the_surplus_on_top() -> None:
    car = ToyCar("a", settings={"keep_minimum": 1.0})

    house = ToyHouse([car], lambda t: 0.0 if t < 200 else 2650.0).run(400)

    assert car.changes[0] == (1.0, 6.0)
    assert car.told_a == 10.0
    assert 0.0 <= -house.grid_w[-1] < VOLT
