"""What a limit stands at: the newest observations, and the knob that follows commands and responses."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.easee.correlation import Correlation
from adapters.chargers.easee.knob import Knob
from adapters.chargers.easee.latest import Latest
from adapters.chargers.easee.messages import Observed, Response, ticks_of
from controller.errors import DeviceNonsense

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = ("EH1", 48)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(value: object, seconds: float, id_: int = 48) -> Observed:
    return Observed(id=id_, value=value, at=after(seconds))


@given(instants=st.permutations(range(8)))
def test_whatever_the_order_of_arrival_the_newest_stands(instants: list[int]) -> None:
    latest = Latest()
    for seconds in instants:
        latest.take(told(6.0 + seconds, seconds), after(60), 0.0)

    assert latest.number(48) == 13.0


def test_of_two_limits_of_one_second_the_larger_stands() -> None:
    latest = Latest()
    latest.take(told(16.0, 1), NOON, 0.0)

    assert not latest.take(told(8.0, 1), NOON, 0.0)


def test_the_limit_that_we_told_stands_though_it_is_of_the_same_second() -> None:
    latest = Latest()
    latest.take(told(16.0, 1), NOON, 0.0)

    assert latest.take(told(8.0, 1), NOON, 0.0, told=8.0)


def test_a_clock_that_ran_ahead_does_not_silence_what_comes_after() -> None:
    latest = Latest()
    latest.take(told(16.0, 86_400), NOON, 0.0)

    assert latest.take(told(8.0, 120), after(120), 0.0)


def test_what_cannot_be_read_leaves_what_stood() -> None:
    latest = Latest()
    latest.take(told(16.0, 1), NOON, 0.0)
    with pytest.raises(DeviceNonsense):
        latest.take(told("many", 2), NOON, 0.0)

    assert latest.number(48) == 16.0


def knob_at(value: float) -> Knob:
    knob = Knob(confirm_s=20.0)
    knob.observe((value,), 0, NOON)
    return knob


def test_nothing_is_known_at_first() -> None:
    assert Knob(confirm_s=20.0).stands_at(0.0) is None


def test_an_accepted_raise_is_not_read_back_at_its_old_value() -> None:
    knob = knob_at(8.0)
    knob.begin((16.0,), after(1))
    knob.accept((16.0,), 1.0)

    assert knob.stands_at(2.0) is None


@pytest.mark.parametrize(("before_a", "wanted_a"), [(8.0, 16.0), (16.0, 8.0)])
def test_an_accepted_limit_that_is_never_observed_counts_at_the_larger(
    before_a: float, wanted_a: float
) -> None:
    knob = knob_at(before_a)
    knob.begin((wanted_a,), after(1))
    knob.accept((wanted_a,), 1.0)

    assert knob.stands_at(21.0) == (16.0,)


def test_a_limit_told_twice_needs_no_observation() -> None:
    knob = knob_at(16.0)
    for mono_s in (1.0, 30.0):
        knob.begin((8.0,), after(mono_s))
        knob.accept((8.0,), mono_s)

    assert knob.stands_at(30.0) == (8.0,)


def test_a_lost_command_leaves_nothing_known_until_something_newer_is_observed() -> None:
    knob = knob_at(8.0)
    knob.begin((16.0,), after(10))
    knob.lose()
    at_once = knob.stands_at(40.0)
    knob.observe((8.0,), 0, after(5))
    by_old_news = knob.stands_at(41.0)
    knob.observe((16.0,), 0, after(11))

    assert (at_once, by_old_news, knob.stands_at(42.0)) == (None, None, (16.0,))


def test_what_was_observed_while_a_command_was_under_way_proves_only_its_own_value() -> None:
    ours, others = knob_at(8.0), knob_at(8.0)
    for knob, value in ((ours, 16.0), (others, 8.0)):
        knob.begin((16.0,), after(10))
        knob.observe((value,), 0, after(11))
        knob.lose()

    assert (ours.stands_at(40.0), others.stands_at(40.0)) == ((16.0,), None)


def test_a_refused_limit_leaves_the_old_one_known() -> None:
    knob = knob_at(8.0)
    knob.begin((16.0,), after(1))
    knob.refuse()

    assert knob.stands_at(2.0) == (8.0,)


def test_three_phases_are_known_once_each_was_heard_since_the_doubt() -> None:
    knob = Knob(confirm_s=20.0)
    knob.observe((8.0, 8.0, 8.0), 0, NOON)
    knob.observe((8.0, 8.0, 8.0), 1, NOON)
    after_two = knob.stands_at(0.0)
    knob.observe((8.0, 8.0, 8.0), 2, NOON)

    assert (after_two, knob.stands_at(0.0)) == (None, (8.0, 8.0, 8.0))


STEPS = st.lists(
    st.tuples(st.sampled_from(["accept", "lose", "refuse", "observe"]), st.sampled_from([0.0, 8.0, 16.0])),
    max_size=12,
)


@given(steps=STEPS)
def test_a_limit_in_force_is_never_below_what_may_stand(steps: list[tuple[str, float]]) -> None:
    """Whatever was said last by the device itself, or accepted and not yet contradicted, is counted."""
    knob, last_observed = Knob(confirm_s=1.0), None
    for second, (step, value) in enumerate(steps):
        if step == "observe":
            knob.observe((value,), 0, after(10.0 * second))
            last_observed = value
            continue
        knob.begin((value,), after(10.0 * second))
        if step == "accept":
            knob.accept((value,), 10.0 * second)
        elif step == "lose":
            knob.lose()
        else:
            knob.refuse()
    stands_at = knob.stands_at(10.0 * len(steps) + 10.0)
    if stands_at is not None and steps[-1][0] == "observe":
        assert stands_at[0] >= (last_observed or 0.0)


async def test_a_response_goes_to_the_oldest_command_that_waits() -> None:
    correlation = Correlation(skew_s=5.0)
    first, second = correlation.expect(KEY, NOON), correlation.expect(KEY, after(1))

    correlation.settle(KEY, Response(id=48, accepted=True))

    assert (first.answer.done(), second.answer.done()) == (True, False)


async def test_a_response_that_echoes_the_ticks_goes_to_its_own_command() -> None:
    correlation = Correlation(skew_s=5.0)
    first, second = correlation.expect(KEY, NOON), correlation.expect(KEY, after(1))

    correlation.settle(KEY, Response(id=48, accepted=True, ticks=ticks_of(after(1))))

    assert (first.answer.done(), second.answer.done()) == (False, True)


async def test_a_response_to_an_earlier_command_answers_nothing_later() -> None:
    correlation = Correlation(skew_s=5.0)
    correlation.expect(KEY, NOON)

    assert not correlation.settle(KEY, Response(id=48, accepted=True, at=after(-60)))


async def test_a_response_to_another_charger_or_command_answers_nothing_of_ours() -> None:
    correlation = Correlation(skew_s=5.0)
    correlation.expect(KEY, NOON)

    assert not correlation.settle(("EH2", 48), Response(id=48, accepted=True))
    assert not correlation.settle(("EH1", 22), Response(id=22, accepted=True))


async def test_what_nobody_waits_for_any_more_is_forgotten() -> None:
    correlation = Correlation(skew_s=5.0)
    waiting = correlation.expect(KEY, NOON)
    correlation.forget(KEY, waiting)
    correlation.forget(KEY, waiting)

    assert not correlation.settle(KEY, Response(id=48, accepted=True))
    assert isinstance(waiting.answer, asyncio.Future)
