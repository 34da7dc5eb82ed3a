"""The ledger, rule by rule, through `decide` (H1, H5): what writes take and free, and what lost ones hold."""

import pytest

from controller.domain.readings import Outcome, Plug
from controller.domain.reasons import Code
from controller.domain.snapshot import InFlight, Memory
from controller.domain.writes import Kind
from tests.fakes.ticks import A, B, Ticks, even, house, running, spec


def two(limit_a: float = 25.0, **changes: object) -> Ticks:
    """Heard at 0 A each, nothing promised yet."""
    ticks = Ticks(site=house(spec(), spec(B), limit_a=even(limit_a), **changes))
    ticks.meter(even(0.0)).hear(A).hear(B)
    return ticks


def test_raises_of_one_tick_share_the_room_that_there_is() -> None:
    ticks = two(limit_a=20.0)

    decision = ticks.tick()

    assert sum(write.limit_a for write in decision.writes) == 20.0


def test_a_raise_that_was_sent_takes_its_room_before_it_is_answered() -> None:
    ticks = two(limit_a=20.0)
    ticks.hear(B, plug=Plug.A)
    ticks.tick()
    assert ticks.told(A) == (16.0, Kind.RAISE)

    ticks.now_s += 1.0
    ticks.meter(even(0.0)).hear(A).hear(B)
    ticks.tick()

    assert ticks.told(B) is None
    assert ticks.reason(Code.WAITS_FOR_ROOM, B) is not None


def test_an_unconfirmed_cut_counts_at_its_old_value() -> None:
    ticks = two(limit_a=20.0)
    ticks.hear(A, 16.0, 16.0).meter(even(16.0))
    ticks.tick()
    assert ticks.told(A) == (10.0, Kind.CUT)

    ticks.now_s += 1.0
    ticks.meter(even(16.0)).hear(A, 16.0, 16.0).hear(B)
    ticks.tick()

    assert ticks.verdict(A).promise_a == 16.0
    assert ticks.told(B) is None


def test_a_raise_that_takes_all_the_room_says_what_is_still_missing() -> None:
    ticks = Ticks(site=house(spec(), spec(B), limit_a=even(30.0)))
    ticks.hear(A, 16.0, 16.0)
    ticks.now_s += 15.0
    ticks.meter(even(16.0)).hear(A, 16.0, 16.0).hear(B)

    ticks.tick()

    assert ticks.told(B) == (14.0, Kind.RAISE)
    waits = ticks.reason(Code.WAITS_FOR_ROOM, B)
    assert waits is not None
    assert (waits.value, waits.needed) == (0.0, 1.0)


def test_a_cut_that_reads_back_frees_its_room_once_the_draw_is_below() -> None:
    ticks = two(limit_a=20.0)
    ticks.hear(A, 16.0, 16.0).meter(even(16.0))
    ticks.tick()
    cut = ticks.write(A)
    assert cut is not None

    ticks.now_s += 1.0
    ticks.answer(cut).hear(A, 10.0, 10.0).hear(B).meter(even(10.0))
    ticks.tick()

    assert ticks.verdict(A).promise_a == 10.0


def test_a_cut_that_reads_back_frees_its_room_after_the_cars_time_to_follow() -> None:
    ticks = two(limit_a=20.0)
    ticks.more["recorded_a"] = {A: 16.0, B: 0.0}
    ticks.hear(A, 16.0, None).meter(even(16.0))
    ticks.tick()
    cut = ticks.write(A)
    assert cut is not None
    ticks.now_s += 1.0
    ticks.answer(cut).hear(A, 10.0, None).hear(B).meter(even(16.0))
    ticks.tick(10.5)
    ticks.hear(A, 10.0, None).hear(B).meter(even(16.0))
    assert ticks.tick().chargers[A].promise_a == 16.0

    ticks.now_s += 11.0
    ticks.hear(A, 10.0, None).hear(B).meter(even(10.0))

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_a_lost_raise_counts_until_it_was_read_back_after_its_last_delivery() -> None:
    ticks = two()
    ticks.hear(B, plug=Plug.A)
    ticks.tick()
    raised = ticks.write(A)
    assert raised is not None

    ticks.now_s += 3.0
    ticks.answer(raised, Outcome.UNKNOWN).hear(A, plug=Plug.A).meter(even(0.0))
    ticks.tick()
    assert ticks.verdict(A).promise_a == 16.0

    ticks.now_s += 8.0
    ticks.hear(A, plug=Plug.A).hear(B, plug=Plug.A).meter(even(0.0))
    ticks.tick()
    ticks.now_s += 12.0
    ticks.hear(A, plug=Plug.A).hear(B, plug=Plug.A).meter(even(0.0))

    assert ticks.tick().chargers[A].promise_a == 0.0


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SENT])
def test_a_write_that_certainly_changed_nothing_is_forgotten(outcome: Outcome) -> None:
    ticks = two()
    ticks.hear(B, plug=Plug.A)
    ticks.tick()
    raised = ticks.write(A)
    assert raised is not None

    ticks.now_s += 1.0
    ticks.answer(raised, outcome).hear(A, plug=Plug.A).hear(B, plug=Plug.A).meter(even(0.0))

    assert ticks.tick().chargers[A].promise_a == 0.0


def test_a_lost_cut_is_repeated() -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0, plug=Plug.A).meter(even(16.0))
    ticks.tick()
    cut = ticks.write()
    assert cut is not None
    assert cut.limit_a == 0.0

    ticks.now_s += 5.0
    ticks.answer(cut, Outcome.UNKNOWN).hear(A, 16.0, 16.0, plug=Plug.A).meter(even(16.0))
    ticks.tick()
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0, plug=Plug.A).meter(even(16.0))
    ticks.tick()

    assert ticks.told() == (0.0, Kind.REPEAT)


def test_a_promise_never_forgets_a_write_that_is_on_its_way() -> None:
    ticks = two()
    ticks.tick()
    page = ticks.memory.chargers[A].promise

    assert [type(flight) for flight in page.in_flight] == [InFlight]
    assert ticks.memory != Memory()
