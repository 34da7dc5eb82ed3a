"""Battery: storage that tries to keep the grid meter at zero."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryModel:
    """What a home battery can do."""

    capacity_wh: float = 10_000.0
    limit_w: float = 5000.0
    """The most it takes or gives."""
    phases: tuple[int, ...] = (1, 2, 3)
    delay_s: float = 3.0
    """Time constant with which it follows the grid meter."""
    reserve_pct: float = 10.0
    """It gives nothing below this."""
    efficiency: float = 0.92
    """Round trip; half of the loss is taken on the way in, half on the way out."""


class Battery:
    """Self-consumption: charge from what would be exported, give what would be imported, a little late."""

    def __init__(self, model: BatteryModel, *, soc_pct: float = 50.0) -> None:
        self.model = model
        self.stored_wh = model.capacity_wh * soc_pct / 100.0
        self.power_w = 0.0
        """Into the battery positive."""

    @property
    def soc_pct(self) -> float:
        """State of charge."""
        return 100.0 * self.stored_wh / self.model.capacity_wh

    def step(self, rest_w: float, dt_s: float) -> float:
        """Follow the site's power without the battery (import positive) and tell the power taken."""
        model = self.model
        wanted_w = max(-model.limit_w, min(model.limit_w, -rest_w))
        self.power_w += (wanted_w - self.power_w) * -math.expm1(-dt_s / model.delay_s)
        if self._stuck():
            self.power_w = 0.0
        one_way = math.sqrt(model.efficiency)
        gain = one_way if self.power_w > 0.0 else 1.0 / one_way
        stored_wh = self.stored_wh + self.power_w * gain * dt_s / 3600.0
        self.stored_wh = max(0.0, min(model.capacity_wh, stored_wh))
        return self.power_w

    def _stuck(self) -> bool:
        full = self.power_w > 0.0 and self.stored_wh >= self.model.capacity_wh
        empty = self.power_w < 0.0 and self.soc_pct <= self.model.reserve_pct
        return full or empty
