"""Random sites for properties: small trees, every feature now and then, the same for the same seed."""

import random
from collections.abc import Iterable
from dataclasses import replace

from controller.domain.reasons import Code, Reason
from controller.domain.shares import Claim, Problem, Supply
from controller.domain.units import ChargerId, CircuitId, Grid, Phases
from controller.domain.wishes import Budget

TN_LINES = ((1,), (2,), (3,), (1, 2, 3), (2, 3, 1), (1, 2), (3, 2))
IT_LINES = ((1, 2), (2, 3), (3, 1), (1, 2, 3))


def random_problem(seed: int, *, largest: int = 14, step_a: float | None = None) -> Problem:
    """Build a site with anything but imbalance limits; `step_a` overrides the mix of steps."""
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    grid = source.choice((Grid.TN, Grid.TN, Grid.IT))
    supplies = _supplies(source)
    claims = tuple(
        _claim(source, k, source.choice(supplies).id, grid, step_a) for k in range(source.randint(1, largest))
    )
    return Problem(supplies=supplies, claims=claims, budgets=_budgets(source, claims), grid=grid)


def with_imbalance(problem: Problem, seed: int) -> Problem:
    """Add imbalance limits to some circuits."""
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    return replace(
        problem,
        supplies=tuple(
            replace(supply, imbalance_a=float(source.randint(4, 24))) if source.random() < 0.6 else supply
            for supply in problem.supplies
        ),
    )


def roomy(problem: Problem) -> Problem:
    """Raise limits until all minima fit, so that only the sharing is left to judge."""
    extra_a = 8.0 * len(problem.claims)
    supplies = tuple(
        replace(
            supply,
            limit_a=_phases(limit_a + extra_a for limit_a in supply.limit_a),
            limit_w=None if supply.limit_w is None else supply.limit_w + 700.0 * extra_a,
        )
        for supply in problem.supplies
    )
    budgets = tuple(
        replace(
            budget,
            limit_w=None if budget.limit_w is None else budget.limit_w + 700.0 * extra_a,
            limit_a=None if budget.limit_a is None else _phases(a + extra_a for a in budget.limit_a),
        )
        for budget in problem.budgets
    )
    return replace(problem, supplies=supplies, budgets=budgets)


def _phases(values: Iterable[float]) -> Phases:
    first, second, third = values
    return first, second, third


def _supplies(source: random.Random) -> tuple[Supply, ...]:
    count = source.randint(1, 6)
    return tuple(
        Supply(
            id=CircuitId(f"c{k}"),
            parent=CircuitId(f"c{source.randrange(k)}") if k else None,
            limit_a=_phases(source.randint(10, 70) for _ in range(3)),
            limit_w=source.choice((None, None, source.randint(3000, 30000))),
            background_a=_phases(round(source.uniform(-5, 12), 1) for _ in range(3)),
            background_w=source.choice((None, None, source.randint(0, 3000))),
        )
        for k in range(count)
    )


def _claim(source: random.Random, number: int, circuit: CircuitId, grid: Grid, step_a: float | None) -> Claim:
    return Claim(
        id=ChargerId(f"cp{source.randrange(1000):03}-{number}"),
        circuit=circuit,
        phases=source.choice(TN_LINES if grid is Grid.TN else IT_LINES),
        min_a=source.choice((6.0, 6.0, 8.0, 6.5)),
        max_a=source.choice((10.0, 16.0, 20.5, 32.0, 32.0)),
        step_a=source.choice((1.0, 1.0, 2.0, 0.1, 0.0)) if step_a is None else step_a,
        wanted_a=source.choice((0.0, 5.0, 9.5, 16.0, 32.0, 32.0, 32.0)),
        priority=source.choice((0, 0, 0, 1, 2)),
        weight=source.choice((1.0, 1.0, 2.0, 0.5, 1.7)),
        promise_a=source.choice((None,) * 9 + (10.0,)),
        waited_s=source.choice((0.0, 0.0, 300.0, 900.0)),
    )


def _budgets(source: random.Random, claims: tuple[Claim, ...]) -> tuple[Budget, ...]:
    return tuple(
        Budget(
            id=f"b{k}",
            chargers=tuple(claim.id for claim in claims if source.random() < 0.5),
            limit_w=source.choice((None, source.randint(0, 20000))),
            limit_a=source.choice((None, _phases(source.randint(5, 60) for _ in range(3)))),
            reason=Reason(code=Code.SURPLUS, by="solar"),
        )
        for k in range(source.choice((0, 0, 1, 2)))
    )


def scarce_problem(seed: int, chargers: int, *, minima: tuple[float, ...] = (6.0, 6.0, 8.0, 10.0)) -> Problem:
    """Build a tree on which a part of the minima fits: 8 chargers a leaf, limits on three levels."""
    source = random.Random(seed)  # noqa: S311 - reproducible, not secret
    leaves = -(-chargers // 8)
    branches = max(1, leaves // 3)
    parents = [None, *[0] * branches, *(1 + k % branches for k in range(leaves))]
    claims = tuple(
        Claim(
            id=ChargerId(f"cp{k:04}"),
            circuit=CircuitId(f"c{1 + branches + k // 8}"),
            phases=source.choice(((1, 2, 3), (1, 2, 3), (1,), (2,), (3,), (1, 2))),
            min_a=source.choice(minima),
            waited_s=float(source.randrange(0, 3000, 60)),
        )
        for k in range(chargers)
    )
    least = [[0.0, 0.0, 0.0] for _ in parents]
    for claim in claims:
        at: int | None = int(claim.circuit[1:])
        while at is not None:
            for phase in claim.phases:
                least[at][phase - 1] += claim.min_a
            at = parents[at]
    supplies = tuple(
        Supply(
            id=CircuitId(f"c{k}"),
            parent=None if parent is None else CircuitId(f"c{parent}"),
            limit_a=_phases(round(source.uniform(0.4, 1.1) * sum_a, 1) for sum_a in least[k]),
            background_a=(0.0, 0.0, 0.0),
        )
        for k, parent in enumerate(parents)
    )
    return Problem(supplies=supplies, claims=claims)
