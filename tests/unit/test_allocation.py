from controller.domain.allocation import allocate
from controller.domain.shares import Problem
from controller.domain.units import CircuitId, Grid
from tests.unit.allocating import budget, claim, shares_a, supply


def test_the_example_of_the_contract_gets_what_it_wants() -> None:
    main = supply((63, 63, 63), background_a=(10, 12, 9), background_w=7130)

    allocation = allocate(Problem(supplies=(main,), claims=(claim("cp1", wanted_a=16),)))

    assert allocation.shares[0].current_a == 16
    assert allocation.headroom_a == {"main": (37, 35, 38)}
    assert allocation.headroom_w == {"main": None}


def test_an_empty_problem_has_an_empty_answer() -> None:
    allocation = allocate(Problem(supplies=(), claims=()))

    assert (allocation.shares, allocation.headroom_a, allocation.headroom_w) == ((), {}, {})


def test_shares_stand_in_the_order_of_the_claims() -> None:
    problem = Problem(supplies=(supply(63),), claims=(claim("b"), claim("a")))

    assert [share.id for share in allocate(problem).shares] == ["b", "a"]


def test_background_leaves_the_phase_that_it_loads_less() -> None:
    problem = Problem(
        supplies=(supply(25, background_a=(5, 15, 0)),), claims=(claim("a", 1), claim("b", 2), claim("c", 3))
    )

    assert shares_a(problem) == {"a": 20, "b": 10, "c": 25}


def test_a_three_phase_charger_is_bound_by_its_tightest_phase() -> None:
    problem = Problem(supplies=(supply(25, background_a=(5, 15, 0)),), claims=(claim("a"),))

    assert shares_a(problem) == {"a": 10}


def test_a_circuit_above_binds_the_chargers_of_all_circuits_below() -> None:
    problem = Problem(
        supplies=(
            supply(30),
            supply(25, name="left", parent="main"),
            supply(25, name="right", parent="main"),
        ),
        claims=(claim("a", circuit="left"), claim("b", circuit="right")),
    )

    assert shares_a(problem) == {"a": 15, "b": 15}


def test_what_one_cannot_use_goes_to_the_others() -> None:
    problem = Problem(
        supplies=(supply(40), supply(8, name="garage", parent="main")),
        claims=(claim("a", circuit="garage"), claim("b", wanted_a=10), claim("c")),
    )

    assert shares_a(problem) == {"a": 8, "b": 10, "c": 22}


def test_the_smallest_current_by_weight_rises_first() -> None:
    problem = Problem(
        supplies=(supply(30),), claims=(claim("a", weight=2, step_a=0), claim("b", weight=1, step_a=0))
    )

    assert shares_a(problem) == {"a": 20, "b": 10}


def test_whoever_stands_higher_at_its_minimum_waits_for_the_others() -> None:
    problem = Problem(supplies=(supply(30),), claims=(claim("a", min_a=16), claim("b")))

    assert shares_a(problem) == {"a": 16, "b": 14}


def test_steps_are_rounded_down_and_the_remainder_goes_to_the_lowest_then_by_id() -> None:
    problem = Problem(supplies=(supply(29),), claims=(claim("c"), claim("b"), claim("a")))

    assert shares_a(problem) == {"a": 10, "b": 10, "c": 9}


def test_the_remainder_skips_whoever_cannot_use_a_whole_step() -> None:
    problem = Problem(
        supplies=(supply(27),), claims=(claim("a", step_a=4, min_a=8), claim("b", step_a=4), claim("c"))
    )

    assert shares_a(problem) == {"a": 8, "b": 8, "c": 11}


def test_continuous_chargers_take_up_what_whole_steps_leave_over() -> None:
    problem = Problem(supplies=(supply(20.5),), claims=(claim("a", step_a=2), claim("b", step_a=0)))

    assert shares_a(problem) == {"a": 10, "b": 10.5}


def test_minima_are_rounded_up_and_maxima_down_to_a_step() -> None:
    problem = Problem(
        supplies=(supply((7.5, 63, 63)),),
        claims=(claim("a", 1, min_a=7, step_a=2), claim("b", 2, min_a=6, max_a=15, step_a=4)),
    )

    assert shares_a(problem) == {"a": 0, "b": 12}


def test_what_is_wanted_is_never_exceeded_by_a_step() -> None:
    problem = Problem(supplies=(supply(63),), claims=(claim("a", wanted_a=10.9),))

    assert shares_a(problem) == {"a": 10}


def test_whoever_wants_less_than_its_minimum_gets_nothing_and_takes_nothing() -> None:
    problem = Problem(supplies=(supply(9),), claims=(claim("a", wanted_a=5.9, waited_s=9999), claim("b")))

    assert shares_a(problem) == {"a": 0, "b": 9}


def test_a_higher_class_is_filled_before_a_lower_one_rises() -> None:
    problem = Problem(supplies=(supply(30),), claims=(claim("a", priority=1), claim("b", priority=2)))

    assert shares_a(problem) == {"a": 6, "b": 24}


def test_a_step_that_is_left_over_goes_to_the_higher_class_first() -> None:
    problem = Problem(
        supplies=(supply(31),), claims=(claim("a"), claim("b", priority=1), claim("c", priority=1))
    )

    assert shares_a(problem) == {"a": 6, "b": 13, "c": 12}


def test_an_unreachable_charger_keeps_its_promise_and_gets_no_share() -> None:
    problem = Problem(supplies=(supply(30),), claims=(claim("a", 1, promise_a=16), claim("b")))

    allocation = allocate(problem)

    assert [share.current_a for share in allocation.shares] == [0, 14]
    assert allocation.headroom_a[CircuitId("main")] == (0, 16, 16)


def test_an_unreachable_charger_occupies_its_budget_too() -> None:
    problem = Problem(
        supplies=(supply(63),),
        claims=(claim("a", 1, promise_a=10), claim("b", 1)),
        budgets=(budget("solar", "a", "b", limit_w=4600),),
    )

    assert shares_a(problem) == {"a": 0, "b": 10}


def test_background_above_the_limit_stops_everybody_on_that_phase_alone() -> None:
    problem = Problem(
        supplies=(supply(16, background_a=(20, 0, 0)),), claims=(claim("a", 1), claim("b", 2), claim("c"))
    )

    allocation = allocate(problem)

    assert [share.current_a for share in allocation.shares] == [0, 16, 0]
    assert allocation.headroom_a[CircuitId("main")] == (-4, 0, 16)


def test_nobody_loads_a_phase_that_does_not_exist() -> None:
    problem = Problem(supplies=(supply((25, 0, 0)),), claims=(claim("a", 1), claim("b", 2), claim("c")))

    assert shares_a(problem) == {"a": 25, "b": 0, "c": 0}


def test_a_power_limit_weighs_an_ampere_by_its_phases() -> None:
    problem = Problem(
        supplies=(supply(63, limit_w=9200, background_w=0),),
        claims=(claim("a", step_a=0), claim("b", 1, step_a=0)),
    )

    assert shares_a(problem) == {"a": 10, "b": 10}


def test_without_a_background_in_watts_voltage_times_the_currents_counts() -> None:
    problem = Problem(
        supplies=(supply(63, limit_w=6900, background_a=(5, 5, 0)),), claims=(claim("a", 3), claim("b", 1))
    )

    allocation = allocate(problem)

    assert [share.current_a for share in allocation.shares] == [10, 10]
    assert allocation.headroom_w == {"main": 0}


def test_on_an_it_grid_a_single_phase_charger_loads_two_lines() -> None:
    problem = Problem(supplies=(supply(20),), claims=(claim("a", 1, 2), claim("b", 2, 3)), grid=Grid.IT)

    allocation = allocate(problem)

    assert [share.current_a for share in allocation.shares] == [10, 10]
    assert allocation.headroom_a[CircuitId("main")] == (10, 0, 10)


def test_on_an_it_grid_three_phases_weigh_the_square_root_of_three() -> None:
    main = supply(63, limit_w=230 * (10 + 10 * 3**0.5), background_w=0)
    problem = Problem(
        supplies=(main,), claims=(claim("a", 1, 2, step_a=0), claim("b", step_a=0)), grid=Grid.IT
    )

    assert {name: round(a, 6) for name, a in shares_a(problem).items()} == {"a": 10, "b": 10}


def test_a_budget_in_watts_is_shared_by_its_chargers_alone() -> None:
    problem = Problem(
        supplies=(supply(63),),
        claims=(claim("a", 1), claim("b", 2), claim("c", 3)),
        budgets=(budget("solar", "a", "b", limit_w=4600),),
    )

    assert shares_a(problem) == {"a": 10, "b": 10, "c": 32}


def test_two_cars_never_start_on_the_same_surplus() -> None:
    problem = Problem(
        supplies=(supply(63),),
        claims=(claim("a", 1), claim("b", 1)),
        budgets=(budget("solar", "a", "b", limit_w=2500),),
    )

    assert sorted(shares_a(problem).values()) == [0, 10]


def test_a_budget_in_amperes_binds_each_phase() -> None:
    problem = Problem(
        supplies=(supply(63),),
        claims=(claim("a", 1), claim("b", 2)),
        budgets=(budget("cap", "a", "b", limit_a=(8, 20, 0)),),
    )

    assert shares_a(problem) == {"a": 8, "b": 20}


def test_a_budget_of_unknown_chargers_binds_nobody() -> None:
    problem = Problem(supplies=(supply(20),), claims=(claim("a"),), budgets=(budget("cap", "x", limit_w=0),))

    assert shares_a(problem) == {"a": 20}


def test_a_claim_on_an_unknown_circuit_gets_nothing() -> None:
    problem = Problem(supplies=(supply(20),), claims=(claim("a", circuit="nowhere"), claim("b")))

    assert shares_a(problem) == {"a": 0, "b": 20}


def test_a_circuit_whose_parent_is_unknown_gives_nothing() -> None:
    problem = Problem(
        supplies=(supply(20), supply(20, name="lost", parent="nowhere")), claims=(claim("a", circuit="lost"),)
    )

    allocation = allocate(problem)

    assert allocation.shares[0].current_a == 0
    assert allocation.headroom_a[CircuitId("lost")] == (20, 20, 20)


def test_odd_numbers_raise_nothing() -> None:
    odd = (
        claim("a", min_a=0, max_a=0, step_a=0),
        claim("b", min_a=-1, step_a=-1, weight=0),
        claim("c", 7, min_a=40, max_a=6),
        claim("d", min_a=32, max_a=6),
        claim("e", 1, 1, weight=-3, wanted_a=-5),
        claim("f", step_a=1e-7, max_a=1e12, wanted_a=1e12),
    )

    shares = shares_a(Problem(supplies=(supply(40), supply(-5, name="x")), claims=odd))

    assert {name for name, share_a in shares.items() if share_a == 0} == {"a", "c", "d", "e"}
