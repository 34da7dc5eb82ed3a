import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.everest.standing import TOLERANCE_A, Order, Standing


def told(limit_a: float, **lapse: float) -> tuple[Standing, Order]:
    standing, order = Standing(settle_s=3.0), Order(limit_a=limit_a, **lapse)
    standing.sends(order, 0.0)
    standing.taken(order, 0.0)
    return standing, order


def test_nothing_is_known_before_something_was_taken_and_something_heard() -> None:
    standing = Standing(settle_s=3.0)
    standing.hears(16.0)

    silent, _ = told(16.0)

    assert (standing.in_force_a(10.0), silent.in_force_a(10.0)) == (None, None)


def test_less_than_was_told_does_not_lower_what_may_be_drawn() -> None:
    standing, _ = told(16.0)
    standing.hears(6.0)

    assert standing.in_force_a(10.0) == 16.0


def test_more_than_was_told_is_what_may_be_drawn() -> None:
    standing, _ = told(10.0)
    standing.hears(32.0)

    assert standing.in_force_a(10.0) == 32.0


def test_an_unanswered_cut_releases_nothing() -> None:
    standing, _ = told(16.0)
    standing.sends(Order(limit_a=8.0), 5.0)
    standing.hears(7.0)

    assert standing.in_force_a(10.0) == 16.0


def test_an_unanswered_cut_that_is_enforced_exactly_was_taken() -> None:
    standing, _ = told(16.0)
    standing.sends(Order(limit_a=8.0), 5.0)
    standing.hears(8.0)

    assert standing.in_force_a(10.0) == 8.0


def test_what_was_enforced_before_an_unanswered_cut_left_does_not_prove_it() -> None:
    standing, _ = told(16.0)
    standing.hears(8.0)  # A fuse above allows just as much.
    standing.sends(Order(limit_a=8.0), 5.0)
    standing.hears(8.0)

    assert standing.in_force_a(10.0) == 16.0


@pytest.mark.parametrize("minimum_a", [0.0, 6.0])
def test_the_minimum_proves_no_cut_for_a_car_that_pauses_is_given_that(minimum_a: float) -> None:
    standing, _ = told(16.0)
    standing.sends(Order(limit_a=minimum_a), 5.0)
    standing.hears(minimum_a)

    assert standing.in_force_a(10.0) == 16.0


def test_an_unanswered_raise_counts() -> None:
    standing, _ = told(8.0)
    standing.sends(Order(limit_a=16.0), 5.0)
    standing.hears(8.0)

    assert standing.in_force_a(10.0) == 16.0


def test_a_refused_limit_is_forgotten() -> None:
    standing, _ = told(8.0)
    refused = Order(limit_a=16.0)
    standing.sends(refused, 5.0)
    standing.refused(refused)
    standing.hears(8.0)

    assert standing.in_force_a(10.0) == 8.0


def test_an_answer_settles_what_was_sent_before() -> None:
    standing, _ = told(16.0)
    lost, last = Order(limit_a=20.0), Order(limit_a=10.0)
    standing.sends(lost, 5.0)
    standing.sends(last, 6.0)
    standing.taken(last, 6.0)
    standing.hears(10.0)

    assert standing.in_force_a(10.0) == 10.0


def test_a_lapsed_limit_counts_at_what_it_lapses_to() -> None:
    standing, _ = told(16.0, lapses_mono_s=20.0, lapses_to_a=6.0)
    standing.hears(0.0)

    assert (standing.in_force_a(19.9), standing.in_force_a(20.0)) == (16.0, 6.0)


def test_a_limit_is_not_lost_while_it_may_still_settle() -> None:
    standing, _ = told(10.0)
    standing.hears(16.0)

    assert not standing.is_lost(2.9)
    assert standing.is_lost(3.0)


def test_what_was_heard_before_a_silence_proves_nothing() -> None:
    standing, _ = told(10.0)
    standing.hears(10.0)
    standing.forgets_enforced()

    assert standing.in_force_a(10.0) is None


def test_a_limit_that_is_never_answered_takes_one_place_however_often_it_is_sent() -> None:
    standing, _ = told(8.0)
    for again in range(1000):
        standing.sends(Order(limit_a=16.0, lapses_mono_s=100.0 + again, lapses_to_a=6.0), float(again))
    standing.hears(8.0)

    assert standing.unanswered == 2
    assert (standing.in_force_a(1098.9), standing.in_force_a(1099.0)) == (16.0, 8.0)


def test_an_answer_settles_everything_before_though_the_same_was_sent_earlier() -> None:
    standing, _ = told(6.0)
    for limit_a in (8.0, 16.0):
        standing.sends(Order(limit_a=limit_a), 5.0)
    last = Order(limit_a=8.0)
    standing.sends(last, 6.0)
    standing.taken(last, 6.0)
    standing.hears(8.0)

    assert (standing.in_force_a(10.0), standing.unanswered) == (8.0, 0)


def test_a_refused_limit_takes_nothing_with_it() -> None:
    standing, _ = told(0.0)
    standing.sends(Order(limit_a=16.0), 1.0)
    again = Order(limit_a=16.0)
    standing.sends(again, 2.0)
    standing.refused(again)
    standing.hears(0.0)

    assert standing.in_force_a(10.0) == 16.0


def test_a_limit_that_lapses_later_stays_beside_the_same_that_lapses_sooner() -> None:
    standing, _ = told(8.0)
    standing.sends(Order(limit_a=16.0), 1.0)
    standing.sends(Order(limit_a=16.0, lapses_mono_s=50.0), 2.0)
    standing.hears(8.0)

    assert standing.in_force_a(100.0) == 16.0


AMPERES = st.sampled_from([0.0, 6.0, 8.0, 16.0, 32.0])
STEPS = st.lists(
    st.tuples(st.sampled_from(["taken", "lost", "late", "refused"]), AMPERES, AMPERES), max_size=12
)


@given(steps=STEPS)
def test_what_is_told_is_never_below_what_everest_holds(steps: list[tuple[str, float, float]]) -> None:
    standing, _ = told(32.0)
    held_a, now_s = 32.0, 0.0
    for outcome, limit_a, fuse_a in steps:
        now_s += 10.0
        order = Order(limit_a=limit_a)
        standing.sends(order, now_s)
        if outcome == "taken":
            held_a = limit_a
            standing.taken(order, now_s)
        elif outcome == "late":
            held_a = limit_a  # It obeyed, and its answer got lost.
        elif outcome == "refused":
            standing.refused(order)
        # A fuse above may hide the limit, but is seldom exactly one that is on its way.
        enforced_a = min(held_a, fuse_a + 0.5)
        standing.hears(enforced_a)

        in_force_a = standing.in_force_a(now_s)

        assert in_force_a is not None
        assert in_force_a >= held_a - TOLERANCE_A


@given(steps=STEPS, fuse_a=AMPERES)
def test_a_fuse_that_stands_still_hides_no_limit_however_low_it_is(
    steps: list[tuple[str, float, float]], fuse_a: float
) -> None:
    standing, _ = told(32.0)
    held_a, now_s = 32.0, 0.0
    standing.hears(min(held_a, fuse_a))
    for outcome, limit_a, _ in steps:
        now_s += 10.0
        order = Order(limit_a=limit_a)
        standing.sends(order, now_s)
        if outcome in ("taken", "late"):
            held_a = limit_a
        if outcome == "taken":
            standing.taken(order, now_s)
        elif outcome == "refused":
            standing.refused(order)
        standing.hears(min(held_a, fuse_a))

        in_force_a = standing.in_force_a(now_s)

        assert in_force_a is not None
        assert in_force_a >= held_a - TOLERANCE_A
