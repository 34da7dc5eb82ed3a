"""Meters that fall silent or tell nonsense (H3), draws unseen, windows; and wall clocks that jump (H11)."""

from datetime import timedelta
from math import inf, nan

import pytest

from controller.domain.readings import PersonRequest, Plug
from controller.domain.reasons import Code
from controller.domain.writes import Kind
from tests.fakes.ticks import AT, GRID, MAIN, A, B, Ticks, even, running, spec


def test_a_silent_meter_leaves_only_what_a_person_declared_safe() -> None:
    ticks = running(spec(safe_a=6.0), spec(B), base_a=even(5.0))

    ticks.meters.clear()
    ticks.live(3)

    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (6.0, 0.0)


@pytest.mark.parametrize("at_s", [-5.5, 2.0], ids=["too old", "from the future"])
def test_a_sample_from_another_time_is_no_sample(at_s: float) -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter(even(16.0), at_mono_s=ticks.now_s + at_s)

    assert ticks.tick().circuits[MAIN].blind
    assert ticks.told() == (0.0, Kind.CUT)


@pytest.mark.parametrize("current_a", [None, nan, inf])
def test_a_phase_that_is_not_told_leaves_the_circuit_blind(current_a: float | None) -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter((16.0, current_a, 16.0))

    assert ticks.tick().circuits[MAIN].blind


@pytest.mark.parametrize("current_a", [nan, inf])
def test_a_charger_that_tells_no_numbers_counts_as_silent(current_a: float) -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, (current_a, 0.0, 0.0)).meter(even(16.0))

    assert ticks.tick().chargers[A].silent


def test_nothing_rises_behind_a_silent_meter() -> None:
    ticks = Ticks()
    ticks.hear()

    ticks.live(60)

    assert ticks.verdict().limit_a == 0.0


def test_a_meter_that_is_awaited_after_a_start_changes_nothing_yet() -> None:
    ticks = Ticks()
    ticks.hear(A, 16.0, 16.0)
    ticks.tick()
    assert ticks.told() is None

    ticks.hear(A, 16.0, 16.0)
    ticks.tick(4.0)

    assert ticks.told() is None


def test_a_meter_that_is_awaited_in_vain_after_a_start_is_silent() -> None:
    ticks = Ticks()
    ticks.hear(A, 16.0, 16.0)
    ticks.tick()

    ticks.hear(A, 16.0, 16.0)
    ticks.tick(6.0)

    assert ticks.told() == (0.0, Kind.CUT)


def test_a_meter_that_comes_back_starts_its_window_anew() -> None:
    ticks = running(spec(), base_a=even(5.0))
    ticks.meters.clear()
    ticks.live(60)

    ticks.now_s += 1.0
    ticks.hear(A, 0.0, 0.0).meter(even(20.0)).tick()

    assert ticks.verdict().share_a == 0.0


def test_after_the_meter_comes_back_the_cars_get_their_amperes_again() -> None:
    ticks = running(spec(), base_a=even(5.0))
    ticks.meters.clear()
    ticks.live(60)

    ticks.meter(even(5.0))
    ticks.live(60, base_a=even(5.0))

    assert ticks.verdict().limit_a == 16.0


def test_a_draw_that_cannot_be_seen_blocks_raises() -> None:
    ticks = Ticks()
    for _ in range(30):
        ticks.now_s += 1.0
        ticks.hear(A, 13.0, None).meter(even(13.0)).tick()

    assert ticks.told() is None
    assert ticks.reason(Code.WAITS_FOR_ROOM) is not None


@pytest.mark.parametrize("seconds", [1, 30])
def test_a_draw_that_cannot_be_seen_causes_no_cut(seconds: int) -> None:
    ticks = Ticks(more={"recorded_a": {A: 16.0}})
    told = []
    for _ in range(seconds):
        ticks.now_s += 1.0
        ticks.hear(A, 16.0, None).meter(even(21.0)).tick()
        told.append(ticks.told())

    assert set(told) == {None}


def test_a_background_that_lasts_a_window_moves_the_shares() -> None:
    ticks = running(spec(), base_a=even(5.0))

    ticks.live(15, base_a=even(9.5))

    assert ticks.verdict().limit_a == 15.0


def test_a_background_that_passes_moves_no_share() -> None:
    ticks = running(spec(), base_a=even(5.0))

    ticks.live(5, base_a=even(9.0))

    assert ticks.verdict().share_a == 16.0


def test_a_raise_is_judged_by_the_largest_background_of_the_window() -> None:
    ticks = running(spec(), base_a=even(15.0))
    ticks.live(3, base_a=even(15.0))
    assert ticks.verdict().limit_a == 10.0

    ticks.live(6, base_a=even(5.0))

    assert ticks.verdict().limit_a == 10.0


@pytest.mark.parametrize("hours", [-26, 1, 24 * 400])
def test_a_wall_clock_that_jumps_changes_no_write(hours: int) -> None:
    ticks = running(spec(), base_a=even(12.0))
    jumped = running(spec(), base_a=even(12.0))

    jumped.more["at"] = AT + timedelta(hours=hours)

    ticks.live(20, base_a=even(5.0))
    jumped.live(20, base_a=even(5.0))
    assert ticks.verdict() == jumped.verdict()
    assert ticks.memory == jumped.memory


def test_a_boost_ends_by_the_wall_clock() -> None:
    ticks = running(spec(mode="gone"))
    ticks.more["requests"] = {A: PersonRequest(boost_until=AT + timedelta(hours=1))}
    assert ticks.tick(1.0).chargers[A].mode == "fast"

    ticks.more["at"] = AT + timedelta(hours=2)

    assert ticks.tick(1.0).chargers[A].mode == "gone"


def test_a_meter_of_another_circuit_says_nothing_of_this_one() -> None:
    ticks = Ticks(places=())
    ticks.hear(A, 16.0, 16.0, plug=Plug.C).meter(even(16.0), GRID)

    assert ticks.tick().circuits[MAIN].blind
