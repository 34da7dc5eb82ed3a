"""No promise on record is ever undercut, whatever waits, fails or comes late."""

from dataclasses import replace

from adapters.store.promise_board import PromiseBoard
from controller.domain.units import ChargerId
from controller.ports import RecordedLimiter
from tests.fakes.recorded_house import (
    GARAGE,
    LIMITED,
    MAIN,
    decision,
    leased,
    limited,
    limiter_promise,
    on,
    promise,
    snapshot,
    verdict,
    write,
)


def test_a_promise_is_unwritten_until_the_database_has_it() -> None:
    board = PromiseBoard()
    board.put([promise(16.0)])
    waiting = board.unwritten

    board.written(waiting)

    assert waiting == (promise(16.0),)
    assert board.unwritten == ()


def test_a_newer_promise_stays_unwritten_when_the_older_one_arrives() -> None:
    board = PromiseBoard()
    board.put([promise(10.0)])
    waiting = board.unwritten
    board.put([promise(16.0)])

    board.written(waiting)

    assert board.unwritten == (promise(16.0),)


def test_a_raise_that_waited_for_its_turn_never_undercuts_a_later_tick() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), decision(0, verdict(promise_a=20.0)))

    board.put([promise(16.0)])

    assert [waiting.promise_a for waiting in board.unwritten] == [20.0]


def test_a_confirmed_cut_lowers_what_is_on_record() -> None:
    board = PromiseBoard()
    board.put([promise(16.0)])

    board.follow(snapshot(0), decision(0, verdict(promise_a=6.0)))

    assert [waiting.promise_a for waiting in board.unwritten] == [6.0]


def test_a_raise_of_the_same_tick_is_never_undercut_by_its_verdict() -> None:
    board = PromiseBoard()

    board.follow(snapshot(0), decision(0, verdict(promise_a=6.0), writes=(write(promise_a=16.0),)))

    assert [waiting.promise_a for waiting in board.unwritten] == [16.0]


def test_an_unchanged_promise_is_not_written_again() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), decision(0, verdict(promise_a=6.0)))
    board.written(board.unwritten)

    board.follow(snapshot(1), decision(1, verdict(promise_a=6.0)))

    assert board.unwritten == ()


def test_after_an_outage_every_promise_is_written_again() -> None:
    board = PromiseBoard()
    board.loaded([promise(16.0)])
    unwritten_before = board.unwritten

    board.distrust()

    assert not unwritten_before
    assert board.unwritten == (promise(16.0),)


def test_a_limiters_raise_that_waited_for_its_turn_undercuts_a_later_tick_on_no_phase() -> None:
    board = PromiseBoard()
    board.follow(on(LIMITED, snapshot(0)), limited(decision(0), (20.0, 6.0, 6.0)))

    board.put([limiter_promise((16.0, 16.0, 6.0))])

    assert [one.promise_a for one in board.unwritten if isinstance(one, RecordedLimiter)] == [
        (20.0, 16.0, 6.0)
    ]


def test_a_charger_and_a_circuit_of_one_name_keep_promises_of_their_own() -> None:
    board = PromiseBoard()

    board.put([promise(16.0, ChargerId(MAIN)), limiter_promise()])

    assert len(board.unwritten) == 2


def test_a_lease_that_ends_otherwise_is_written_again() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), leased(decision(0), 1060.0))
    board.written(board.unwritten)

    board.follow(snapshot(1), leased(decision(1), 1090.0))

    assert [waiting.lapses_mono_s for waiting in board.unwritten] == [1090.0]


def test_of_two_leases_the_one_that_ends_first_waits_to_be_written() -> None:
    board = PromiseBoard()
    board.follow(snapshot(0), leased(decision(0), 1060.0))

    board.put([replace(promise(16.0), lapses_mono_s=1030.0)])

    assert [(one.promise_a, one.lapses_mono_s) for one in board.unwritten] == [(16.0, 1030.0)]


def test_a_charger_out_of_service_stays_on_record_with_its_promise() -> None:
    board = PromiseBoard()
    gone = replace(snapshot(0), out_of_service=frozenset({GARAGE}))

    board.follow(gone, replace(decision(0), chargers={GARAGE: verdict(promise_a=0.0)}))

    assert [waiting.promise_a for waiting in board.unwritten] == [10.0]
