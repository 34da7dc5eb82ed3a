"""Preparing: a problem in the words of the site becomes rows and contenders."""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter

from controller.domain.allocation.limits import SIDES, Limits, collect
from controller.domain.allocation.rows import EPSILON_A, Contender, Loads, Rows, Tree, lines_of, plant
from controller.domain.reasons import Code, Reason
from controller.domain.shares import Claim, Problem, Supply
from controller.domain.units import power_of_ampere_w

SMALLEST_WEIGHT = 1e-6
"""Weights are positive; anything smaller counts as this."""


def prepare(problem: Problem) -> Rows:
    """Build the rows of a problem: nobody has anything yet, unreachable chargers hold their promises."""
    tree = plant(tuple((supply.id, supply.parent) for supply in problem.supplies))
    supplies = _numbered(tree, problem.supplies)
    limits = collect(problem, supplies)
    rows = Rows(
        tree=tree,
        supplies=supplies,
        capacity=limits.capacity,
        labels=limits.labels,
        contenders=[],
        refused={},
        powered={row: circuit for circuit, row in limits.power.items()},
        grouped=limits.grouped,
        signed_from=min(limits.tilts.values(), default=len(limits.capacity)),
    )
    _enter(problem, rows, limits)
    rows.free = rows.capacity.copy()
    return rows


def _numbered(tree: Tree, supplies: tuple[Supply, ...]) -> tuple[Supply, ...]:
    if len(tree.parents) == len(supplies):
        return supplies
    first: dict[int, Supply] = {}
    for supply in supplies:
        if supply.id in tree.index:
            first.setdefault(tree.index[supply.id], supply)
    return tuple(first[number] for number in range(len(tree.parents)))


def _enter(problem: Problem, rows: Rows, limits: Limits) -> None:
    """Enter every claim: as a contender, as a promise to be kept, or as refused."""
    ampere_w = [0.0] + [power_of_ampere_w(problem.grid, problem.voltage_v, lines) for lines in (1, 2, 3)]
    for order, claim in enumerate(sorted(problem.claims, key=attrgetter("id"))):
        contender = _contender(claim, order, rows, limits, ampere_w)
        if claim.promise_a is not None:
            for row, load in contender.loads():
                # A promise may be drawn or not: it never makes room on the other side of an imbalance.
                rows.capacity[row] -= max(load, 0.0) * claim.promise_a
        reason = _refusal(claim, contender)
        if reason is None:
            rows.contenders.append(contender)
            if claim.id in limits.budgets:
                for row in _budget_rows(limits, contender):
                    limits.grouped[row].append(contender)
        else:
            rows.refused[claim.id] = (reason,)


def _budget_rows(limits: Limits, contender: Contender) -> Iterable[int]:
    loaded = {row for row, _ in contender.watts}.union(contender.extra)
    return (row for row in loaded if row in limits.grouped)


def _contender(claim: Claim, order: int, rows: Rows, limits: Limits, ampere_w: Sequence[float]) -> Contender:
    lines = lines_of(claim.phases)
    circuit = rows.tree.index.get(claim.circuit, -1)
    amps = rows.tree.route(circuit, lines) if circuit >= 0 else ()
    extra: tuple[int, ...] = ()
    watts: Loads = ()
    signed: Loads = ()
    if amps and (limits.power or limits.budgets or limits.tilts):
        path = rows.tree.paths[circuit]
        extra = tuple(row for row, line in limits.budgets.get(claim.id, ()) if line in lines)
        watts = _watts(claim, limits, path, ampere_w[len(lines)])
        signed = _signed(lines, limits, path) if limits.tilts else ()
    min_a, max_a = _range_a(claim.min_a, claim.max_a, claim.step_a)
    return Contender(
        claim=claim,
        order=order,
        own=amps[: len(lines)],
        amps=amps + extra,
        extra=extra,
        watts=watts,
        signed=signed,
        min_a=min_a,
        cap_a=min(claim.wanted_a, max_a),
        step_a=max(claim.step_a, 0.0),
        weight=max(claim.weight, SMALLEST_WEIGHT),
    )


@lru_cache(maxsize=256)
def _range_a(min_a: float, max_a: float, step_a: float) -> tuple[float, float]:
    """Round the minimum up and the maximum down to whole steps."""
    least_a = max(min_a, 0.0)
    if step_a <= 0:
        return least_a, max_a
    fewest = math.ceil((least_a - EPSILON_A) / step_a)
    most = math.floor((max_a + EPSILON_A) / step_a)
    return round(fewest * step_a, 9), round(most * step_a, 9)


def _watts(claim: Claim, limits: Limits, path: tuple[int, ...], ampere_w: float) -> Loads:
    circuits = tuple((limits.power[above], ampere_w) for above in path if above in limits.power)
    budgets = limits.budgets.get(claim.id, ())
    return circuits + tuple((row, ampere_w) for row, line in budgets if line < 0)


def _signed(lines: tuple[int, ...], limits: Limits, path: tuple[int, ...]) -> Loads:
    """List the sides of imbalance limits that a one- or two-phase charger tips."""
    sides = [
        (side, float((up in lines) - (down in lines)))
        for side, (up, down) in enumerate(SIDES)
        if (up in lines) != (down in lines)
    ]
    return tuple(
        (limits.tilts[above] + side, load) for above in path if above in limits.tilts for side, load in sides
    )


def _refusal(claim: Claim, contender: Contender) -> Reason | None:
    """Tell why a claim takes no part, if it does not."""
    if claim.promise_a is not None:
        return Reason(code=Code.CHARGER_SILENT, by=claim.id, current_a=0.0, value=claim.promise_a)
    if not contender.own:
        return Reason(code=Code.CIRCUIT, by=claim.circuit, current_a=0.0)
    if contender.cap_a + EPSILON_A >= contender.min_a and contender.cap_a > 0:
        return None
    code, by, value = Code.WANTED, "request", claim.wanted_a
    if claim.wanted_a >= contender.min_a:
        code, by, value = Code.MAXIMUM, claim.id, claim.max_a
    return Reason(code=code, by=by, current_a=0.0, value=value, needed=contender.min_a)
