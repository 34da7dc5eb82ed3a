"""Sharing against an independent certificate, linear programs, and one step at a time."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.domain.allocation import allocate
from controller.domain.shares import Problem
from tests.properties.certificate import (
    assert_explained,
    assert_max_min,
    assert_nothing_fits,
    assert_within_limits,
    currents_a,
    rows,
)
from tests.properties.naive import continuous_a, one_class, stepped_a
from tests.properties.sites import random_problem, with_imbalance

SEEDS = st.integers(0, 10**9)


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_no_limit_is_exceeded_and_every_share_is_explained(seed: int) -> None:
    problem = random_problem(seed)

    allocation = allocate(problem)

    assert_within_limits(problem, allocation)
    assert_explained(problem, allocation)


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_continuous_shares_are_max_min_fair(seed: int) -> None:
    problem = random_problem(seed, step_a=0.0)

    allocation = allocate(problem)

    assert_max_min(problem, allocation)


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_nothing_is_left_that_an_admitted_charger_could_use(seed: int) -> None:
    problem = random_problem(seed)

    allocation = allocate(problem)

    assert_nothing_fits(problem, allocation)


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_imbalance_limits_hold_and_waste_nothing(seed: int) -> None:
    problem = with_imbalance(random_problem(seed), seed)

    allocation = allocate(problem)

    assert_within_limits(problem, allocation)
    assert_explained(problem, allocation)
    assert_nothing_fits(problem, allocation)


@pytest.mark.parametrize("seed", range(40))
def test_continuous_shares_equal_the_sequence_of_linear_programs(seed: int) -> None:
    problem = one_class(random_problem(seed, step_a=0.0))
    if not problem.claims:
        return

    shares = currents_a(allocate(problem))

    assert shares == pytest.approx(continuous_a(problem), abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_stepped_shares_equal_rounding_down_and_handing_on_one_step_at_a_time(seed: int) -> None:
    problem = one_class(_in_whole_minima(random_problem(seed, step_a=(1.0, 2.0)[seed % 2])))
    if not problem.claims:
        return

    shares = currents_a(allocate(problem))

    assert shares == stepped_a(problem)


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_the_order_of_claims_changes_no_share(seed: int) -> None:
    problem = with_imbalance(random_problem(seed), seed)
    shuffled = list(problem.claims)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - reproducible, not secret

    again = allocate(replace(problem, claims=tuple(shuffled)))

    assert {share.id: share for share in again.shares} == {
        share.id: share for share in allocate(problem).shares
    }


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_the_same_problem_has_the_same_answer(seed: int) -> None:
    problem = random_problem(seed)

    assert repr(allocate(problem)) == repr(allocate(random_problem(seed)))


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_headroom_is_what_all_shares_and_promises_leave(seed: int) -> None:
    problem = random_problem(seed)

    allocation = allocate(problem)

    left = {row.name: row.free(currents_a(allocation)) for row in rows(problem)}
    for supply in problem.supplies:
        shown = [left[f"{supply.id} L{phase}"] for phase in (1, 2, 3)]
        assert allocation.headroom_a[supply.id] == pytest.approx(tuple(shown), abs=1e-6)
        if supply.limit_w is not None:
            assert allocation.headroom_w[supply.id] == pytest.approx(left[f"{supply.id} W"], abs=1e-3)


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_lower_class_takes_nothing_from_a_higher_one_that_it_does_not_need_to_start(seed: int) -> None:
    problem = random_problem(seed)
    highest = max(claim.priority for claim in problem.claims)
    lower = [claim.id for claim in problem.claims if claim.priority < highest]
    at_minimum = tuple(
        replace(claim, wanted_a=min(claim.wanted_a, _least_a(claim.min_a, claim.step_a)))
        if claim.id in lower
        else claim
        for claim in problem.claims
    )

    modest = currents_a(allocate(replace(problem, claims=at_minimum)))
    greedy = currents_a(allocate(problem))

    for claim in problem.claims:
        if claim.priority == highest:
            assert greedy[claim.id] == modest[claim.id]


def _least_a(min_a: float, step_a: float) -> float:
    return -(-min_a // step_a) * step_a if step_a else min_a


def _in_whole_minima(problem: Problem) -> Problem:
    return replace(problem, claims=tuple(replace(claim, min_a=6.0, max_a=32.0) for claim in problem.claims))
