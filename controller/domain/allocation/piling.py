"""Piling: nearly the most minima that fit, when there are too many candidates to try all sets."""

from collections.abc import Iterator, Mapping, Sequence

from controller.domain.allocation.pricing import (
    Prices,
    better_prices,
    first_prices,
    price,
    upper_bound,
)
from controller.domain.allocation.rows import EPSILON_A, Loads

_WORK = 40_000
"""Parcels looked at while prices settle; bounds the time of large sites."""
_FEWEST_ROUNDS, _MOST_ROUNDS = 12, 100
_MOST_RESTARTS = 60
_GOLDEN = 0.618033988749895
"""Its multiples, less whole numbers, fill the interval from 0 to 1 evenly."""
_SWAPS = 20_000
_NEIGHBOURS = 24


def pile_up(parcels: Sequence[Loads], free: Mapping[int, float]) -> list[int]:
    """Choose nearly the most parcels that fit; among equals the earlier goes first.

    Measured against integer programs: 99.9 % of the optimum on average; below 97 % (by one charger) in one of
    about a thousand sites of 13 to 400 chargers.
    """
    prices = sharpest = first_prices(free)
    best, bound = _Pile(parcels, free, prices), upper_bound(parcels, free, prices)
    for turn in range(max(_FEWEST_ROUNDS, min(_MOST_ROUNDS, _WORK // len(parcels)))):
        prices = better_prices(parcels, free, prices, 0.5 if turn < _FEWEST_ROUNDS else 0.25)
        latest = upper_bound(parcels, free, prices)
        if latest < bound:
            bound, sharpest = latest, prices
        if turn % 4 == 3:  # noqa: PLR2004 - prices have to move before another pile differs
            best = max(best, _Pile(parcels, free, prices), key=len)
    for jittered in _jittered(sharpest, min(_MOST_RESTARTS, _WORK // (8 * len(parcels)))):
        if len(best) + 1 > bound:
            break
        best = max(best, _Pile(parcels, free, jittered), key=len)
    best.swap()
    return sorted(best.inside)


def _jittered(prices: Prices, count: int) -> Iterator[Prices]:
    """Shake prices differently each time, but always the same way."""
    for turn in range(count):
        place = turn * len(prices)
        yield {
            row: prices[row] * (0.25 + 1.5 * ((place + k) * _GOLDEN % 1.0))
            for k, row in enumerate(sorted(prices))
        }


class _Pile:
    """A set that fits, grown in the order of its parcels' prices."""

    def __init__(self, parcels: Sequence[Loads], free: Mapping[int, float], prices: Prices) -> None:
        self._parcels, self._free = parcels, dict(free)
        self._outside_by_row: dict[int, list[int]] = {}
        self.inside: set[int] = set()
        prices_of_parcels = [price(loads, prices) for loads in parcels]
        self._order = sorted(range(len(parcels)), key=prices_of_parcels.__getitem__)
        self._grow(self._order)

    def __len__(self) -> int:
        return len(self.inside)

    def swap(self) -> None:
        """Let one go where two fit instead, or one that stands earlier in the order of ties."""
        for number in self._order:
            if number not in self.inside:
                for row, _ in self._parcels[number]:
                    self._outside_by_row.setdefault(row, []).append(number)
        tries = _SWAPS
        for number in [number for number in reversed(self._order) if number in self.inside]:
            tries -= self._try_without(number)
            if tries <= 0:
                return

    def _try_without(self, number: int) -> int:
        """Replace one by others on its least crowded row, if that is better; tell how many were tried."""
        row = min((row for row, _ in self._parcels[number]), key=self._crowd)
        nearest = self._outside_by_row.get(row, ())[:_NEIGHBOURS]
        others = [other for other in nearest if other not in self.inside]
        self._remove(number)
        if not self._is_better(others, number) and not self._is_better(sorted(others), number):
            self._add(number)
        return len(others)

    def _is_better(self, others: Sequence[int], number: int) -> bool:
        """Put in what fits of the others, unless the one that left was worth as much."""
        added = self._grow(others)
        if len(added) > 1 or (added and added[0] < number):
            return True
        for other in added:
            self._remove(other)
        return False

    def _crowd(self, row: int) -> int:
        return len(self._outside_by_row.get(row, ())) or len(self._parcels)

    def _grow(self, order: Sequence[int]) -> list[int]:
        """Add whoever fits; again while somebody may have made room."""
        added: list[int] = []
        makes_room = True
        while makes_room:
            makes_room = False
            for number in order:
                if number not in self.inside and self._fits(number):
                    self._add(number)
                    added.append(number)
                    makes_room = makes_room or any(load < 0 for _, load in self._parcels[number])
        return added

    def _fits(self, number: int) -> bool:
        for row, load in self._parcels[number]:  # a loop, because it runs a hundred thousand times
            if self._free[row] < load - EPSILON_A and load > 0:
                return False
        return True

    def _add(self, number: int) -> None:
        self.inside.add(number)
        for row, load in self._parcels[number]:
            self._free[row] -= load

    def _remove(self, number: int) -> None:
        self.inside.discard(number)
        for row, load in self._parcels[number]:
            self._free[row] += load
