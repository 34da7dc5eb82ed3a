"""Referees for admission: the largest sets of minima that fit, by integer program and by trying all."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from controller.domain.shares import Claim, Problem
from controller.domain.units import ChargerId
from tests.properties.certificate import Row, least_a, rows, takes_part

Chosen = frozenset[ChargerId]


def largest_count(problem: Problem, class_: int, taken: Chosen) -> int:
    """Solve for the most of one class that fit beside those already taken."""
    claims = candidates(problem, class_)
    if not claims:
        return 0
    left = [_left(row, problem, taken) for row in rows(problem)]
    loads = np.array(
        [[row.loads.get(claim.id, 0.0) * least_a(claim) for claim in claims] for row in rows(problem)]
    )
    # A row that is over its limit already stops whoever loads it, and nobody else.
    loads_something = loads.max(axis=1) > 0
    limits = np.maximum(np.array(left), np.minimum(loads, 0).sum(axis=1))[loads_something]
    over = np.array(left)[loads_something] < 0
    limits = np.where(over, np.minimum(limits, 0.0), limits) + 1e-9
    answer = milp(
        -np.ones(len(claims)),
        integrality=np.ones(len(claims), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(loads[loads_something], ub=limits)] if loads_something.any() else [],
    )
    assert answer.success, answer.message
    return round(-answer.fun)


def best_set(problem: Problem, class_: int, taken: Chosen) -> Chosen:
    """Try every set of one class; the most count, then the longest wait, then the id."""
    claims = sorted(candidates(problem, class_), key=lambda claim: (-claim.waited_s, claim.id))
    limits = [(row, _left(row, problem, taken)) for row in rows(problem)]
    for count in range(len(claims), 0, -1):
        for chosen in combinations(claims, count):  # in the order of ties
            if all(_holds(row, left, chosen) for row, left in limits):
                return frozenset(claim.id for claim in chosen)
    return frozenset()


def candidates(problem: Problem, class_: int) -> list[Claim]:
    """List the claims of a class that compete for their minimum."""
    return [claim for claim in problem.claims if claim.priority == class_ and takes_part(claim)]


def _left(row: Row, problem: Problem, taken: Chosen) -> float:
    used = sum(row.loads.get(c.id, 0.0) * least_a(c) for c in problem.claims if c.id in taken)
    return row.headroom - used


def _holds(row: Row, left: float, chosen: Sequence[Claim]) -> bool:
    loads = [row.loads.get(claim.id, 0.0) * least_a(claim) for claim in chosen]
    return sum(loads) <= left + 1e-9 or not any(load > 0 for load in loads)
