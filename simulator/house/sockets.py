"""Sockets: where the house meets its twins, the chargers' outlets and the meters' gauges."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from controller.domain.units import ChargerId, Phases
from simulator.house.car import Car
from simulator.house.flow import Flow
from simulator.house.house import House
from simulator.meters.quantities import Quantities


class Outlet(Protocol):
    """A charger's twin as the house sees it."""

    @property
    def offered_a(self) -> float:
        """The current that the pilot offers to the car now; 0 while it offers nothing."""

    def plug_in(self, car: object) -> None:
        """Notice that a car was connected."""

    def unplug(self) -> None:
        """Notice that the car was disconnected."""

    def set_draw(self, currents_a: Phases, power_w: float) -> None:
        """Be told what the car draws, on the device's own L1, L2, L3."""


@runtime_checkable
class SwitchingOutlet(Outlet, Protocol):
    """A twin that can connect fewer phases than it is wired to."""

    @property
    def relay_mode(self) -> int:
        """How many phases its relays connect now."""


class Passenger(Protocol):
    """The twin of a car that hangs on a charger of another kind; it may take less than is offered."""

    @property
    def offered_a(self) -> float:
        """The current that the car allows itself under what it is offered."""

    def set_pilot(self, offered_a: float) -> None:
        """Be told what the charger offers now."""

    def plug_in(self, car: object) -> None:
        """Notice that it was connected, and be the car of the house."""

    def unplug(self) -> None:
        """Notice that it was disconnected."""

    def set_draw(self, currents_a: Phases, power_w: float) -> None:
        """Be told what it draws, on the charger's own L1, L2, L3."""


class Gauge(Protocol):
    """A meter's twin as the house sees it."""

    def set_quantities(self, quantities: Quantities) -> None:
        """Be told what the meter would measure; positive as `MeterReading` counts."""


class Tap:
    """Show one point of the house to one gauge, as often and as late as that meter is."""

    def __init__(
        self, gauge: Gauge, flow: Callable[[], Flow], *, period_s: float = 0.0, lag_s: float = 0.0
    ) -> None:
        """Take the period between samples (0: every exchange) and the age of a sample when it shows."""
        self._gauge, self._flow = gauge, flow
        self._period_s, self._lag_s = period_s, lag_s
        self._import_wh = self._export_wh = 0.0
        self._next_s = float("-inf")
        self._on_the_way: deque[tuple[float, Quantities]] = deque()

    def exchange(self, at_s: float, dt_s: float) -> None:
        """Count the energy of the last step, sample when it is time, show what is old enough."""
        flow = self._flow()
        energy_wh = flow.power_w * dt_s / 3600.0
        self._import_wh += max(0.0, energy_wh)
        self._export_wh += max(0.0, -energy_wh)
        if at_s >= self._next_s:
            self._next_s = max(at_s, self._next_s) + self._period_s
            self._on_the_way.append((at_s + self._lag_s, self._quantities(flow)))
        while self._on_the_way and self._on_the_way[0][0] <= at_s:
            self._gauge.set_quantities(self._on_the_way.popleft()[1])

    def _quantities(self, flow: Flow) -> Quantities:
        return Quantities(
            currents_a=flow.currents_a,
            powers_w=flow.powers_w,
            voltages_v=flow.voltages_v,
            import_wh=self._import_wh,
            export_wh=self._export_wh,
            soc_pct=flow.soc_pct,
        )


class Wiring:
    """A house with its outlets and taps, moved on together."""

    def __init__(
        self,
        house: House,
        outlets: Mapping[ChargerId, Outlet],
        taps: Sequence[Tap],
        vehicles: Mapping[ChargerId, Mapping[str, Passenger]],
    ) -> None:
        self.house = house
        self._outlets, self._taps, self._vehicles = outlets, taps, vehicles
        self._aboard: dict[ChargerId, Passenger] = {}
        self._switching = {
            charger: outlet for charger, outlet in outlets.items() if isinstance(outlet, SwitchingOutlet)
        }
        self._cars: dict[ChargerId, Car | None] = dict.fromkeys(outlets)

    def step(self, dt_s: float) -> None:
        """Ask the outlets, move the house, tell outlets and gauges."""
        for charger, outlet in self._outlets.items():
            self.house.offer(charger, self._offered_a(charger, outlet))
        for charger, outlet in self._switching.items():
            self.house.connect(charger, outlet.relay_mode)
        self.house.step(dt_s)
        for charger, outlet in self._outlets.items():
            self._connect(charger, outlet)
            bay = self.house.bays[charger]
            outlet.set_draw(bay.device_a, bay.flow.power_w)
            if charger in self._aboard:
                self._aboard[charger].set_draw(bay.device_a, bay.flow.power_w)
        for tap in self._taps:
            tap.exchange(self.house.at_s, dt_s)

    def _offered_a(self, charger: ChargerId, outlet: Outlet) -> float:
        """Tell what the charger offers, or less if the car itself allows less."""
        offered_a, aboard = outlet.offered_a, self._aboard.get(charger)
        if aboard is None:
            return offered_a
        aboard.set_pilot(offered_a)
        return min(offered_a, aboard.offered_a)

    def _connect(self, charger: ChargerId, outlet: Outlet) -> None:
        car, before = self.house.bays[charger].car, self._cars[charger]
        if car is before:
            return
        if before is not None:
            outlet.unplug()
            self._leave(charger)
        if car is not None:
            outlet.plug_in(car)
            self._board(charger, car)
        self._cars[charger] = car

    def _board(self, charger: ChargerId, car: Car) -> None:
        """Find the twin of a car by its name; one without a name of ours is the first that stands here."""
        known = self._vehicles.get(charger, {})
        twin = known.get(car.model.name) or next(iter(known.values()), None)
        if twin is not None:
            self._aboard[charger] = twin
            twin.plug_in(car)

    def _leave(self, charger: ChargerId) -> None:
        twin = self._aboard.pop(charger, None)
        if twin is not None:
            twin.unplug()


def wire(
    house: House,
    outlets: Mapping[ChargerId, Outlet],
    taps: Sequence[Tap] = (),
    vehicles: Mapping[ChargerId, Mapping[str, Passenger]] | None = None,
) -> Wiring:
    """Couple a house with its twins; chargers without an outlet keep what `House.offer` last said.

    `vehicles` are the twins of cars, by the charger where they stand and by the names of their models.
    """
    return Wiring(house, outlets, taps, vehicles or {})
