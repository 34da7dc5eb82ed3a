import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.breaker import TIME_CONSTANT_S, Curve, Pole, Protection, gg_curve, mcb_curve

HOUR_S = 3600.0


def trip_s(pole: Pole, current_a: float, *, up_to_s: float, dt_s: float = 0.05) -> float:
    """Let a current flow until the pole trips; infinity if it holds for `up_to_s`."""
    for step in range(round(up_to_s / dt_s)):
        if pole.step(current_a, dt_s):
            return (step + 1) * dt_s
    return math.inf


def breaker(rated_a: float = 16.0, letter: str = "B", warmth: float = 0.0) -> Pole:
    return Pole(rated_a, mcb_curve(rated_a, letter), warmth=warmth)


def fuse(rated_a: float = 25.0, warmth: float = 0.0) -> Pole:
    return Pole(rated_a, gg_curve(rated_a), warmth=warmth)


@pytest.mark.parametrize("letter", ["B", "C"])
@pytest.mark.parametrize("rated_a", [6.0, 16.0, 32.0, 63.0, 125.0])
def test_a_breaker_holds_1_13_times_its_rating_for_the_conventional_time(rated_a: float, letter: str) -> None:
    hours = 1.0 if rated_a <= 63.0 else 2.0

    assert trip_s(breaker(rated_a, letter), 1.13 * rated_a, up_to_s=hours * HOUR_S, dt_s=1.0) == math.inf


@pytest.mark.parametrize("rated_a", [6.0, 16.0, 63.0, 125.0])
def test_a_breaker_trips_at_1_45_times_its_rating_after_1_13_within_the_conventional_time(
    rated_a: float,
) -> None:
    hours = 1.0 if rated_a <= 63.0 else 2.0
    pole = breaker(rated_a)
    trip_s(pole, 1.13 * rated_a, up_to_s=hours * HOUR_S, dt_s=1.0)

    assert trip_s(pole, 1.45 * rated_a, up_to_s=hours * HOUR_S, dt_s=1.0) <= hours * HOUR_S


@pytest.mark.parametrize("rated_a", [6.0, 16.0, 125.0])
def test_a_cold_breaker_trips_at_1_45_times_its_rating_within_the_conventional_time(rated_a: float) -> None:
    assert 60.0 < trip_s(breaker(rated_a), 1.45 * rated_a, up_to_s=HOUR_S, dt_s=1.0) <= HOUR_S


def test_above_63_a_a_slight_overload_takes_the_longer_conventional_time() -> None:
    assert mcb_curve(63.0).trips_after_s(1.131) < HOUR_S < mcb_curve(80.0).trips_after_s(1.131)


@pytest.mark.parametrize(("rated_a", "latest_s"), [(16.0, 60.0), (32.0, 60.0), (40.0, 120.0), (63.0, 120.0)])
def test_a_cold_breaker_trips_at_2_55_times_its_rating_in_the_band_and_early_in_it(
    rated_a: float, latest_s: float
) -> None:
    after_s = trip_s(breaker(rated_a), 2.55 * rated_a, up_to_s=latest_s, dt_s=0.01)

    assert 1.0 <= after_s <= latest_s
    assert after_s < 2.0


@pytest.mark.parametrize(("letter", "holds", "trips"), [("B", 3.0, 5.0), ("C", 5.0, 10.0)])
def test_the_magnetic_release_acts_at_once_in_its_band_and_not_below(
    letter: str, holds: float, trips: float
) -> None:
    assert trip_s(breaker(16.0, letter), holds * 16.0, up_to_s=0.1, dt_s=0.01) == math.inf
    assert trip_s(breaker(16.0, letter), trips * 16.0, up_to_s=0.1, dt_s=0.01) == pytest.approx(0.01)


def test_the_magnetic_release_is_taken_from_the_early_edge_of_the_band() -> None:
    assert breaker(16.0, "B").step(3.01 * 16.0, 0.001)
    assert breaker(16.0, "C").step(5.01 * 16.0, 0.001)


@pytest.mark.parametrize(("rated_a", "hours"), [(16.0, 1.0), (63.0, 1.0), (100.0, 2.0), (250.0, 3.0)])
def test_a_fuse_holds_1_25_times_its_rating_and_melts_at_1_6_within_the_conventional_time(
    rated_a: float, hours: float
) -> None:
    assert trip_s(fuse(rated_a), 1.25 * rated_a, up_to_s=hours * HOUR_S, dt_s=1.0) == math.inf
    assert trip_s(fuse(rated_a), 1.6 * rated_a, up_to_s=hours * HOUR_S, dt_s=1.0) <= hours * HOUR_S


def test_a_fuse_of_16_a_stands_at_the_lowest_gates_of_its_norm() -> None:
    assert trip_s(fuse(16.0), 33.0, up_to_s=20.0, dt_s=0.01) == pytest.approx(10.0, rel=0.01)
    assert trip_s(fuse(16.0), 50.0, up_to_s=1.0, dt_s=0.001) == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize("curve", [mcb_curve(16.0, "B"), mcb_curve(16.0, "C"), gg_curve(16.0)])
def test_a_larger_current_never_takes_longer(curve: Curve) -> None:
    multiples = [1.0 + step / 100.0 for step in range(1200)]

    times_s = [curve.trips_after_s(multiple) for multiple in multiples]

    assert all(later <= sooner for sooner, later in pairwise(times_s))


@pytest.mark.parametrize("make", [breaker, fuse])
def test_a_warm_device_trips_earlier_than_a_cold_one(make: Callable[..., Pole]) -> None:
    cold_s = trip_s(make(16.0), 1.7 * 16.0, up_to_s=HOUR_S)
    warm_s = trip_s(make(16.0, warmth=1.0), 1.7 * 16.0, up_to_s=HOUR_S)

    assert 0.15 * cold_s < warm_s < 0.5 * cold_s


def test_rated_current_warms_a_device_and_rest_cools_it() -> None:
    pole = breaker()
    trip_s(pole, 16.0, up_to_s=TIME_CONSTANT_S, dt_s=1.0)
    assert pole.warmth == pytest.approx(1.0 - math.exp(-1.0), rel=0.01)

    trip_s(pole, 0.0, up_to_s=5.0 * TIME_CONSTANT_S, dt_s=1.0)

    assert pole.warmth < 0.01


def test_what_an_overload_used_up_comes_back_with_time() -> None:
    pole = breaker()
    trip_s(pole, 2.0 * 16.0, up_to_s=5.0)
    used = pole.state

    trip_s(pole, 8.0, up_to_s=TIME_CONSTANT_S, dt_s=1.0)

    assert 0.2 < used < 1.0
    assert pole.state == pytest.approx(used * math.exp(-1.0), rel=0.01)


def test_short_overloads_add_up() -> None:
    pole = breaker()
    once_s = trip_s(breaker(), 2.0 * 16.0, up_to_s=HOUR_S)

    for _ in range(3):
        trip_s(pole, 2.0 * 16.0, up_to_s=0.35 * once_s)
        trip_s(pole, 0.0, up_to_s=1.0)

    assert pole.tripped


def test_the_size_of_the_steps_does_not_matter() -> None:
    fine_s = trip_s(breaker(), 1.6 * 16.0, up_to_s=HOUR_S, dt_s=0.1)
    coarse_s = trip_s(breaker(), 1.6 * 16.0, up_to_s=HOUR_S, dt_s=1.0)

    assert coarse_s == pytest.approx(fine_s, rel=0.02)


@settings(max_examples=50)
@given(
    currents_a=st.lists(st.floats(0.0, 60.0), min_size=1, max_size=40),
    more_a=st.floats(0.0, 30.0),
    curve=st.sampled_from(["gG", "B", "C"]),
)
def test_more_current_never_uses_up_less(currents_a: list[float], more_a: float, curve: str) -> None:
    less, more = Protection((16.0,) * 3, curve), Protection((16.0,) * 3, curve)

    for current_a in currents_a:
        less.step((current_a, 0.0, 0.0), 1.0)
        more.step((current_a + more_a, 0.0, 0.0), 1.0)
        assert more.worst >= less.worst


def test_export_heats_like_import() -> None:
    assert breaker().step(-6.0 * 16.0, 0.1)


def test_a_tripped_pole_stays_open_until_it_is_reset() -> None:
    pole = breaker()
    pole.step(100.0, 0.1)

    assert pole.step(0.0, HOUR_S)
    pole.reset()
    assert not pole.step(0.0, 1.0)


def test_each_phase_trips_for_itself_and_the_worst_state_is_remembered() -> None:
    protection = Protection((16.0, 16.0, 0.0), "B")

    assert not protection.step((24.0, 10.0, 99.0), 30.0)
    reached = protection.worst
    protection.step((0.0, 0.0, 0.0), HOUR_S)

    assert set(protection.poles) == {1, 2}
    assert 0.1 < reached == protection.worst
    assert protection.step((10.0, 100.0, 0.0), 0.1)
    assert protection.tripped


def test_an_unknown_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="expected B or C"):
        Protection((16.0, 16.0, 16.0), "D")
