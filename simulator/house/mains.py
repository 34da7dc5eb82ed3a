"""Mains: the grid's own voltage, which is never still."""

from random import Random

from simulator.house.house import House

# From second to second some tenths of a volt, over an hour a volt or two: usual in a low-voltage network.
_STEP_V = 0.15
_KEPT = 0.995


class Mains:
    """Let the voltage of each phase wander around its nominal value.

    A meter that is alive therefore never reads the same for long, however still the house is. What a seed
    leads to does not depend on the size of the steps taken.
    """

    def __init__(self, *, seed: int) -> None:
        self._random, self._second = Random(f"{seed}/mains"), 0

    def step(self, house: House) -> None:
        """Move the voltages on, one move for each second that has passed."""
        while self._second < int(house.at_s):
            self._second += 1
            one_v, two_v, three_v = (
                _KEPT * offset_v + self._random.gauss(0.0, _STEP_V) for offset_v in house.mains_v
            )
            house.mains_v = one_v, two_v, three_v
