"""Packing: the most minima that fit together, exactly.

A parcel is what one contender's minimum takes from each contested row; a negative load makes room there.
"""

from collections.abc import Mapping, Sequence

from controller.domain.allocation.piling import pile_up
from controller.domain.allocation.rows import EPSILON_A, Loads

EXACT_UP_TO = 12
"""So many candidates are searched exhaustively; beyond, by prices and swaps."""


def most(parcels: Sequence[Loads], free: Mapping[int, float]) -> list[int]:
    """Choose the most parcels that fit into what is free; among as many, the earliest in their order.

    >>> most([((0, 6.0), (1, 6.0)), ((0, 6.0),), ((1, 6.0),)], {0: 6.0, 1: 6.0})
    [1, 2]
    """
    if len(parcels) <= EXACT_UP_TO:
        return _Search(parcels, free).best
    return pile_up(parcels, free)


class _Search:
    """Depth first, taking before leaving out, so that the first of the largest sets is the earliest.

    A parcel that makes room is counted as if it were in already, and leaving it out takes that room: then
    whatever does not fit at some depth fits at no greater depth.
    """

    def __init__(self, parcels: Sequence[Loads], free: Mapping[int, float]) -> None:
        self._taking = [tuple((row, load) for row, load in loads if load > 0) for loads in parcels]
        self._leaving = [tuple((row, -load) for row, load in loads if load < 0) for loads in parcels]
        self._free = dict(free)
        for relief in self._leaving:
            self._use(relief, -1)
        self._chosen: list[int] = []
        self.best: list[int] = []
        self._bound = self._upper_bound()
        self._visit(0, frozenset())

    def _visit(self, depth: int, barred: frozenset[tuple[Loads, Loads]]) -> None:
        """Try everything from one parcel on; whoever loads like a barred one could only replace it."""
        left = len(self._taking) - depth
        if len(self._chosen) + left <= len(self.best) or len(self.best) == self._bound:
            return
        if not left:
            self.best = self._chosen.copy()
            return
        taking, leaving = self._taking[depth], self._leaving[depth]
        kind = taking, leaving
        if kind not in barred and self._fits(taking):
            self._use(taking, 1)
            self._chosen.append(depth)
            self._visit(depth + 1, barred)
            self._chosen.pop()
            self._use(taking, -1)
            barred |= {kind}
        if self._fits(leaving):
            self._use(leaving, 1)
            self._visit(depth + 1, barred)
            self._use(leaving, -1)

    def _fits(self, loads: Loads) -> bool:
        return all(self._free[row] >= load - EPSILON_A for row, load in loads)

    def _use(self, loads: Loads, sign: int) -> None:
        for row, load in loads:
            self._free[row] -= sign * load

    def _upper_bound(self) -> int:
        """Tell how many could fit if there were only one row, the worst one."""
        bound = len(self._taking)
        for row, free in self._free.items():
            loads = sorted(load for taking in self._taking for at, load in taking if at == row)
            fitting = 0
            while fitting < len(loads) and sum(loads[: fitting + 1]) <= free + EPSILON_A:
                fitting += 1
            bound = min(bound, len(self._taking) - len(loads) + fitting)
        return bound
