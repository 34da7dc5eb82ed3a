"""Flow: what runs through one point of the house, and the arithmetic of lines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from controller.domain.site import ChargerSpec, Site, to_grid
from controller.domain.units import ZERO, Grid, Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Currents, powers and voltages at one point; all signed, positive as the point counts it.

    A circuit counts into itself, a battery into itself, panels out of themselves.
    """

    currents_a: Phases = ZERO
    powers_w: Phases = ZERO
    """Per line; on IT, where a line has no power of its own, the halves of what its pairs carry."""
    voltages_v: Phases = ZERO
    """Line to neutral on TN, line to line on IT; 0 for a phase that the site does not have."""
    soc_pct: float | None = None
    """For a battery."""

    @property
    def power_w(self) -> float:
        """The sum of the phases."""
        return sum(self.powers_w)


NO_FLOW = Flow()


def plus(one: Phases, other: Phases) -> Phases:
    """Add phase by phase.

    >>> plus((1.0, 2.0, 3.0), (0.5, 0.0, -3.0))
    (1.5, 2.0, 0.0)
    """
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def spread(power_w: float, phases: Collection[int]) -> Phases:
    """Split a power evenly over phases.

    >>> spread(900.0, (1, 3))
    (450.0, 0.0, 450.0)
    """
    each_w = power_w / len(phases)
    first, second, third = (each_w if phase in phases else 0.0 for phase in (1, 2, 3))
    return first, second, third


class Lines:
    """The grid of a site: voltages under load, and what loads and cars mean for each line.

    Loads have a power factor of 1. Currents on IT lines are added as magnitudes.
    """

    def __init__(self, site: Site, *, sag_v_per_a: float) -> None:
        self._site, self._sag_v_per_a = site, sag_v_per_a
        self._nominal_v = tuple(site.voltage_v if phase in site.phases else 0.0 for phase in (1, 2, 3))
        self.voltages_v: Phases = (self._nominal_v[0], self._nominal_v[1], self._nominal_v[2])

    def sag(self, root_a: Phases, mains_v: Phases = ZERO) -> None:
        """Let the voltages answer to the currents at the root: down by import, up by export.

        `mains_v` is how far the grid itself is from its nominal voltage.
        """
        sag, nominal_v = self._sag_v_per_a, self._nominal_v
        self.voltages_v = (
            nominal_v[0] + mains_v[0] - sag * root_a[0] if nominal_v[0] else 0.0,
            nominal_v[1] + mains_v[1] - sag * root_a[1] if nominal_v[1] else 0.0,
            nominal_v[2] + mains_v[2] - sag * root_a[2] if nominal_v[2] else 0.0,
        )

    def of_powers(self, powers_w: Phases, soc_pct: float | None = None) -> Flow:
        """Tell what loads of so many watts on each phase (on IT: on the pair that begins there) draw."""
        volts = self.voltages_v
        if self._site.grid is Grid.TN:
            currents_a = (
                powers_w[0] / volts[0] if volts[0] else 0.0,
                powers_w[1] / volts[1] if volts[1] else 0.0,
                powers_w[2] / volts[2] if volts[2] else 0.0,
            )
            return Flow(currents_a=currents_a, powers_w=powers_w, voltages_v=volts, soc_pct=soc_pct)
        return self._of_pairs(powers_w, soc_pct)

    def _of_pairs(self, powers_w: Phases, soc_pct: float | None) -> Flow:
        currents_a, halves_w = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        for start, power_w in enumerate(powers_w):
            for line in (start, (start + 1) % 3):
                currents_a[line] += power_w / self._site.voltage_v
                halves_w[line] += power_w / 2.0
        return Flow(
            currents_a=(currents_a[0], currents_a[1], currents_a[2]),
            powers_w=(halves_w[0], halves_w[1], halves_w[2]),
            voltages_v=self.voltages_v,
            soc_pct=soc_pct,
        )

    def lines_of(self, spec: ChargerSpec) -> int:
        """Tell how many currents a charger has: an IT one on two lines has a single one."""
        one_current = self._site.grid is Grid.IT and len(spec.phases) == 2  # noqa: PLR2004 - two lines
        return 1 if one_current else len(spec.phases)

    def ampere_w(self, spec: ChargerSpec) -> float:
        """Tell what one ampere on one of a charger's currents weighs now."""
        phases = spec.phases
        voltage_v = sum(self.voltages_v[phase - 1] for phase in phases) / len(phases)
        ratio = voltage_v / self._site.voltage_v
        return ratio * self._site.ampere_w(len(phases)) / self.lines_of(spec)

    def of_charger(self, spec: ChargerSpec, device_a: Sequence[float]) -> Flow:
        """Turn a charger's own currents into what it means for the grid's lines."""
        currents_a = to_grid(self._site.grid, spec.phases, device_a)
        volts = self.voltages_v
        if self._site.grid is not Grid.TN:
            line_w = self.ampere_w(spec) * self.lines_of(spec) / len(spec.phases)
            volts = (line_w, line_w, line_w)
        powers_w = (currents_a[0] * volts[0], currents_a[1] * volts[1], currents_a[2] * volts[2])
        return Flow(currents_a=currents_a, powers_w=powers_w, voltages_v=self.voltages_v)
