"""A load that climbs while cuts are on their way is met by cuts that last; a step is not taken for a ramp."""

import pytest

from controller.domain.ramps import climb_a, followed
from controller.domain.snapshot import CircuitMemory
from controller.domain.units import ZERO
from controller.domain.writes import Kind
from tests.fakes.ticks import A, B, Ticks, even, running, spec


def memory(*flows_a: float, apart_s: float = 1.0) -> CircuitMemory:
    """Remember what the background of every phase was, a sample after the other."""
    flows: tuple[tuple[float, tuple[float, float, float]], ...] = ()
    for index, flow_a in enumerate(flows_a):
        flows = followed(flows, 100.0 + index * apart_s, even(flow_a))
    return CircuitMemory(background_a=ZERO, flows=flows)


def test_a_ramp_goes_on_until_the_cut_is_obeyed() -> None:
    assert climb_a(memory(10.0, 11.0, 12.0), 102.0, obeyed_s=6.0) == even(6.0)


def test_a_ramp_went_on_since_a_sample_that_lags() -> None:
    assert climb_a(memory(10.0, 11.0, 12.0), 106.0, obeyed_s=6.0) == even(10.0)


def test_a_ramp_is_not_followed_further_than_anybody_can_know() -> None:
    assert climb_a(memory(10.0, 11.0, 12.0), 102.0, obeyed_s=600.0) == even(10.0)


@pytest.mark.parametrize(
    "flows_a", [(10.0, 10.0, 26.0), (10.0, 26.0, 26.0), (26.0, 10.0, 12.0), (12.0, 11.0, 10.0)]
)
def test_a_step_or_a_fall_is_no_ramp(flows_a: tuple[float, ...]) -> None:
    assert climb_a(memory(*flows_a), 102.0, obeyed_s=6.0) == ZERO


def test_too_few_samples_tell_no_ramp() -> None:
    assert climb_a(memory(10.0, 11.0), 102.0, obeyed_s=6.0) == ZERO


def test_samples_that_come_close_to_each_other_tell_no_ramp() -> None:
    assert climb_a(memory(10.0, 10.2, 10.4, 10.6, apart_s=0.2), 100.6, obeyed_s=6.0) == ZERO


def climbing(ticks: Ticks, *base_a: float) -> Ticks:
    for flow_a in base_a:
        ticks.now_s += 1.0
        state = ticks.states[A]
        ticks.hear(A, state.limit_a, state.draw_a).meter(even(flow_a + 16.0)).tick()
    return ticks


def test_a_cut_on_a_ramp_is_deeper_than_what_is_too_much_now() -> None:
    ticks = climbing(running(spec(), base_a=even(5.0)), 8.5, 9.0, 9.5)

    told = ticks.told()
    assert told is not None
    assert told == (9.0, Kind.URGENT)


def test_a_ramp_below_the_limit_cuts_nobody() -> None:
    assert climbing(running(spec(), base_a=even(5.0)), 6.0, 7.0, 8.0).told() is None


def test_a_car_that_climbs_is_not_taken_for_a_load_that_does() -> None:
    """Its draw is heard every other second: the meter runs ahead of it when the oven comes."""
    ticks = running(spec(), spec(B), base_a=even(5.0))
    held_a = ticks.verdict(A).limit_a
    for heard_a, flows_a in ((5.0, 20.0), (5.0, 21.5), (5.0, 23.0), (8.0, 30.5)):
        ticks.now_s += 1.0
        ticks.hear(A, held_a, heard_a).hear(B, held_a, held_a).meter(even(flows_a)).tick()

    assert held_a == 10.0
    assert sorted(ticks.told(name) or (held_a, None) for name in (A, B)) == [
        (0.0, Kind.URGENT),
        (held_a, None),
    ]
