from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulator.house.solar import Clouds, Solar, SolarPlant, sine_of_elevation

MIDSUMMER = datetime(2026, 6, 21, tzinfo=UTC)
MIDWINTER = datetime(2026, 12, 21, tzinfo=UTC)


def clear() -> Clouds:
    return Clouds("1", cloudy_s=0.0)


def day_wh(starts: datetime, clouds: Clouds) -> float:
    solar = Solar(SolarPlant(peak_w=10_000.0, inverter_w=10_000.0), clouds)
    minutes = range(1440)
    return sum(solar.step(starts + timedelta(minutes=at), at * 60.0, 60.0) / 60.0 for at in minutes)


def test_the_sun_of_midsummer_noon_stands_61_degrees_high_at_52_north() -> None:
    noon = MIDSUMMER + timedelta(hours=12)

    assert sine_of_elevation(noon, 52.0, 0.0) == pytest.approx(0.877, abs=0.01)
    assert sine_of_elevation(noon - timedelta(hours=12), 52.0, 0.0) < 0.0


def test_the_sun_is_early_in_the_east() -> None:
    morning = MIDSUMMER + timedelta(hours=7)

    assert sine_of_elevation(morning, 52.0, 15.0) > sine_of_elevation(morning, 52.0, 0.0)


def test_a_clear_summer_day_makes_many_times_a_winter_day() -> None:
    summer_wh, winter_wh = day_wh(MIDSUMMER, clear()), day_wh(MIDWINTER, clear())

    # A clear midsummer day brings some 8 kWh on a level square metre at 52 degrees north.
    assert 55_000.0 < summer_wh < 75_000.0
    assert winter_wh < summer_wh / 6.0


def test_at_night_nothing_is_made() -> None:
    assert Solar(SolarPlant(), clear()).step(MIDSUMMER, 0.0, 1.0) == 0.0


def test_the_inverter_caps_what_the_panels_could() -> None:
    solar = Solar(SolarPlant(peak_w=10_000.0, inverter_w=4000.0), clear())

    assert solar.step(MIDSUMMER + timedelta(hours=12), 0.0, 1.0) == 4000.0


def test_clouds_cost_a_part_of_the_day_and_never_add_to_it() -> None:
    clear_wh, cloudy_wh = day_wh(MIDSUMMER, clear()), day_wh(MIDSUMMER, Clouds("1"))

    assert 0.6 * clear_wh < cloudy_wh < 0.95 * clear_wh


def test_clouds_pass_with_ramps_and_stay_between_none_and_all() -> None:
    clouds = Clouds("3", clear_s=100.0, cloudy_s=60.0)

    passes = [clouds.passes(float(second), 1.0) for second in range(7200)]
    steps = [abs(after - before) for before, after in pairwise(passes)]

    assert min(passes) < 0.5
    assert max(passes) == 1.0
    assert 0.0 < max(steps) <= 0.1


def test_a_cloud_that_is_ordered_comes_stays_and_goes() -> None:
    clouds = clear()
    clouds.force(10.0, depth=0.8, seconds=30.0)

    passes = {second: clouds.passes(float(second), 1.0) for second in range(10, 50)}

    assert passes[12] > 0.5
    assert passes[20] == passes[30] == pytest.approx(0.2)
    assert passes[40] > 0.8
    assert passes[45] == 1.0


def test_the_same_seed_brings_the_same_sky() -> None:
    one, same, other = (day_wh(MIDSUMMER, Clouds(str(seed))) for seed in (7, 7, 8))

    assert one == same != other
