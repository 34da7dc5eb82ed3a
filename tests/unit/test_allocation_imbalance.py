from controller.domain.reasons import Code
from controller.domain.shares import Claim, Problem
from tests.unit.allocating import budget, claim, share, shares_a, supply


def test_one_phase_rises_no_further_above_another_than_allowed() -> None:
    problem = Problem(supplies=(supply(63, imbalance_a=20),), claims=(claim("a", 1),))

    assert shares_a(problem) == {"a": 20}


def test_three_phase_chargers_do_not_count() -> None:
    problem = Problem(supplies=(supply(63, imbalance_a=20),), claims=(claim("a"),))

    assert shares_a(problem) == {"a": 32}


def test_charging_on_the_other_phases_makes_room() -> None:
    problem = Problem(
        supplies=(supply(63, imbalance_a=10),),
        claims=(claim("a", 1), claim("b", 2, wanted_a=8), claim("c", 3, wanted_a=14)),
    )

    assert shares_a(problem) == {"a": 18, "b": 8, "c": 14}


def test_a_two_phase_charger_counts_on_both_of_its_phases() -> None:
    problem = Problem(supplies=(supply(63, imbalance_a=12),), claims=(claim("a", 1, 2), claim("b", 3)))

    assert shares_a(problem) == {"a": 32, "b": 32}


def test_minima_that_tip_the_phases_do_not_fit() -> None:
    problem = Problem(supplies=(supply(63, imbalance_a=8),), claims=(claim("a", 1, min_a=10),))

    assert shares_a(problem) == {"a": 0}


def test_minima_that_only_fit_together_are_admitted_together() -> None:
    def even(name: str, phase: int) -> Claim:
        return claim(name, phase, min_a=10.0, wanted_a=10.0)

    problem = Problem(
        supplies=(supply(63, imbalance_a=8),),
        claims=(even("a", 1), even("b", 2), even("c", 3)),
    )

    assert shares_a(problem) == {"a": 10, "b": 10, "c": 10}


def test_a_limit_further_down_binds_only_what_is_below_it() -> None:
    problem = Problem(
        supplies=(supply(63), supply(63, name="flat", parent="main", imbalance_a=9)),
        claims=(claim("a", 1, circuit="flat"), claim("b", 1)),
    )

    assert shares_a(problem) == {"a": 9, "b": 32}


def test_a_silent_charger_tips_the_phases_but_never_makes_room() -> None:
    problem = Problem(
        supplies=(supply(63, imbalance_a=20),),
        claims=(claim("a", 1, promise_a=12), claim("b", 1), claim("c", 2)),
    )

    assert shares_a(problem) == {"a": 0, "b": 8, "c": 20}


def test_continuous_chargers_reach_the_limit_exactly() -> None:
    problem = Problem(
        supplies=(supply(63, imbalance_a=7.25),),
        claims=(claim("a", 1, step_a=0), claim("b", 2, wanted_a=7, step_a=0)),
    )

    assert {name: round(a, 5) for name, a in shares_a(problem).items()} == {"a": 7.25, "b": 7}


def test_the_limit_is_named_with_the_phase_that_is_too_high() -> None:
    problem = Problem(supplies=(supply(63, imbalance_a=20),), claims=(claim("a", 2),))

    reason = share(problem, "a").reasons[-1]

    assert (reason.code, reason.by, reason.phase, reason.current_a) == (Code.IMBALANCE, "main", 2, 20)


def test_a_chain_of_phases_climbs_as_far_as_the_lowest_lets_it() -> None:
    lowest = claim("c", 3, step_a=0, wanted_a=6)
    problem = Problem(
        supplies=(supply(63, imbalance_a=6),),
        claims=(claim("a", 1, step_a=0), claim("b", 2, step_a=0), lowest),
    )

    assert shares_a(problem) == {"a": 12, "b": 12, "c": 6}


def test_whoever_the_limit_stops_rises_as_soon_as_the_others_make_room() -> None:
    problem = Problem(
        supplies=(supply(63, imbalance_a=8),),
        claims=(claim("a", 1), claim("b", 1), claim("c", 2), claim("d", 3)),
        budgets=(budget("cap", "a", "b", "c", "d", limit_w=56 * 230),),
    )

    assert shares_a(problem) == {"a": 12, "b": 12, "c": 16, "d": 16}


def test_a_hairline_limit_ends_all_the_same() -> None:
    lowest = claim("c", 3, step_a=0, wanted_a=31)
    problem = Problem(
        supplies=(supply(63, imbalance_a=1e-5),),
        claims=(claim("a", 1, step_a=0), claim("b", 2, step_a=0), lowest),
    )

    shares = shares_a(problem)

    assert min(shares.values()) >= 6
    assert max(shares.values()) - min(shares.values()) <= 1.1e-5
