"""What a configuration begins at: promises of before, of chargers and of circuits' limiters."""

from dataclasses import replace

from controller.app.handover import bring_back, promises_of
from controller.board import Board
from controller.domain.snapshot import CircuitMemory, Memory, Promise, Timing
from controller.domain.units import Phases
from controller.ports import RecordedLimiter
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import GARAGE, LIMITED, MAIN, NOON, YARD, limiter_promise, promise


def board() -> Board:
    """Make the board of a house whose main circuit has a limiter."""
    return Board(FakeClock(NOON), LIMITED, (), Timing())


def limiters_of(found: Board) -> list[Phases]:
    """List what its limiters promise, as the next configuration gets to hear it."""
    return [one.promise_a for one in promises_of(found, NOON) if isinstance(one, RecordedLimiter)]


def test_what_was_recorded_is_what_the_first_tick_begins_at() -> None:
    begun = board()

    bring_back(begun, [promise(16.0), promise(6.0, YARD), limiter_promise((9.0, 10.0, 11.0))])

    snapshot = begun.snapshot(recording=True)
    assert snapshot.recorded_a == {GARAGE: 16.0, YARD: 6.0}
    assert snapshot.recorded_limiters_a == {MAIN: (9.0, 10.0, 11.0)}


def test_a_limiters_promise_goes_on_to_the_next_configuration() -> None:
    running = board()
    bring_back(running, [limiter_promise((9.0, 10.0, 11.0))])
    page = Promise(settled_a=20.0)
    told = CircuitMemory(background_a=(0.0, 0.0, 0.0), limiter=(page, page, replace(page, settled_a=6.0)))

    assert limiters_of(running) == [(9.0, 10.0, 11.0)]
    running.memory = Memory(circuits={MAIN: told})
    assert limiters_of(running) == [(20.0, 20.0, 6.0)]
