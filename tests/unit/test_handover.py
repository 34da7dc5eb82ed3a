"""What a configuration begins at: promises of before, of chargers and of circuits' limiters."""

from dataclasses import replace

import pytest

from controller.app.handover import bring_back, ghosts, promises_of
from controller.board import Board
from controller.domain.site import Abilities
from controller.domain.snapshot import ChargerMemory, CircuitMemory, Memory, Promise, Timing
from controller.domain.units import ChargerId, Phases
from controller.ports import RecordedLimiter, RecordedPromise
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import GARAGE, LIMITED, MAIN, NOON, NOON_S, YARD, limiter_promise, promise


def board(clock: FakeClock | None = None) -> Board:
    """Make the board of a house whose main circuit has a limiter."""
    return Board(clock or FakeClock(NOON), LIMITED, (), Timing())


def limiters_of(found: Board) -> list[Phases]:
    """List what its limiters promise, as the next configuration gets to hear it."""
    promises = promises_of(found, FakeClock(NOON))
    return list({one.circuit: one.promise_a for one in promises if isinstance(one, RecordedLimiter)}.values())


def test_what_was_recorded_is_what_the_first_tick_begins_at() -> None:
    begun = board()

    bring_back(
        begun, (promise(16.0), promise(6.0, YARD), limiter_promise((9.0, 10.0, 11.0))), FakeClock(NOON)
    )

    snapshot = begun.snapshot(recording=True)
    assert snapshot.recorded_a == {GARAGE: 16.0, YARD: 6.0}
    assert snapshot.recorded_limiters_a == {MAIN: (9.0, 10.0, 11.0)}


def test_a_limiters_promise_goes_on_to_the_next_configuration() -> None:
    running = board()
    bring_back(running, [limiter_promise((9.0, 10.0, 11.0))], FakeClock(NOON))
    page = Promise(settled_a=20.0)
    told = CircuitMemory(background_a=(0.0, 0.0, 0.0), limiter=(page, page, replace(page, settled_a=6.0)))

    assert limiters_of(running) == [(9.0, 10.0, 11.0)]
    running.memory = Memory(circuits={MAIN: told})
    assert limiters_of(running) == [(20.0, 20.0, 6.0)]


LEASED = replace(promise(6.0), mono_s=NOON_S, lapses_mono_s=NOON_S + 60.0)
LEASED_LIMITER = replace(limiter_promise(), mono_s=NOON_S, lapses_mono_s=NOON_S + 60.0)


async def test_a_lease_goes_on_by_the_same_clock() -> None:
    clock = FakeClock(NOON, NOON_S)
    await clock.advance(20.0)
    begun = board(clock)

    bring_back(begun, [LEASED, LEASED_LIMITER], clock)

    snapshot = begun.snapshot(recording=True)
    assert snapshot.recorded_lapses_mono_s == {GARAGE: NOON_S + 60.0}
    assert snapshot.recorded_limiters_lapse_mono_s == {MAIN: NOON_S + 60.0}


@pytest.mark.parametrize("jump_s", [-86400.0, -5.0, 5.0, 86400.0])
async def test_where_wall_time_jumped_a_lease_may_have_ended_already(jump_s: float) -> None:
    clock = FakeClock(NOON, NOON_S)
    await clock.advance(20.0)
    clock.jump(jump_s)
    begun = board(clock)

    bring_back(begun, [LEASED, LEASED_LIMITER], clock)

    assert begun.recorded_lapses_mono_s == {GARAGE: clock.mono_s()}
    assert begun.recorded_limiters_lapse_mono_s == {MAIN: clock.mono_s()}


def test_after_the_host_was_restarted_a_lease_may_have_ended_already() -> None:
    clock = FakeClock(NOON, mono_s=5.0)
    begun = board(clock)

    bring_back(begun, [LEASED], clock)

    assert begun.recorded_lapses_mono_s == {GARAGE: 5.0}


def test_a_charger_that_left_is_budgeted_at_what_it_goes_to_by_itself() -> None:
    gone = replace(promise(6.0, ChargerId("gone")), silent_a=16.0)

    (ghost,) = ghosts(LIMITED, [gone])

    assert ghost.promise_a == 16.0


def test_a_charger_that_left_with_nothing_and_comes_back_by_itself_is_budgeted() -> None:
    gone = replace(promise(0.0, ChargerId("gone")), silent_a=16.0)

    assert [ghost.promise_a for ghost in ghosts(LIMITED, [gone])] == [16.0]


def test_what_a_charger_goes_to_by_itself_goes_along_with_its_promise() -> None:
    able = Abilities(fallback_a=10.0)
    running = board()
    spec = replace(LIMITED.charger[GARAGE], abilities=able)
    running.site = replace(LIMITED, chargers=(spec,))
    running.memory = Memory(chargers={GARAGE: ChargerMemory(promise=Promise(settled_a=6.0))})

    (told, *_) = promises_of(running, FakeClock(NOON))

    assert isinstance(told, RecordedPromise)
    assert (told.promise_a, told.silent_a) == (6.0, 10.0)


def test_where_limits_are_leased_what_they_lapse_to_goes_along_too() -> None:
    able = Abilities(lease_s=60.0, lapses_to_a=10.0)
    running = board()
    spec = replace(LIMITED.charger[GARAGE], abilities=able)
    running.site = replace(LIMITED, chargers=(spec,))
    page = Promise(settled_a=6.0, lapses_mono_s=NOON_S + 60.0)
    running.memory = Memory(chargers={GARAGE: ChargerMemory(promise=page)})

    (told, *_) = promises_of(running, FakeClock(NOON))

    assert isinstance(told, RecordedPromise)
    assert (told.silent_a, told.lapses_mono_s) == (10.0, NOON_S + 60.0)
