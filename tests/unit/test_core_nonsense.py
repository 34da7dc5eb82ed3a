"""What cannot be true is not a value (rule 7): currents that flow backward, instants to come, no numbers."""

from dataclasses import replace
from math import inf, nan

import pytest

from controller.domain.readings import Answer, Draw, Outcome
from controller.domain.units import Phases
from controller.domain.writes import Kind
from tests.fakes.garage import GARAGE, garage
from tests.fakes.ticks import MAIN, A, Ticks, even, running, spec


@pytest.mark.parametrize("limit_a", [(nan, 6.0, 6.0), (6.0, inf, 6.0), (6.0, 6.0, -inf), (-1.0, 6.0, 6.0)])
def test_a_limiter_that_tells_no_limits_counts_as_silent(limit_a: Phases) -> None:
    ticks = garage()
    ticks.more = {"recorded_limiters_a": {GARAGE: even(20.0)}, "recorded_a": {}}
    ticks.states.clear()
    ticks.held_a = limit_a

    decision = ticks.tick(1.0)

    assert decision.limiter_writes == ()
    assert decision.circuits[GARAGE].promised_a == even(20.0)


def backward(at_s: float = 0.0) -> Ticks:
    """Let a car draw 16 A that its charger tells with the wrong sign, so long from now."""
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0)
    draw = Draw(at_mono_s=ticks.now_s + at_s, currents_a=even(-16.0 if at_s == 0.0 else 0.0))
    ticks.states[A] = replace(ticks.states[A], draws=(draw,))
    return ticks


@pytest.mark.parametrize("at_s", [0.0, 60.0])
def test_a_charger_whose_draw_makes_no_sense_is_cut_all_the_same(at_s: float) -> None:
    ticks = backward(at_s)

    ticks.meter(even(31.0)).tick()

    assert ticks.told() == (9.0, Kind.URGENT)


@pytest.mark.parametrize("at_s", [0.0, 60.0])
def test_a_draw_that_makes_no_sense_counts_at_the_promise_and_not_as_household(at_s: float) -> None:
    ticks = backward(at_s)

    decision = ticks.meter(even(16.0)).tick()

    assert decision.circuits[MAIN].background_a == even(0.0)


def test_an_answer_from_the_future_is_one_of_now() -> None:
    ticks = Ticks(more={"recorded_a": {A: 0.0}})
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None

    ticks.now_s += 1.0
    ticks.answers.append(Answer(write=write.number, outcome=Outcome.DELIVERED, at_mono_s=ticks.now_s + 600.0))
    ticks.tick()
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 0.0).meter(even(0.0)).tick()

    assert write.number not in [f.write for f in ticks.memory.chargers[A].promise.in_flight]


def test_an_answer_from_before_its_write_proves_nothing_that_was_read_before() -> None:
    ticks = Ticks(more={"recorded_a": {A: 0.0}})
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None

    ticks.now_s += 1.0
    ticks.answers.append(Answer(write=write.number, outcome=Outcome.DELIVERED, at_mono_s=0.0))
    ticks.states[A] = replace(ticks.states[A], at_mono_s=ticks.now_s - 2.0)
    ticks.meter(even(0.0)).tick()

    assert ticks.verdict().promise_a == 16.0
