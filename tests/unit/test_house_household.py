from collections.abc import Sequence
from itertools import pairwise

import pytest

from simulator.house.appliances import electric_heating, heat_pump, kitchen_and_bath
from simulator.house.household import Household
from simulator.house.programs import Appliance, Habit, scaled, steady, thermostat

KETTLE = Appliance(name="kettle", program=steady(2200.0, 150.0), phases=(2,))


def minutes_w(seed: int, days: int) -> list[float]:
    """Generate one-minute means of an all-electric home in winter."""
    home = Household((*kitchen_and_bath(), *electric_heating()), seed=seed, hour_at_start=17.4)
    return [
        sum(sum(home.powers_w(minute * 60.0 + second)) for second in range(0, 60, 5)) / 12.0
        for minute in range(days * 1440)
    ]


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


# Measured on 14,998 one-minute means of the UCI household (data set 235, from 2006-12-16 on): W, and the
# size of the step from one minute to the next.
REAL_MEAN_W = 1924.0
REAL_W = {0.05: 226.0, 0.25: 564.0, 0.5: 1720.0, 0.75: 2796.0, 0.95: 4516.0, 0.99: 5848.0}
REAL_STEP_W = {0.5: 22.0, 0.75: 150.0, 0.9: 978.0, 0.95: 1506.0, 0.99: 2022.0, 0.999: 2984.0}


@pytest.fixture(scope="module")
def generated_w() -> list[float]:
    return minutes_w(seed=1, days=10)


def test_the_generated_mean_is_that_of_a_real_household(generated_w: list[float]) -> None:
    assert sum(generated_w) / len(generated_w) == pytest.approx(REAL_MEAN_W, rel=0.15)


@pytest.mark.parametrize("share", REAL_W)
def test_the_generated_powers_are_distributed_like_real_ones(generated_w: list[float], share: float) -> None:
    assert quantile(generated_w, share) == pytest.approx(REAL_W[share], rel=0.3)


@pytest.mark.parametrize("share", REAL_STEP_W)
def test_the_generated_steps_between_minutes_are_distributed_like_real_ones(
    generated_w: list[float], share: float
) -> None:
    steps_w = [abs(after - before) for before, after in pairwise(generated_w)]

    assert quantile(steps_w, share) == pytest.approx(REAL_STEP_W[share], rel=0.3)


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert minutes_w(seed=5, days=1) == minutes_w(seed=5, days=1)
    assert minutes_w(seed=5, days=1) != minutes_w(seed=6, days=1)


def test_the_size_of_the_steps_does_not_change_the_day() -> None:
    things = (*kitchen_and_bath(), *heat_pump())
    coarse, fine = Household(things, seed=3), Household(things, seed=3)

    for hour in range(1, 25):
        for quarter in range(4):
            fine.powers_w(hour * 3600.0 - 2700.0 + quarter * 900.0)
        assert coarse.powers_w(hour * 3600.0) == fine.powers_w(hour * 3600.0)


def test_switching_one_appliance_leaves_the_others_alone() -> None:
    things = (*kitchen_and_bath(), Appliance(name="toaster", program=steady(900.0, 1e9), phases=(3,)))
    touched, untouched = Household(things, seed=2), Household(things, seed=2)
    touched.switch("toaster", 100.0, on=True)

    for minute in range(2, 600):
        with_toaster, without = touched.powers_w(minute * 60.0), untouched.powers_w(minute * 60.0)
        assert with_toaster[:2] == without[:2]
        assert with_toaster[2] == pytest.approx(without[2] + 900.0)


def test_an_appliance_without_a_habit_runs_only_when_switched_on_and_ends_by_itself() -> None:
    home = Household((KETTLE,), seed=1)
    assert home.powers_w(86_400.0) == (0.0, 0.0, 0.0)

    home.switch("kettle", 86_400.0, on=True)

    assert home.on == ("kettle",)
    assert home.powers_w(86_450.0) == (0.0, 2200.0, 0.0)
    assert home.powers_w(86_700.0) == (0.0, 0.0, 0.0)


def test_switching_off_ends_a_program_at_once_and_switching_on_starts_it_anew() -> None:
    home = Household((KETTLE,), seed=1)
    home.switch("kettle", 10.0, on=True)
    home.switch("kettle", 20.0, on=False)
    assert home.powers_w(21.0) == (0.0, 0.0, 0.0)

    home.switch("kettle", 60.0, on=True)

    # The first run would have ended by then; the second has not.
    assert home.powers_w(155.0) == (0.0, 2200.0, 0.0)


def test_an_unknown_appliance_cannot_be_switched() -> None:
    with pytest.raises(KeyError):
        Household((KETTLE,), seed=1).switch("sauna", 0.0, on=True)


def test_a_habit_keeps_to_its_hours_and_its_number() -> None:
    evening = tuple(1.0 if 18 <= hour < 22 else 0.0 for hour in range(24))
    lamp = Appliance(name="lamp", program=steady(100.0, 60.0), habit=Habit(starts_a_day=6.0, hours=evening))
    home = Household((lamp,), seed=4, hour_at_start=12.0)

    on_minutes = [minute for minute in range(60 * 1440) if home.powers_w(minute * 60.0)[0] > 0.0]

    assert all(18 <= (12 + minute / 60.0) % 24 < 22.1 for minute in on_minutes)
    assert 200 < len(on_minutes) < 500


def test_a_three_phase_appliance_is_split_evenly() -> None:
    pump = Appliance(name="pump", program=steady(3000.0, 1e9), phases=(1, 2, 3), always=True)

    assert Household((pump,), seed=1).powers_w(1.0) == (1000.0, 1000.0, 1000.0)


def test_a_scaled_program_keeps_its_course_at_a_share_of_its_power() -> None:
    oven = thermostat(3000.0, on_s=45.0, off_s=100.0, heat_up_s=60.0)
    whole = Household((Appliance(name="oven", program=oven, always=True),), seed=1)
    half = Household((Appliance(name="oven", program=scaled(oven, 0.5), always=True),), seed=1)

    for second in range(1, 600):
        assert half.powers_w(float(second))[0] == pytest.approx(whole.powers_w(float(second))[0] / 2.0)
