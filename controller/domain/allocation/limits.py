"""Limits: every circuit, budget and imbalance limit of a problem as numbered rows."""

from dataclasses import dataclass, field
from itertools import permutations

from controller.domain.allocation.rows import Contender
from controller.domain.reasons import Code
from controller.domain.shares import Problem, Supply
from controller.domain.units import ChargerId
from controller.domain.wishes import Budget

SIDES = tuple(permutations(range(3), 2))
"""The rows of an imbalance limit, in their order: (the line that is higher, the line that is lower)."""


@dataclass(slots=True, eq=False)
class Limits:
    """Every limit as a row, by number; and where the rows of each circuit and budget are."""

    capacity: list[float]
    labels: list[tuple[Code, str, int | None]] = field(default_factory=list)
    power: dict[int, int] = field(default_factory=dict)
    """Circuit -> row."""
    budgets: dict[ChargerId, list[tuple[int, int]]] = field(default_factory=dict)
    """Charger -> (row, line), with line -1 for a row in W."""
    grouped: dict[int, list[Contender]] = field(default_factory=dict)
    tilts: dict[int, int] = field(default_factory=dict)
    """Circuit -> first of its six imbalance rows."""

    def add(self, capacity: float, code: Code, owner: str, phase: int | None = None) -> int:
        """Append a row and tell its number."""
        self.capacity.append(capacity)
        self.labels.append((code, owner, phase))
        return len(self.capacity) - 1


def collect(problem: Problem, supplies: tuple[Supply, ...]) -> Limits:
    """Write down every limit of a problem; promises are not yet taken off."""
    limits = Limits(
        capacity=[
            limit_a - background_a
            for supply in supplies
            for limit_a, background_a in zip(supply.limit_a, supply.background_a, strict=True)
        ]
    )
    for number, supply in enumerate(supplies):
        if supply.limit_w is not None:
            free_w = supply.limit_w - background_w(problem, supply)
            limits.power[number] = limits.add(free_w, Code.CIRCUIT_POWER, supply.id)
    for budget in problem.budgets:
        _add_budget(limits, budget)
    for number, supply in enumerate(supplies):
        if supply.imbalance_a is not None:
            sides = [limits.add(supply.imbalance_a, Code.IMBALANCE, supply.id, up + 1) for up, _ in SIDES]
            limits.tilts[number] = sides[0]
    return limits


def background_w(problem: Problem, supply: Supply) -> float:
    """Tell a circuit's background in W; unless given, voltage times the sum of its currents."""
    if supply.background_w is not None:
        return supply.background_w
    return problem.voltage_v * sum(supply.background_a)


def _add_budget(limits: Limits, budget: Budget) -> None:
    added: list[tuple[int, int]] = []
    # What a circuit keeps back is the circuit's word; what else a group shares goes by its own name.
    is_reserve = budget.reason.code is Code.RESERVE
    code, owner = (Code.RESERVE, budget.reason.by) if is_reserve else (Code.BUDGET, budget.id)
    if budget.limit_w is not None:
        added.append((limits.add(budget.limit_w, code, owner), -1))
    if budget.limit_a is not None:
        for line, limit_a in enumerate(budget.limit_a):
            added.append((limits.add(limit_a, code, owner, line + 1), line))
    for row, _ in added:
        limits.grouped[row] = []
    for charger in dict.fromkeys(budget.chargers):
        limits.budgets.setdefault(charger, []).extend(added)
