"""A certificate of fairness: checks an allocation against the definitions, blind to how it was made."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

from controller.domain.shares import Allocation, Claim, Problem, Supply
from controller.domain.units import ChargerId, CircuitId, Grid

TOLERANCE_A = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A limit on a weighted sum of currents."""

    name: str
    headroom: float
    loads: Mapping[ChargerId, float]
    """What one ampere of a charger weighs; negative makes room."""

    def free(self, current_a: Mapping[ChargerId, float]) -> float:
        """Tell what is left of it."""
        return self.headroom - sum(load * current_a[charger] for charger, load in self.loads.items())


def rows(problem: Problem) -> list[Row]:
    """Write down every limit of a problem; promises are taken off the headroom."""
    return [
        *(row for supply in problem.supplies for row in _circuit_rows(problem, supply)),
        *_budget_rows(problem),
    ]


def takes_part(claim: Claim) -> bool:
    """Tell whether a claim competes at all."""
    return claim.promise_a is None and most_a(claim) >= least_a(claim) and most_a(claim) > 0


def least_a(claim: Claim) -> float:
    """Round the minimum up to a step."""
    if not claim.step_a:
        return claim.min_a
    return math.ceil(claim.min_a / claim.step_a - 1e-9) * claim.step_a


def most_a(claim: Claim) -> float:
    """Tell the smaller of what is wanted and the maximum, rounded down to a step."""
    if not claim.step_a:
        return min(claim.wanted_a, claim.max_a)
    return min(claim.wanted_a, math.floor(claim.max_a / claim.step_a + 1e-9) * claim.step_a)


def currents_a(allocation: Allocation) -> dict[ChargerId, float]:
    """Read the currents of an allocation by charger."""
    return {share.id: share.current_a for share in allocation.shares}


def assert_within_limits(problem: Problem, allocation: Allocation) -> None:
    """Every share is 0 or within min..max in whole steps, and every row holds all of them."""
    current_a = currents_a(allocation)
    assert list(current_a) == [claim.id for claim in problem.claims]
    for claim in problem.claims:
        share_a = current_a[claim.id]
        if share_a:
            assert takes_part(claim), claim
            assert least_a(claim) - 1e-9 <= share_a <= most_a(claim) + 1e-9, (claim, share_a)
        if claim.step_a:
            assert abs(share_a / claim.step_a - round(share_a / claim.step_a)) < 1e-6, (claim, share_a)
    for row in rows(problem):
        raises = any(load > 0 and current_a[charger] > 0 for charger, load in row.loads.items())
        assert not raises or row.free(current_a) >= -TOLERANCE_A * (1 + abs(row.headroom)), row.name


def assert_explained(problem: Problem, allocation: Allocation) -> None:
    """Every share has a reason, and the last one leaves what the charger gets, or too little to start."""
    assert len(allocation.shares) == len(problem.claims)
    for claim, share in zip(problem.claims, allocation.shares, strict=True):
        left_a = share.reasons[-1].current_a
        assert left_a is not None, share
        if share.current_a:
            assert left_a == share.current_a, share
        else:
            assert 0 <= left_a < max(least_a(claim), 1e-9), share


def assert_max_min(problem: Problem, allocation: Allocation) -> None:
    """Continuous: below its cap, everybody has an exhausted row on which nobody of its class stands higher.

    Whoever stands at its own minimum does not count as standing higher.
    """
    current_a = currents_a(allocation)
    claims = {claim.id: claim for claim in problem.claims}
    limits = rows(problem)
    for claim in problem.claims:
        share_a = current_a[claim.id]
        if share_a and share_a < most_a(claim) - TOLERANCE_A:
            assert any(
                row.loads.get(claim.id, 0.0) > 0
                and row.free(current_a) <= TOLERANCE_A * (1 + abs(row.headroom))
                and not any(_stands_higher(claims[other], claim, current_a) for other in _raising(row))
                for row in limits
            ), (claim, share_a)


def assert_nothing_fits(problem: Problem, allocation: Allocation) -> None:
    """Work conserving: no admitted charger below its cap could have another step."""
    current_a = currents_a(allocation)
    limits = rows(problem)
    for claim in problem.claims:
        step_a = claim.step_a or 1e-4
        if current_a[claim.id] and current_a[claim.id] + step_a <= most_a(claim) + 1e-9:
            assert any(
                row.loads.get(claim.id, 0.0) > 0 and row.free(current_a) < row.loads[claim.id] * step_a
                for row in limits
            ), (claim, current_a[claim.id])


def _raising(row: Row) -> Iterator[ChargerId]:
    return (charger for charger, load in row.loads.items() if load > 0)


def _stands_higher(other: Claim, claim: Claim, current_a: Mapping[ChargerId, float]) -> bool:
    return (
        other.priority == claim.priority
        and current_a[other.id] > least_a(other) + TOLERANCE_A
        and current_a[other.id] / other.weight > current_a[claim.id] / claim.weight + TOLERANCE_A
    )


def _circuit_rows(problem: Problem, supply: Supply) -> Iterator[Row]:
    below = [claim for claim in problem.claims if supply.id in _path(problem, claim.circuit)]
    for phase in (1, 2, 3):
        headroom = supply.limit_a[phase - 1] - supply.background_a[phase - 1]
        yield _row(f"{supply.id} L{phase}", headroom, {c: float(phase in c.phases) for c in below})
    if supply.limit_w is not None:
        background_w = supply.background_w
        if background_w is None:
            background_w = problem.voltage_v * sum(supply.background_a)
        weights = {claim: _ampere_w(problem, claim) for claim in below}
        yield _row(f"{supply.id} W", supply.limit_w - background_w, weights)
    if supply.imbalance_a is not None:
        for up, down in permutations((1, 2, 3), 2):
            tips = {c: float((up in c.phases) - (down in c.phases)) for c in below if len(c.phases) < 3}
            yield _row(f"{supply.id} L{up}-L{down}", supply.imbalance_a, tips)


def _budget_rows(problem: Problem) -> Iterator[Row]:
    for budget in problem.budgets:
        members = [claim for claim in problem.claims if claim.id in budget.chargers]
        if budget.limit_w is not None:
            weights = {claim: _ampere_w(problem, claim) for claim in members}
            yield _row(f"{budget.id} W", budget.limit_w, weights)
        for phase, limit_a in enumerate(budget.limit_a or (), start=1):
            yield _row(f"{budget.id} L{phase}", limit_a, {c: float(phase in c.phases) for c in members})


def _row(name: str, headroom: float, weights: Mapping[Claim, float]) -> Row:
    held = sum(max(load, 0.0) * (claim.promise_a or 0.0) for claim, load in weights.items())
    loads = {claim.id: load for claim, load in weights.items() if load and claim.promise_a is None}
    return Row(name=name, headroom=headroom - held, loads=loads)


def _path(problem: Problem, circuit: CircuitId) -> list[CircuitId]:
    parents = {supply.id: supply.parent for supply in problem.supplies}
    path = [circuit]
    while (above := parents[path[-1]]) is not None:
        path.append(above)
    return path


def _ampere_w(problem: Problem, claim: Claim) -> float:
    if problem.grid is Grid.TN:
        return problem.voltage_v * len(claim.phases)
    return problem.voltage_v * (math.sqrt(3) if len(claim.phases) == 3 else 1.0)
