"""Which limits a Home Charger can be told."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from controller.domain.site import ChargerSpec
from controller.domain.units import MIN_CURRENT_A
from controller.errors import BadRequest, DeviceRefused

_EPSILON_A: Final = 1e-6
_DIGITS: Final = 9
"""151 steps of 0.1 A are 15.1 A."""


def checked_limit_a(spec: ChargerSpec, limit_a: float) -> float:
    """Let a limit through that the charger can hold.

    Raises:
        BadRequest: no number, out of range, no whole step, or a pause that the charger does not have.
    """
    if not math.isfinite(limit_a):
        raise BadRequest(f"{limit_a} is no current")
    if limit_a == 0.0 and spec.abilities.can_pause:
        return 0.0
    if not spec.min_a <= limit_a <= spec.max_a:
        raise BadRequest(f"{limit_a:g} A: expected {spec.min_a:g} to {spec.max_a:g} A; it knows no pause")
    if spec.step_a > 0.0 and abs(limit_a / spec.step_a - round(limit_a / spec.step_a)) > _EPSILON_A:
        raise BadRequest(f"{limit_a:g} A is no multiple of {spec.step_a:g} A")
    return limit_a


@dataclass(slots=True)
class Bounds:
    """What the charger itself allows, as it told it last, and what may be written at all."""

    minimum_a: float | None = None
    maximum_a: float | None = None
    """0 is taken for not set."""
    min_a: float = MIN_CURRENT_A
    """Nothing between 0 and this is ever written."""
    step_a: float = 1.0
    """Limits are written in multiples of this; 0 means any value."""

    def look(self, minimum_a: float | None, maximum_a: float | None) -> None:
        """Take note of what it told."""
        self.minimum_a = self.minimum_a if minimum_a is None else minimum_a
        self.maximum_a = self.maximum_a if maximum_a is None else maximum_a

    def within(self, limit_a: float, present_a: float | None) -> float:
        """Move a limit to what the charger allows, in whole steps, never above what it is known to have.

        A cut to less than the charger's minimum goes as low as it can; the read-back then tells what holds.

        Raises:
            DeviceRefused: the charger's minimum would be more than it may draw, or its maximum is too little.
        """
        if limit_a == 0.0:
            return limit_a
        capped_a = self._capped_a(limit_a)
        if self.minimum_a is None or capped_a >= self.minimum_a:
            return capped_a
        lowest_a = self._stepped_a(self.minimum_a, math.ceil, -_EPSILON_A)
        if present_a is None or lowest_a > present_a:
            raise DeviceRefused(f"{limit_a:g} A is below the charger's own minimum of {self.minimum_a:g} A")
        return lowest_a

    def _capped_a(self, limit_a: float) -> float:
        if not self.maximum_a or limit_a <= self.maximum_a:
            return limit_a
        capped_a = self._stepped_a(self.maximum_a, math.floor, _EPSILON_A)
        if capped_a < self.min_a:
            raise DeviceRefused(
                f"the charger's own maximum of {self.maximum_a:g} A is below the least that is ever written, "
                f"{self.min_a:g} A"
            )
        return capped_a

    def _stepped_a(self, current_a: float, rounded: Callable[[float], int], epsilon: float) -> float:
        if self.step_a <= 0.0:
            return current_a
        return round(rounded(current_a / self.step_a + epsilon) * self.step_a, _DIGITS)
