"""Who is admitted when minima do not all fit, against integer programs and trying every set."""

from dataclasses import replace
from statistics import mean

import pytest

from controller.domain.allocation import allocate
from controller.domain.shares import Problem
from controller.domain.units import ChargerId
from tests.properties.certificate import currents_a
from tests.properties.referee import best_set, candidates, largest_count
from tests.properties.sites import random_problem, scarce_problem, with_imbalance


@pytest.mark.parametrize("seed", range(150))
def test_up_to_nine_candidates_get_exactly_the_best_set_class_by_class(seed: int) -> None:
    problem = random_problem(seed, largest=9)
    started = _started(problem)

    taken: frozenset[ChargerId] = frozenset()
    for class_ in _classes(problem):
        best = best_set(problem, class_, taken)
        assert best == started & {claim.id for claim in candidates(problem, class_)}
        taken |= best


@pytest.mark.parametrize("seed", range(40))
def test_twelve_candidates_get_the_best_set_whatever_their_ties(seed: int) -> None:
    problem = scarce_problem(seed, 12)

    assert _started(problem) == best_set(problem, 0, frozenset())


@pytest.mark.parametrize("seed", range(60))
def test_with_imbalance_limits_no_fewer_are_admitted_than_fit_together(seed: int) -> None:
    problem = with_imbalance(random_problem(seed, largest=9), seed)
    problem = replace(problem, claims=tuple(replace(claim, priority=0) for claim in problem.claims))

    assert len(_started(problem)) >= len(best_set(problem, 0, frozenset()))


@pytest.mark.parametrize(("chargers", "seeds"), [(14, 12), (20, 12), (40, 12), (100, 6), (300, 2)])
def test_beyond_twelve_candidates_at_least_97_percent_of_the_optimum_are_admitted(
    chargers: int, seeds: int
) -> None:
    problems = [scarce_problem(100 + seed, chargers) for seed in range(seeds)]

    reached = [len(_started(problem)) / largest_count(problem, 0, frozenset()) for problem in problems]

    assert min(reached) >= 0.97
    assert mean(reached) >= 0.995


def _started(problem: Problem) -> frozenset[ChargerId]:
    return frozenset(charger for charger, share_a in currents_a(allocate(problem)).items() if share_a > 0)


def _classes(problem: Problem) -> list[int]:
    return sorted({claim.priority for claim in problem.claims}, reverse=True)
