"""Pricing: what scarce rows are worth, and how many minima could fit at all.

Rows get prices that rise where those worth taking need more than is free (Lagrange multipliers). A parcel is
worth taking while its loads cost less than 1, the value of one more charger. Whatever the prices, no set
that fits holds more than the bound made of them.
"""

from collections.abc import Mapping, Sequence

from controller.domain.allocation.rows import EPSILON_A, Loads

Prices = dict[int, float]


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
