import pytest

from simulator.house.battery import Battery, BatteryModel


def follow(battery: Battery, rest_w: float, seconds: int) -> float:
    for _ in range(seconds):
        battery.step(rest_w, 1.0)
    return battery.power_w


def test_a_surplus_is_stored_and_a_need_is_served() -> None:
    assert follow(Battery(BatteryModel()), -2000.0, 60) == pytest.approx(2000.0, rel=0.01)
    assert follow(Battery(BatteryModel()), 1500.0, 60) == pytest.approx(-1500.0, rel=0.01)


def test_it_follows_with_its_delay() -> None:
    battery = Battery(BatteryModel(delay_s=10.0))

    assert follow(battery, -1000.0, 10) == pytest.approx(632.0, rel=0.01)


def test_its_power_is_limited_both_ways() -> None:
    battery = Battery(BatteryModel(limit_w=3000.0))

    assert follow(battery, -9000.0, 60) == pytest.approx(3000.0)
    assert follow(battery, 9000.0, 60) == pytest.approx(-3000.0)


def test_a_full_battery_takes_nothing_and_an_empty_one_gives_nothing() -> None:
    full = Battery(BatteryModel(capacity_wh=1000.0), soc_pct=99.0)
    empty = Battery(BatteryModel(capacity_wh=1000.0, reserve_pct=10.0), soc_pct=11.0)

    assert follow(full, -4000.0, 600) == 0.0
    assert full.soc_pct == 100.0
    assert follow(empty, 4000.0, 600) == 0.0
    assert 9.0 < empty.soc_pct <= 10.0


def test_a_round_trip_costs_its_losses() -> None:
    battery = Battery(BatteryModel(efficiency=0.81, delay_s=0.001), soc_pct=50.0)

    follow(battery, -1000.0, 3600)
    follow(battery, 810.0, 3600)

    assert battery.soc_pct == pytest.approx(50.0, abs=0.01)
