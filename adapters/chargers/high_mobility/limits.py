"""Which limits a Home Charger can be told."""

import math
from dataclasses import dataclass
from typing import Final

from controller.domain.site import ChargerSpec
from controller.errors import BadRequest, DeviceRefused

_EPSILON_A: Final = 1e-6


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
    """What the charger itself allows, as it told it last."""

    minimum_a: float | None = None
    maximum_a: float | None = None

    def look(self, minimum_a: float | None, maximum_a: float | None) -> None:
        """Take note of what it told."""
        self.minimum_a = self.minimum_a if minimum_a is None else minimum_a
        self.maximum_a = self.maximum_a if maximum_a is None else maximum_a

    def within(self, limit_a: float, present_a: float | None) -> float:
        """Move a limit to what the charger allows, never above the limit that it is known to have.

        A cut to less than the charger's minimum goes as low as it can; the read-back then tells what holds.

        Raises:
            DeviceRefused: the charger's minimum would be more than it may draw.
        """
        if limit_a == 0.0 or self.minimum_a is None or limit_a >= self.minimum_a:
            return limit_a if not self.maximum_a else min(limit_a, self.maximum_a)
        if present_a is None or self.minimum_a > present_a:
            raise DeviceRefused(f"{limit_a:g} A is below the charger's own minimum of {self.minimum_a:g} A")
        return self.minimum_a
