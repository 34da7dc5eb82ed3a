"""View: what a policy may look at, already made ready for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from controller.domain.readings import ChargerState, PersonRequest, PriceSlot, SiteCap, VehicleState
from controller.domain.site import Site
from controller.domain.units import ChargerId, CircuitId, Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The site as policies see it in one tick; every value is fresh or `None`."""

    at: datetime
    """Wall time, UTC; for calendars only."""
    mono_s: float
    """Monotonic time; for delays and ages."""
    site: Site
    chargers: Mapping[ChargerId, ChargerState]
    """Only chargers that are not silent."""
    phases: Mapping[ChargerId, tuple[int, ...]]
    """The grid phases that each charger's car really uses: learned in the session, else as wired."""
    present_a: Mapping[ChargerId, float]
    """The limit that each charger holds now, as far as it is known."""
    requests: Mapping[ChargerId, PersonRequest]
    """What persons asked and has not expired."""
    cap: SiteCap | None
    prices: tuple[PriceSlot, ...]
    """Known prices from now on, sorted, without gaps closed."""
    grid_power_w: float | None
    """At the root meter, import positive."""
    solar_power_w: float | None
    battery_power_w: float | None
    """Into the battery positive."""
    battery_soc_pct: float | None
    background_a: Mapping[CircuitId, Phases | None]
    """Best estimate of each circuit's background, signed (export negative); `None` when blind."""
    vehicles: Mapping[ChargerId, VehicleState]
    appetite_a: Mapping[ChargerId, float] = field(default_factory=dict)
    """Each car's own limit, where unused offers have shown it."""

    def power_w(self, charger: ChargerId, current_a: float) -> float:
        """Tell what a current on the phases that the car uses weighs in watts."""
        return current_a * self.site.ampere_w(len(self.phases[charger]))
