"""The sharing done slowly: linear programs for the continuous part, then one step at a time."""

import math
from dataclasses import replace

from benchmarks.linear import max_min, program
from controller.domain.shares import Claim, Problem
from controller.domain.units import ChargerId
from tests.properties.certificate import Row, rows, takes_part
from tests.properties.sites import roomy


def one_class(problem: Problem) -> Problem:
    """Keep who takes part, in one class, with room for all minima."""
    claims = tuple(replace(claim, priority=0) for claim in problem.claims if takes_part(claim))
    return roomy(replace(problem, claims=claims))


def continuous_a(problem: Problem) -> dict[ChargerId, float]:
    """Share by linear programs."""
    current_a, _ = max_min(program(problem))
    return {claim.id: float(a) for claim, a in zip(problem.claims, current_a, strict=True)}


def stepped_a(problem: Problem) -> dict[ChargerId, float]:
    """Round the continuous shares down, then give a step to the lowest for whom one fits, again and again."""
    claims = {claim.id: claim for claim in problem.claims}
    current_a = {
        charger: math.floor(share_a / claims[charger].step_a + 1e-5) * claims[charger].step_a
        for charger, share_a in continuous_a(problem).items()
    }
    limits = rows(problem)
    while raisable := [claim for claim in problem.claims if _step_fits(claim, current_a, limits)]:
        lowest = min(raisable, key=lambda claim: (current_a[claim.id] / claim.weight, claim.id))
        current_a[lowest.id] += lowest.step_a
    return current_a


def _step_fits(claim: Claim, current_a: dict[ChargerId, float], limits: list[Row]) -> bool:
    after_a = current_a[claim.id] + claim.step_a
    return after_a <= min(claim.wanted_a, claim.max_a) + 1e-9 and all(
        row.free(current_a) >= row.loads[claim.id] * claim.step_a - 1e-6
        for row in limits
        if claim.id in row.loads
    )
