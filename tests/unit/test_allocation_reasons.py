import pytest

from controller.domain.reasons import Code, Reason
from controller.domain.shares import Problem
from tests.unit.allocating import budget, claim, share, supply


def last(problem: Problem, charger: str = "a") -> Reason:
    return share(problem, charger).reasons[-1]


def test_whoever_has_all_it_wants_says_so() -> None:
    reasons = share(Problem(supplies=(supply(63),), claims=(claim("a", wanted_a=16),)), "a").reasons

    assert reasons == (Reason(code=Code.WANTED, by="request", current_a=16),)


def test_whoever_is_at_its_maximum_says_so() -> None:
    reason = last(Problem(supplies=(supply(63),), claims=(claim("a", max_a=16),)))

    assert (reason.code, reason.by, reason.current_a) == (Code.MAXIMUM, "a", 16)


def test_a_step_that_takes_something_off_is_named_last() -> None:
    reasons = share(Problem(supplies=(supply(63),), claims=(claim("a", wanted_a=16.5),)), "a").reasons

    assert [(reason.code, reason.current_a) for reason in reasons] == [(Code.WANTED, 16.5), (Code.STEP, 16)]


def test_the_binding_phase_is_named_with_its_headroom_before_sharing() -> None:
    problem = Problem(
        supplies=(supply(25, background_a=(0, 7, 0)),), claims=(claim("a", wanted_a=16), claim("b", 2))
    )

    reason = last(problem, "b")

    assert (reason.code, reason.by, reason.phase) == (Code.CIRCUIT, "main", 2)
    assert (reason.current_a, reason.value) == (9, 18)


def test_a_power_limit_is_named_in_watts() -> None:
    reason = last(
        Problem(supplies=(supply(63, limit_w=6900, background_w=1000),), claims=(claim("a", step_a=0.1),))
    )

    assert (reason.code, reason.by, reason.phase, reason.value) == (Code.CIRCUIT_POWER, "main", None, 5900)


def test_a_budget_is_named_by_its_id() -> None:
    problem = Problem(
        supplies=(supply(63),), claims=(claim("a", 1),), budgets=(budget("solar", "a", limit_w=2300),)
    )

    reason = last(problem)

    assert (reason.code, reason.by, reason.current_a, reason.value) == (Code.BUDGET, "solar", 10, 2300)


def test_a_phase_of_a_budget_is_named() -> None:
    problem = Problem(
        supplies=(supply(63),), claims=(claim("a", 2),), budgets=(budget("cap", "a", limit_a=(9, 8, 7)),)
    )

    reason = last(problem)

    assert (reason.code, reason.by, reason.phase, reason.current_a) == (Code.BUDGET, "cap", 2, 8)


def test_whoever_waits_for_its_turn_says_what_is_scarce() -> None:
    reason = last(Problem(supplies=(supply(11),), claims=(claim("a"), claim("b", waited_s=5))))

    assert (reason.code, reason.by, reason.phase, reason.current_a) == (Code.SCARCITY, "main", 1, 0)


def test_whoever_a_higher_class_keeps_out_says_so() -> None:
    reason = last(Problem(supplies=(supply(11),), claims=(claim("a"), claim("b", priority=1))))

    assert (reason.code, reason.by, reason.phase, reason.current_a) == (Code.PRIORITY, "main", 1, 0)


@pytest.mark.parametrize("step_a", [0, 1])
def test_whoever_a_higher_class_keeps_at_its_minimum_says_so(step_a: float) -> None:
    claims = (claim("a", step_a=step_a), claim("b", priority=1, step_a=step_a))

    reason = last(Problem(supplies=(supply(20),), claims=claims))

    assert (reason.code, reason.by, reason.current_a) == (Code.PRIORITY, "main", 6)


def test_whoever_rose_beside_a_higher_class_is_bound_by_the_circuit() -> None:
    claims = (claim("a"), claim("b", priority=1, wanted_a=10))

    assert last(Problem(supplies=(supply(20),), claims=claims)).code is Code.CIRCUIT


def test_a_row_that_cannot_hold_a_minimum_says_what_it_leaves_and_what_is_needed() -> None:
    reason = last(Problem(supplies=(supply(25, background_a=(0, 22, 0)),), claims=(claim("a"),)))

    assert (reason.code, reason.by, reason.phase) == (Code.CIRCUIT, "main", 2)
    assert (reason.current_a, reason.value, reason.needed) == (3, 3, 6)


def test_an_overloaded_row_leaves_nothing() -> None:
    reason = last(Problem(supplies=(supply(16, background_a=(20, 0, 0)),), claims=(claim("a", 1),)))

    assert (reason.code, reason.current_a, reason.value) == (Code.CIRCUIT, 0, -4)


def test_wanting_less_than_the_minimum_is_named_with_both() -> None:
    reason = last(Problem(supplies=(supply(63),), claims=(claim("a", wanted_a=4),)))

    assert (reason.code, reason.current_a, reason.value, reason.needed) == (Code.WANTED, 0, 4, 6)


def test_a_maximum_below_the_minimum_is_named_with_both() -> None:
    reason = last(Problem(supplies=(supply(63),), claims=(claim("a", max_a=7, step_a=4),)))

    assert (reason.code, reason.current_a, reason.value, reason.needed) == (Code.MAXIMUM, 0, 7, 8)


def test_a_silent_charger_says_what_stays_reserved() -> None:
    reason = last(Problem(supplies=(supply(63),), claims=(claim("a", promise_a=16),)))

    assert (reason.code, reason.by, reason.current_a, reason.value) == (Code.CHARGER_SILENT, "a", 0, 16)
