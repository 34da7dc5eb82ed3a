"""The referee: weighted max-min as linear programs, written from the definitions alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import csc_array, csr_array, hstack, vstack

from controller.domain.shares import Claim, Problem
from controller.domain.units import CircuitId, power_of_ampere_w

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`loads @ current <= headroom`, `least <= current <= most`."""

    loads: csc_array
    headroom: Vector
    least: Vector
    most: Vector
    weight: Vector


def program(problem: Problem) -> Program:
    """Write a continuous problem without promises, with every minimum granted, as a linear program."""
    entries: list[tuple[int, int, float]] = []
    headroom: list[float] = []
    for loads, room in rows(problem):
        entries.extend((len(headroom), column, load) for column, load in loads.items())
        headroom.append(room)
    row, column, load = zip(*entries, strict=True)
    claims = problem.claims
    return Program(
        loads=csc_array((load, (row, column)), shape=(len(headroom), len(claims))),
        headroom=np.array(headroom),
        least=np.array([claim.min_a for claim in claims]),
        most=np.array([min(claim.wanted_a, claim.max_a) for claim in claims]),
        weight=np.array([claim.weight for claim in claims]),
    )


def rows(problem: Problem) -> list[tuple[dict[int, float], float]]:
    """List every circuit's and budget's row: the load of each claim's ampere, and the headroom."""
    found: list[tuple[dict[int, float], float]] = []
    below = claims_below(problem)
    claims = problem.claims
    weigh = [_ampere_w(problem, claim) for claim in claims]
    for supply in problem.supplies:
        members = below[supply.id]
        for line in (0, 1, 2):
            loads = {k: 1.0 for k in members if line + 1 in claims[k].phases}
            found.append((loads, supply.limit_a[line] - supply.background_a[line]))
        if supply.limit_w is not None:
            base_w = supply.background_w
            base_w = problem.voltage_v * sum(supply.background_a) if base_w is None else base_w
            found.append(({k: weigh[k] for k in members}, supply.limit_w - base_w))
    for budget in problem.budgets:
        members = [k for k, claim in enumerate(claims) if claim.id in budget.chargers]
        if budget.limit_w is not None:
            found.append(({k: weigh[k] for k in members}, budget.limit_w))
        for line, limit_a in enumerate(budget.limit_a or ()):
            found.append(({k: 1.0 for k in members if line + 1 in claims[k].phases}, limit_a))
    return [row for row in found if row[0]]


def claims_below(problem: Problem) -> Mapping[CircuitId, Sequence[int]]:
    """List the places of all claims in and below each circuit."""
    parents = {supply.id: supply.parent for supply in problem.supplies}
    below: dict[CircuitId, list[int]] = {supply.id: [] for supply in problem.supplies}
    for k, claim in enumerate(problem.claims):
        circuit: CircuitId | None = claim.circuit
        while circuit is not None:
            below[circuit].append(k)
            circuit = parents[circuit]
    return below


def _ampere_w(problem: Problem, claim: Claim) -> float:
    return power_of_ampere_w(problem.grid, problem.voltage_v, len(claim.phases))


def most_in_sum(program: Program) -> Vector:
    """Solve one program: the largest weighted sum of currents."""
    answer = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrix
        -program.weight,
        A_ub=program.loads,
        b_ub=program.headroom,
        bounds=_bounds(program.least, program.most),
        method="highs",
    )
    return _solution(answer)


def max_min(program: Program) -> tuple[Vector, int]:
    """Raise the lowest level again and again; tell the currents, and how many programs it took.

    A charger is fixed as soon as the dual of its level says that it cannot be higher; what is fixed leaves
    the program, and so do rows without anybody left.
    """
    current = np.zeros(len(program.weight))
    left = np.arange(len(program.weight))
    loads, headroom, rounds = program.loads.tocsr(), program.headroom.copy(), 0
    while len(left):
        answer = _raise_lowest(program, left, loads, headroom)
        rounds += 1
        duals = answer.ineqlin.marginals[loads.shape[0] :]
        fixed = -duals * program.weight[left] > 1e-7
        current[left[fixed]] = _solution(answer)[:-1][fixed]
        headroom = headroom - loads[:, fixed] @ current[left[fixed]]
        left, loads = left[~fixed], loads[:, ~fixed]
        used = np.diff(loads.indptr) > 0
        loads, headroom = loads[used], headroom[used]
    return current, rounds


def _raise_lowest(
    program: Program, left: NDArray[np.intp], loads: csr_array, headroom: Vector
) -> OptimizeResult:
    """Maximise the level that everybody left reaches."""
    count = len(left)
    weight = program.weight[left]
    levels = csc_array((-np.ones(count), (np.arange(count), np.arange(count))), shape=(count, count))
    level = csc_array(weight.reshape(-1, 1))
    nothing = csc_array((loads.shape[0], 1))
    bounds = [*_bounds(program.least[left], program.most[left]), (0.0, None)]
    objective = np.zeros(count + 1)
    objective[-1] = -1.0
    return linprog(
        objective,
        A_ub=vstack([hstack([loads, nothing]), hstack([levels, level])], format="csc"),
        b_ub=np.concatenate((headroom, np.zeros(count))),
        bounds=bounds,
        method="highs",
    )


def _bounds(least: Vector, most: Vector) -> list[tuple[float, float | None]]:
    return list(zip(least.tolist(), most.tolist(), strict=True))


def _solution(answer: OptimizeResult) -> Vector:
    if not answer.success:
        raise ArithmeticError(answer.message)
    found: Vector = answer.x
    return found
