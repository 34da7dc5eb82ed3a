"""Pricing: what scarce rows are worth, how many minima could fit at all, and who is in doubt.

Rows get prices that rise where those worth taking need more than is free (Lagrange multipliers). A parcel is
worth taking while its loads cost less than 1, the value of one more charger. Whatever the prices, no set
that fits holds more than the bound made of them.
"""

from collections.abc import Mapping, Sequence

from controller.domain.rows import EPSILON_A, Loads

Prices = dict[int, float]

_DECISIONS = 4_000
"""The search ends after so many; a few milliseconds."""
_DEEPEST = 300


def first_prices(free: Mapping[int, float]) -> Prices:
    """Start with rows priced by how little is free on them."""
    return {row: 0.5 / max(room, EPSILON_A) for row, room in free.items()}


def better_prices(
    parcels: Sequence[Loads], free: Mapping[int, float], prices: Prices, haste: float
) -> Prices:
    """Raise prices where those worth taking need more than is free, lower them elsewhere."""
    used = dict.fromkeys(free, 0.0)
    for loads in parcels:
        if price(loads, prices) < 1.0:
            for row, load in loads:
                used[row] += load
    return {
        row: old * min(2.0, max(0.5, used[row] / max(free[row], EPSILON_A))) ** haste
        for row, old in prices.items()
    }


def price(loads: Loads, prices: Prices) -> float:
    """Tell what a parcel's loads cost."""
    total = 0.0
    for row, load in loads:
        total += prices[row] * load
    return total


def upper_bound(parcels: Sequence[Loads], free: Mapping[int, float], prices: Prices) -> float:
    """Tell a number that no set that fits exceeds."""
    gains = sum(max(0.0, 1.0 - price(loads, prices)) for loads in parcels)
    return gains + sum(prices[row] * room for row, room in free.items())


def search_core(parcels: Sequence[Loads], free: Mapping[int, float], prices: Prices, known: int) -> list[int]:
    """Look for a set larger than the `known` count; nothing when none was found."""
    return _Core(parcels, free, prices, known).best


class _Core:
    """A search that only doubts where the prices do.

    Each decision against the prices lowers the bound by what it forgoes, so most decisions are forced and
    only a core is left to try.
    """

    def __init__(
        self, parcels: Sequence[Loads], free: Mapping[int, float], prices: Prices, known: int
    ) -> None:
        self._parcels, self._free, self._known = parcels, dict(free), known
        self._gain = [1.0 - price(loads, prices) for loads in parcels]
        self._order = sorted(range(len(parcels)), key=lambda number: -abs(self._gain[number]))
        self._decisions = _DECISIONS
        self._chosen: list[int] = []
        self.best: list[int] = []
        self._visit(0, upper_bound(parcels, free, prices))

    def _visit(self, depth: int, bound: float) -> None:
        before = len(self._chosen)
        self._decisions -= 1
        depth = self._forced(depth, bound)
        if depth == len(self._order):
            if len(self._chosen) > self._known:
                self._known, self.best = len(self._chosen), self._chosen.copy()
        elif 0 <= depth < _DEEPEST and self._decisions > 0:
            self._decide(depth, bound)
        self._leave(before)

    def _forced(self, depth: int, bound: float) -> int:
        """Follow the prices where nothing else could beat what is known; -1 when that does not fit."""
        while depth < len(self._order):
            number = self._order[depth]
            if not self._hopeless(bound - abs(self._gain[number])):
                return depth
            if self._gain[number] > 0 and not self._take(number):
                return -1
            depth += 1
        return depth

    def _decide(self, depth: int, bound: float) -> None:
        """Try both ways, the one that the prices favour first."""
        number = self._order[depth]
        gain = self._gain[number]
        for include in (gain > 0, gain <= 0):
            left = bound - max(0.0, -gain if include else gain)
            if self._hopeless(left) or (include and not self._take(number)):
                continue
            self._visit(depth + 1, left)
            if include:
                self._leave(len(self._chosen) - 1)

    def _hopeless(self, bound: float) -> bool:
        return bound < self._known + 1 - EPSILON_A

    def _take(self, number: int) -> bool:
        loads = self._parcels[number]
        if any(self._free[row] < load - EPSILON_A for row, load in loads):
            return False
        self._chosen.append(number)
        for row, load in loads:
            self._free[row] -= load
        return True

    def _leave(self, count: int) -> None:
        while len(self._chosen) > count:
            for row, load in self._parcels[self._chosen.pop()]:
                self._free[row] += load
