"""Quantities: what a house model says flows through a meter at this moment."""

from dataclasses import dataclass

from controller.domain.units import MaybePhases

_NOMINAL: MaybePhases = (230.0, 230.0, 230.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """The truth behind a meter, positive into the site; `None` is a value that the meter cannot tell."""

    currents_a: MaybePhases = (0.0, 0.0, 0.0)
    voltages_v: MaybePhases = _NOMINAL
    powers_w: MaybePhases | None = None
    """Default: voltage times current."""
    power_w: float | None = None
    """Default: the sum of the phases."""
    import_wh: float | None = 0.0
    export_wh: float | None = 0.0
    frequency_hz: float | None = 50.0
    soc_pct: float | None = 50.0

    def phase_power_w(self, index: int) -> float | None:
        """Tell the power of a phase, 0-based."""
        if self.powers_w is not None:
            return self.powers_w[index]
        current_a, voltage_v = self.currents_a[index], self.voltages_v[index]
        return None if current_a is None or voltage_v is None else current_a * voltage_v

    def total_w(self, phases: int = 3) -> float | None:
        """Tell the power of the first phases together."""
        if self.power_w is not None:
            return self.power_w
        known = [power for index in range(phases) if (power := self.phase_power_w(index)) is not None]
        return sum(known) if len(known) == phases else None

    def value(self, name: str, phases: int = 3) -> float | None:
        """Tell the quantity that a register map calls by this name."""
        if "_l" in name:
            return self._phase_value(name)
        if name.startswith("power_"):
            return _part(self.total_w(phases), name)
        found: float | None = getattr(self, name)
        return found

    def _phase_value(self, name: str) -> float | None:
        index = int(name[name.index("_l") + 2]) - 1
        if name.startswith("current"):
            return self.currents_a[index]
        if name.startswith("voltage"):
            return self.voltages_v[index]
        return _part(self.phase_power_w(index), name)


def _part(power_w: float | None, name: str) -> float | None:
    if power_w is None:
        return None
    if "_import_" in name:
        return max(power_w, 0.0)
    if "_export_" in name:
        return max(-power_w, 0.0)
    return power_w
