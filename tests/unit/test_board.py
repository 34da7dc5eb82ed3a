"""Board: the latest of everything, no more of it than the tick needs."""

from dataclasses import replace
from datetime import timedelta

from controller.board import Board
from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    Outcome,
    PersonPlan,
    PersonRequest,
)
from controller.domain.snapshot import Timing
from tests.fakes.clock import FakeClock
from tests.fakes.rig import GRID, LEFT, MAIN, PLACES, site_of


def _board() -> tuple[Board, FakeClock]:
    clock = FakeClock()
    return Board(clock, site_of("left"), PLACES, Timing()), clock


def _state(at_s: float, *draws_a: float, limit_a: float = 10.0) -> ChargerState:
    draws = tuple(
        Draw(at_mono_s=at_s - len(draws_a) + 1 + index, currents_a=(draw_a,) * 3)
        for index, draw_a in enumerate(draws_a)
    )
    return ChargerState(id=LEFT, at_mono_s=at_s, limit_a=limit_a, draws=draws)


def test_a_sample_is_news() -> None:
    board, _ = _board()

    board.meter(MeterReading(id=GRID, at_mono_s=1000.0))

    assert board.news.is_set()


def test_a_sample_that_was_overtaken_is_dropped() -> None:
    board, _ = _board()
    board.meter(MeterReading(id=GRID, at_mono_s=1000.0))

    board.meter(MeterReading(id=GRID, at_mono_s=999.0))

    assert board.meters[GRID].at_mono_s == 1000.0


def test_a_state_that_was_overtaken_is_dropped() -> None:
    board, _ = _board()
    board.charger(_state(1000.0, limit_a=6.0))

    board.charger(_state(999.0, limit_a=16.0))

    assert board.chargers[LEFT].limit_a == 6.0


async def test_what_claims_to_be_of_the_future_keeps_nothing_out_that_follows() -> None:
    board, clock = _board()
    for at_s in (1e9, float("nan")):
        board.meter(MeterReading(id=GRID, at_mono_s=at_s))
        board.charger(_state(at_s))
        board.limiter(MAIN, at_s, (32.0, 32.0, 32.0))
    assert (board.meters, board.chargers, board.limiters) == ({}, {}, {})

    await clock.advance(1.0)
    board.meter(MeterReading(id=GRID, at_mono_s=1001.0))
    board.charger(_state(1001.0, limit_a=6.0))
    board.limiter(MAIN, 1001.0, (6.0, 6.0, 6.0))

    assert board.meters[GRID].at_mono_s == 1001.0
    assert board.chargers[LEFT].limit_a == 6.0
    assert board.limiters[MAIN] == (1001.0, (6.0, 6.0, 6.0))


def test_a_draw_of_the_future_keeps_no_later_one_out() -> None:
    board, _ = _board()
    state = _state(1000.0, 6.0)
    board.charger(replace(state, draws=(Draw(at_mono_s=1e9, currents_a=(0.0,) * 3),)))

    board.charger(state)

    assert [draw.currents_a[0] for draw in board.chargers[LEFT].draws] == [6.0]


def test_what_a_limiter_held_before_does_not_replace_what_it_holds_now() -> None:
    board, _ = _board()
    board.limiter(MAIN, 1000.0, (16.0, 16.0, 16.0))

    board.limiter(MAIN, 999.0, (6.0, 6.0, 6.0))

    assert board.limiters[MAIN] == (1000.0, (16.0, 16.0, 16.0))


def test_draws_are_joined_in_their_order_and_each_once() -> None:
    board, _ = _board()
    board.charger(_state(1000.0, 1.0, 2.0))

    board.charger(_state(1001.0, 2.0, 3.0))

    assert [draw.currents_a[0] for draw in board.chargers[LEFT].draws] == [1.0, 2.0, 3.0]


async def test_draws_before_the_window_are_forgotten_but_for_the_one_in_force() -> None:
    board, clock = _board()
    board.charger(_state(1000.0, 5.0))
    await clock.advance(100.0)

    board.charger(_state(1100.0, 6.0))

    assert [draw.currents_a[0] for draw in board.chargers[LEFT].draws] == [5.0, 6.0]


async def test_the_oldest_draw_goes_once_a_later_one_was_in_force_before_the_window() -> None:
    board, clock = _board()
    for second in range(200):
        board.charger(_state(1000.0 + second, float(second)))
        await clock.advance(1.0)

    draws = board.chargers[LEFT].draws

    window_s = Timing().window_s
    assert window_s <= draws[-1].at_mono_s - draws[0].at_mono_s <= window_s + 8.0


async def test_the_draws_reach_back_to_the_window_of_a_sample_that_lags_and_has_aged() -> None:
    clock, timing = FakeClock(), Timing()
    lagging = (replace(PLACES[0], lag_s=10.0),)
    board = Board(clock, site_of("left"), lagging, timing)
    for second in range(100):
        board.charger(_state(1000.0 + second, 5.0))
        await clock.advance(1.0)

    sample_s = clock.mono_s() - 10.0 - timing.meter_ttl_s
    window_s = board.snapshot(recording=True).window_s
    assert board.chargers[LEFT].draws[0].at_mono_s <= sample_s - window_s


def test_a_charger_that_talks_too_much_is_not_kept_word_by_word() -> None:
    board, _ = _board()

    for number in range(1000):
        board.charger(_state(1000.0 + number / 1000, 5.0))

    assert len(board.chargers[LEFT].draws) <= 64


def test_a_draw_that_is_no_longer_seen_is_not_remembered() -> None:
    board, _ = _board()
    board.charger(_state(1000.0, 5.0))

    board.charger(_state(1001.0))

    assert board.chargers[LEFT].draw_a is None


def test_an_answer_is_news_and_is_handed_over_once() -> None:
    board, _ = _board()
    board.answer(Answer(write=1, outcome=Outcome.DELIVERED, at_mono_s=1000.0))

    first, second = board.snapshot(recording=True), board.snapshot(recording=True)

    assert board.news.is_set()
    assert [answer.write for answer in first.answers] == [1]
    assert second.answers == ()


def test_a_snapshot_does_not_change_with_the_board() -> None:
    board, _ = _board()
    board.meter(MeterReading(id=GRID, at_mono_s=1000.0))
    snapshot = board.snapshot(recording=True)

    board.meter(MeterReading(id=GRID, at_mono_s=1001.0))

    assert snapshot.meters[GRID].at_mono_s == 1000.0


async def test_requests_expire_part_by_part() -> None:
    board, clock = _board()
    now = clock.now()
    request = PersonRequest(
        mode="solar",
        limit_a=10.0,
        limit_until=now + timedelta(minutes=1),
        boost_until=now + timedelta(minutes=2),
        plan=PersonPlan(by=now + timedelta(minutes=3), energy_wh=1000.0),
    )
    board.request(LEFT, request)

    seen = []
    for _ in range(4):
        found = board.snapshot(recording=True).requests[LEFT]
        seen.append((found.limit_a is None, found.boost_until is None, found.plan is None, found.mode))
        await clock.advance(60.0)

    assert seen == [
        (False, False, False, "solar"),
        (True, False, False, "solar"),
        (True, True, False, "solar"),
        (True, True, True, "solar"),
    ]


def test_a_request_can_be_forgotten() -> None:
    board, _ = _board()
    board.request(LEFT, PersonRequest(mode="solar"))

    board.request(LEFT, None)

    assert board.snapshot(recording=True).requests == {}
