"""Limits and draws that nobody told: second controllers (H9), and cars that take more than promised (H10)."""

import pytest

from controller.domain.readings import Outcome, Plug
from controller.domain.reasons import Code
from tests.fakes.ticks import A, B, Ticks, even, running, spec


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SENT])
def test_a_write_that_was_not_taken_accuses_nobody_of_having_changed_it(outcome: Outcome) -> None:
    ticks = Ticks()
    ticks.meter(even(0.0)).hear()
    ticks.tick()
    raised = ticks.write()
    assert raised is not None

    ticks.now_s += 1.0
    ticks.answer(raised, outcome).hear().meter(even(0.0))
    ticks.tick()

    assert ticks.reason(Code.OTHER_CONTROLLER) is None


def test_a_second_controllers_larger_limit_is_budgeted() -> None:
    ticks = running(spec(), base_a=even(15.0))
    assert ticks.verdict().promise_a == 10.0

    ticks.now_s += 1.0
    ticks.hear(A, 14.0, 10.0).meter(even(25.0))

    assert ticks.tick().chargers[A].promise_a >= 14.0


def test_a_second_controller_is_named() -> None:
    ticks = running(spec(), base_a=even(15.0))

    ticks.now_s += 1.0
    ticks.hear(A, 8.0, 8.0).meter(even(23.0))
    ticks.tick()

    reason = ticks.reason(Code.OTHER_CONTROLLER)
    assert reason is not None
    assert (reason.value, reason.needed) == (8.0, 10.0)


def test_a_limit_that_rises_when_a_car_comes_is_no_second_controller() -> None:
    ticks = Ticks()
    ticks.hear(plug=Plug.A, limit_a=16.0).meter(even(0.0)).tick()
    ticks.live(20)
    assert ticks.verdict().limit_a == 0.0

    ticks.now_s += 1.0
    ticks.hear(plug=Plug.B, limit_a=5.0).meter(even(0.0)).tick()

    assert ticks.verdict().promise_a >= 5.0
    assert ticks.reason(Code.OTHER_CONTROLLER) is None


def test_a_device_that_rounds_what_it_reads_back_is_no_second_controller() -> None:
    ticks = running(spec(step_a=0.0), base_a=even(15.02))
    assert ticks.told() is None

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, 10.0).meter(even(25.0))
    ticks.tick()

    assert ticks.reason(Code.OTHER_CONTROLLER) is None


def test_a_draw_above_the_promise_raises_it() -> None:
    ticks = running(spec(), base_a=even(15.0))

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, 13.0).meter(even(28.0))

    assert ticks.tick().chargers[A].promise_a == 13.0
    assert ticks.reason(Code.OVERDRAW) is not None


def test_a_draw_within_the_tolerance_raises_nothing() -> None:
    ticks = running(spec(), base_a=even(15.0))

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, 10.9).meter(even(24.9))

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_a_car_that_never_follows_a_cut_is_never_budgeted_at_it() -> None:
    ticks = running(spec(), spec(B, max_a=6.0))
    budgeted: set[float] = set()

    for second in range(60):
        ticks.now_s += 1.0
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write)
        ticks.hear(A, 8.0, 16.0).hear(B, 6.0, 6.0).meter(even(22.0))
        ticks.tick()
        if second > 2:
            budgeted.add(ticks.verdict(A).promise_a)

    assert min(budgeted) >= 16.0
