"""Sources: where a site's power came from at one instant, as shares of one.

With the grid meter's import g, solar power s and battery discharge d (each at least 0), a site's supply is
g + s + d, and what a charger draws comes from each source in that proportion. What the chargers draw beyond
all metered sources came from somewhere that no meter sees: it counts as unknown, never as sun.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.domain.readings import ChargerState, MeterReading, MeterRole
from controller.domain.site import Site
from controller.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Weights of the sources; as shares of one instant they add up to 1."""

    solar: float = 0.0
    battery: float = 0.0
    grid: float = 0.0
    unknown: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all weights."""
        return self.solar + self.battery + self.grid + self.unknown

    def scaled(self, factor: float) -> "Mix":
        """Tell the mix with every weight multiplied."""
        return Mix(
            solar=self.solar * factor,
            battery=self.battery * factor,
            grid=self.grid * factor,
            unknown=self.unknown * factor,
        )

    def plus(self, other: "Mix") -> "Mix":
        """Tell the sum, source by source."""
        return Mix(
            solar=self.solar + other.solar,
            battery=self.battery + other.battery,
            grid=self.grid + other.grid,
            unknown=self.unknown + other.unknown,
        )


NOTHING = Mix()
UNKNOWN = Mix(unknown=1.0)


def source_mix(snapshot: Snapshot) -> Mix:
    """Tell the shares of the site's supply at this tick.

    A silent or missing grid meter, and a silent meter of panels or a battery, make the whole mix unknown.

    >>> mix_of(grid_w=1000.0, solar_w=3000.0, battery_w=0.0, charging_w=2000.0)
    Mix(solar=0.75, battery=0.0, grid=0.25, unknown=0.0)
    """
    root = next((circuit for circuit in snapshot.site.circuits if circuit.parent is None), None)
    grid_w = _fresh_power_w(snapshot, snapshot.meters.get(root.meter)) if root and root.meter else None
    solar_w = _role_power_w(snapshot, MeterRole.SOLAR)
    battery_w = _role_power_w(snapshot, MeterRole.BATTERY)
    if grid_w is None or solar_w is None or battery_w is None:
        return UNKNOWN
    charging_w = sum(charger_power_w(snapshot.site, state) or 0.0 for state in snapshot.chargers.values())
    return mix_of(grid_w=grid_w, solar_w=solar_w, battery_w=battery_w, charging_w=charging_w)


def mix_of(*, grid_w: float, solar_w: float, battery_w: float, charging_w: float) -> Mix:
    """Tell the shares for known powers: import, generation, charging of battery and cars positive."""
    supply = Mix(grid=max(0.0, grid_w), solar=max(0.0, solar_w), battery=max(0.0, -battery_w))
    unseen_w = max(0.0, charging_w - supply.total)
    whole = supply.plus(Mix(unknown=unseen_w))
    return whole.scaled(1.0 / whole.total) if whole.total > 0.0 else UNKNOWN


def charger_power_w(site: Site, state: ChargerState) -> float | None:
    """Tell what a charger draws: as it says itself, else from its line currents at the site's voltage."""
    if state.power_w is not None:
        return state.power_w
    draw_a = state.draw_a
    spec = site.charger.get(state.id)
    if draw_a is None or spec is None:
        return None
    loaded = [draw_a[phase - 1] for phase in spec.phases]
    return sum(loaded) / len(loaded) * site.ampere_w(len(spec.phases))


def _role_power_w(snapshot: Snapshot, role: MeterRole) -> float | None:
    powers_w = [
        _fresh_power_w(snapshot, snapshot.meters.get(place.id))
        for place in snapshot.places
        if place.role is role
    ]
    known_w = [power_w for power_w in powers_w if power_w is not None]
    return sum(known_w) if len(known_w) == len(powers_w) else None


def _fresh_power_w(snapshot: Snapshot, reading: MeterReading | None) -> float | None:
    if reading is None or snapshot.mono_s - reading.at_mono_s > snapshot.timing.meter_ttl_s:
        return None
    if reading.power_w is not None:
        return reading.power_w
    return _sum_of_phases_w(reading, snapshot.site.phases)


def _sum_of_phases_w(reading: MeterReading, phases: tuple[int, ...]) -> float | None:
    powers_w: Mapping[int, float | None] = dict(enumerate(reading.powers_w, start=1))
    known_w = [power_w for phase in phases if (power_w := powers_w[phase]) is not None]
    return sum(known_w) if len(known_w) == len(phases) else None
