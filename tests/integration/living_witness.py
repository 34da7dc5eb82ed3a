"""What truly flows through the fuse of a house that is played."""

import math

from simulator.breaker import Protection
from simulator.house.house import House
from simulator.meters.quantities import Quantities

FUSE_A = 25.0


class Witness:
    """Sees what truly flows through the fuse."""

    def __init__(self, house: House) -> None:
        self.protection = Protection((FUSE_A,) * 3)
        self.longest_over_s = 0.0
        """The longest time that a phase was above the fuse without a break."""
        self.last_over_s = -math.inf
        """When a phase was above the fuse last."""
        self._house, self._last_s = house, house.at_s
        self._over_since_s: float | None = None

    def set_quantities(self, quantities: Quantities) -> None:
        """See a step."""
        at_s = self._house.at_s
        currents_a = tuple(current_a or 0.0 for current_a in quantities.currents_a)
        self.protection.step((currents_a[0], currents_a[1], currents_a[2]), at_s - self._last_s)
        self._last_s = at_s
        if max(currents_a) <= FUSE_A:
            self._over_since_s = None
            return
        self.last_over_s = at_s
        self._over_since_s = at_s if self._over_since_s is None else self._over_since_s
        self.longest_over_s = max(self.longest_over_s, at_s - self._over_since_s)
