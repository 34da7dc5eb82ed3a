"""Rows: everything that limits a sum of currents, and who competes below it.

A row is a circuit's phase, a circuit's power, a budget, or one side of an imbalance limit. Every contender
knows the rows that it loads, so that nothing else has to know how the site is wired.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from controller.domain.reasons import Code, Reason
from controller.domain.shares import Claim, Supply
from controller.domain.units import ChargerId, CircuitId

EPSILON_A = 1e-9
"""Sums of currents that differ by less are equal."""

FREE = -1
"""No row binds."""

Structure = tuple[tuple[CircuitId, CircuitId | None], ...]
Loads = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The shape of the supply; circuit `k` has the rows `3k`, `3k + 1` and `3k + 2`."""

    index: dict[CircuitId, int]
    parents: tuple[int, ...]
    """-1 at a root."""
    paths: tuple[tuple[int, ...], ...]
    """Each circuit and all above it, nearest first."""
    subtrees: tuple[tuple[int, ...], ...]
    """Each circuit and all below it."""
    _routes: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = field(default_factory=dict)

    def route(self, circuit: int, lines: tuple[int, ...]) -> tuple[int, ...]:
        """List the phase rows that a current on some lines of a circuit loads, nearest first."""
        route = self._routes.get((circuit, lines))
        if route is None:
            route = tuple(3 * above + line for above in self.paths[circuit] for line in lines)
            self._routes[circuit, lines] = route
        return route


@lru_cache(maxsize=8)
def plant(structure: Structure) -> Tree:
    """Work out paths and subtrees once per shape; a circuit without its parent before it is left out."""
    index: dict[CircuitId, int] = {}
    parents: list[int] = []
    paths: list[tuple[int, ...]] = []
    for circuit, parent in structure:
        if circuit in index or (parent is not None and parent not in index):
            continue
        above = -1 if parent is None else index[parent]
        index[circuit] = len(parents)
        paths.append((len(parents), *(paths[above] if above >= 0 else ())))
        parents.append(above)
    subtrees: list[list[int]] = [[] for _ in parents]
    for circuit_index, path in enumerate(paths):
        for above in path:
            subtrees[above].append(circuit_index)
    return Tree(index=index, parents=tuple(parents), paths=tuple(paths), subtrees=tuple(map(tuple, subtrees)))


@lru_cache(maxsize=64)
def lines_of(phases: tuple[int, ...]) -> tuple[int, ...]:
    """Number grid phases from 0; nothing when one of them does not exist.

    >>> lines_of((3, 1))
    (0, 2)
    """
    lines = tuple(sorted({phase - 1 for phase in phases}))
    return lines if all(0 <= line <= 2 for line in lines) else ()  # noqa: PLR2004 - three phases


@dataclass(slots=True, eq=False)
class Contender:
    """A claim that takes part, in the terms of the sharing; the only thing in it that moves."""

    claim: Claim
    order: int
    """Its place by id: breaks ties."""
    own: tuple[int, ...]
    """The phase rows of its own circuit."""
    amps: tuple[int, ...]
    """All rows that count its amperes once: phases up to the root, budgets in A."""
    extra: tuple[int, ...]
    """Those of `amps` that are budgets."""
    watts: Loads
    """Rows in W, with what one ampere weighs there."""
    signed: Loads
    """Sides of imbalance limits, 1 or -1 each."""
    min_a: float
    cap_a: float
    step_a: float
    weight: float
    current_a: float = 0.0
    admitted: bool = False
    bound: int = FREE
    """The row that stopped it."""
    outranked: bool = False
    """Whether higher classes had taken what it lacked."""
    open: bool = False
    """Whether the present filling may still raise it."""
    rising: bool = False
    """Whether it rises with the level now."""

    def loads(self) -> Iterator[tuple[int, float]]:
        """Go through every row that it loads, with the load of one ampere."""
        for row in self.amps:
            yield row, 1.0
        yield from self.watts
        yield from self.signed


@dataclass(slots=True, eq=False)
class Rows:
    """What every row can bear, what is free on it now, and who competes for it."""

    tree: Tree
    supplies: tuple[Supply, ...]
    """As the tree numbers them."""
    capacity: list[float]
    """Before any share: limit, less background, less promises of unreachable chargers."""
    labels: list[tuple[Code, str, int | None]]
    """What the rows after the phase rows are: code, owner, grid phase."""
    contenders: list[Contender]
    """By id."""
    refused: dict[ChargerId, tuple[Reason, ...]]
    """Claims that take no part, and why."""
    powered: dict[int, int]
    """Row in W -> its circuit."""
    grouped: dict[int, list[Contender]]
    """Budget row -> who loads it."""
    signed_from: int
    """The first row of the imbalance limits; six a limit."""
    free: list[float] = field(default_factory=list)

    def recount(self) -> None:
        """Set what is free from the currents as they stand, without the drift of many small changes."""
        sums = [0.0] * len(self.capacity)
        for contender in self.contenders:
            current_a = contender.current_a
            if current_a:
                for row in contender.own:
                    sums[row] += current_a
                if contender.extra or contender.watts or contender.signed:
                    self._add_others(sums, contender)
        self._roll_up(sums)
        self.free = [capacity - used for capacity, used in zip(self.capacity, sums, strict=True)]

    @staticmethod
    def _add_others(sums: list[float], contender: Contender) -> None:
        current_a = contender.current_a
        for row in contender.extra:
            sums[row] += current_a
        for row, load in (*contender.watts, *contender.signed):
            sums[row] += load * current_a

    def take(self, contender: Contender, current_a: float) -> None:
        """Give a contender so much more (or less, when negative)."""
        free = self.free
        for row in contender.amps:
            free[row] -= current_a
        for row, load in contender.watts:
            free[row] -= load * current_a
        for row, load in contender.signed:
            free[row] -= load * current_a
        contender.current_a += current_a

    def blocks(self, contender: Contender, current_a: float) -> int:
        """Name the nearest row on which so much more does not fit, or `FREE`."""
        free, needed = self.free, current_a - EPSILON_A
        for row in contender.amps:
            if free[row] < needed:
                return row
        for row, load in contender.watts:
            if free[row] < load * needed:
                return row
        for row, load in contender.signed:
            if free[row] < load * needed and load > 0:
                return row
        return FREE

    def label(self, row: int) -> tuple[Code, str, int | None]:
        """Tell what a row is: code, owner, grid phase."""
        phase_rows = 3 * len(self.supplies)
        if row < phase_rows:
            return Code.CIRCUIT, self.supplies[row // 3].id, row % 3 + 1
        return self.labels[row - phase_rows]

    def load(self, contender: Contender, row: int) -> float:
        """Tell what one ampere of a contender weighs on a row."""
        return next((load for at, load in contender.loads() if at == row), 0.0)

    def _roll_up(self, sums: list[float]) -> None:
        parents = self.tree.parents
        for circuit in range(len(parents) - 1, -1, -1):
            parent = parents[circuit]
            if parent >= 0:
                sums[3 * parent] += sums[3 * circuit]
                sums[3 * parent + 1] += sums[3 * circuit + 1]
                sums[3 * parent + 2] += sums[3 * circuit + 2]
