"""Whose draw counts as surplus, and how several cars share one."""

from controller.domain.readings import Plug
from controller.domain.reasons import Code
from tests.fakes.policy_views import A, B, state, wish
from tests.unit.solar_opinions import after, code, preferred, solar


def test_what_solar_cars_draw_counts_as_surplus() -> None:
    drawing = {A: state(draw_a=(8.0, 0.0, 0.0)), B: state("b")}

    opinion = after(0, 0.0, [solar("a")], {}, chargers=drawing, present_a={A: 8.0})

    assert opinion.budgets[0].limit_w == 8.0 * 230.0


def test_what_other_cars_draw_does_not() -> None:
    drawing = {A: state(), B: state("b", draw_a=(16.0, 0.0, 0.0))}

    opinion = after(0, -500.0, [solar("a")], {}, chargers=drawing)

    assert opinion.budgets[0].limit_w == 500.0


def test_two_cars_never_start_on_the_same_surplus() -> None:
    opinion = after(100, -2000.0, [solar("a"), solar("b")], {})

    assert (preferred(opinion, "a"), preferred(opinion, "b")) == (16.0, 0.0)
    assert wish(opinion, "b").reason.value == 2000 - 1380  # type: ignore[union-attr] # it stands there


def test_a_car_about_to_start_has_its_part_kept_for_it() -> None:
    opinion = after(30, -2000.0, [solar("a"), solar("b")], {})

    assert (code(opinion, "a"), code(opinion, "b")) == (Code.SURPLUS_WAIT, Code.SURPLUS_LOW)


def test_two_cars_share_a_surplus_that_is_enough_for_both() -> None:
    opinion = after(100, -3000.0, [solar("a"), solar("b")], {})

    (budget,) = opinion.budgets
    assert (preferred(opinion, "a"), preferred(opinion, "b")) == (16.0, 16.0)
    assert (budget.chargers, budget.limit_w) == ((A, B), 3000.0)


def test_kept_minima_come_off_the_surplus_before_others_start() -> None:
    opinion = after(100, -2000.0, [solar("a"), solar("b", keep_minimum=1.0)], {})

    assert preferred(opinion, "a") == 0.0
    assert preferred(opinion, "b") == 16.0


def test_a_full_car_does_not_hold_the_surplus_back_from_the_next() -> None:
    opinion = after(100, -2000.0, [solar("a"), solar("b")], {})

    late = after(150, -2000.0, [solar("a"), solar("b")], dict(opinion.memory))

    # The first draws nothing and is found idle, the second is given the surplus.
    assert preferred(late, "b") == 16.0
    assert A not in late.budgets[0].chargers


def test_the_next_car_need_not_rest_from_the_one_before() -> None:
    started = after(61, -2000.0, [solar()], {})
    gone = after(5, -2000.0, [solar()], dict(started.memory), chargers={A: state(plug=Plug.A)})

    plugged = after(61, -2000.0, [solar()], dict(gone.memory))

    assert preferred(plugged) == 16.0


def test_a_car_whose_draw_is_unseen_counts_at_its_limit_once_that_has_lasted() -> None:
    unseen = {A: state(draw_a=None), B: state("b")}
    before = after(61, -2000.0, [solar()], {}, chargers=unseen, present_a={A: 0.0})

    told = after(29, -2000.0, [solar()], dict(before.memory), chargers=unseen, present_a={A: 8.0})
    lasted = after(70, -160.0, [solar()], dict(told.memory), chargers=unseen, present_a={A: 8.0})

    assert told.budgets[0].limit_w == 2000.0
    assert lasted.budgets[0].limit_w == 2000.0


def test_a_silent_charger_is_a_load_like_any_other_and_leaves_the_budget() -> None:
    only_b = {B: state("b")}

    opinion = after(0, -2000.0, [solar("a"), solar("b")], {}, chargers=only_b, present_a={A: 16.0})

    assert opinion.budgets[0].chargers == (B,)
    assert opinion.budgets[0].limit_w == 2000.0
