"""The house: circuits, loads, panels, battery and cars, moved on together."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from controller.domain.site import ChargerSpec, Site
from controller.domain.units import ZERO, ChargerId, CircuitId, Phases
from simulator.house.base_load import BaseLoad
from simulator.house.battery import Battery
from simulator.house.car import Car
from simulator.house.flow import NO_FLOW, Flow, Lines, plus, spread
from simulator.house.household import Household
from simulator.house.solar import Solar


class Happening(Protocol):
    """Something that acts on the house by itself: a script, or people who come and go."""

    def step(self, house: "House") -> None:
        """Do what is due at `house.at_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line about what just happened, for whoever watches."""

    at_s: float
    text: str


@dataclass(slots=True)
class Bay:
    """A charger's place: what it offers, and the car that stands there."""

    spec: ChargerSpec
    offered_a: float = 0.0
    car: Car | None = None
    flow: Flow = NO_FLOW
    device_a: Phases = ZERO
    """The car's currents in the charger's own order."""


class House:
    """Everything behind the grid connection of one site.

    `step` moves time on by any amount; a second or less keeps cars and voltages smooth. The same seed of its
    parts and the same offers at the same steps give the same numbers, to the last bit.
    """

    def __init__(
        self,
        site: Site,
        *,
        starts: datetime,
        base_loads: Mapping[CircuitId, Sequence[BaseLoad]],
        solar: Solar | None = None,
        battery: Battery | None = None,
        happenings: Sequence[Happening] = (),
        sag_v_per_a: float = 0.25,
    ) -> None:
        """Put a house together; panels and battery are connected at the root.

        `sag_v_per_a` is measured: in the UCI household the voltage falls by 0.26 V for each ampere.
        """
        self.site, self.starts, self.at_s = site, starts, 0.0
        self.solar, self.battery = solar, battery
        self.bays = {spec.id: Bay(spec) for spec in site.chargers}
        self.said: deque[Said] = deque(maxlen=50)
        self.mains_v: Phases = ZERO
        """How far the grid's own voltages are from their nominal value."""
        self._base_loads, self._happenings = base_loads, happenings
        self._lines = Lines(site, sag_v_per_a=sag_v_per_a)
        nothing = Flow(voltages_v=self._lines.voltages_v)
        self.circuits: dict[CircuitId, Flow] = {circuit.id: nothing for circuit in site.circuits}
        """What flows through each circuit, chargers and everything below it included."""
        self.solar_flow = self.battery_flow = nothing
        self._without_battery_w = 0.0

    @property
    def now(self) -> datetime:
        """Wall time in the house."""
        return self.starts + timedelta(seconds=self.at_s)

    @property
    def root(self) -> Flow:
        """What flows through the grid connection; negative is export."""
        return self.circuits[self.site.circuits[0].id]

    def offer(self, charger: ChargerId, current_a: float) -> None:
        """Set what a charger offers to its car from now on."""
        self.bays[charger].offered_a = current_a

    def plug_in(self, charger: ChargerId, car: Car) -> None:
        """Connect a car; one that is there already leaves."""
        bay = self.bays[charger]
        bay.car = car
        self.connect(charger, self._lines.lines_of(bay.spec))
        self.say(f"{car.model.name} plugs in at {charger} with {car.soc_pct:.0f} %")

    def connect(self, charger: ChargerId, lines: int) -> None:
        """Give the car at a charger so many lines, as far as car and wiring have them."""
        bay = self.bays[charger]
        if bay.car is not None:
            bay.car.lines = min(bay.car.model.phases, self._lines.lines_of(bay.spec), lines)

    def unplug(self, charger: ChargerId) -> None:
        """Let the car go, if there is one."""
        bay = self.bays[charger]
        if bay.car is None:
            return
        self.say(f"{bay.car.model.name} leaves {charger} with {bay.car.soc_pct:.0f} %")
        bay.car = None

    def switch(self, name: str, *, on: bool) -> None:
        """Switch a named appliance of any circuit.

        Raises:
            KeyError: no circuit has one of that name.
        """
        for load in chain.from_iterable(self._base_loads.values()):
            if isinstance(load, Household) and load.knows(name):
                load.switch(name, self.at_s, on=on)
                self.say(f"{name} {'on' if on else 'off'}")
                return
        raise KeyError(name)

    def cloud(self, depth: float, seconds: float) -> None:
        """Bring a cloud that takes `depth` (0 to 1) of the sun for a while; nothing without panels."""
        if self.solar is None:
            return
        self.solar.clouds.force(self.at_s, depth, seconds)
        self.say(f"a cloud takes {depth:.0%} of the sun")

    def say(self, text: str) -> None:
        """Note what happened."""
        self.said.append(Said(at_s=self.at_s, text=text))

    def step(self, dt_s: float) -> None:
        """Let some seconds pass; `circuits`, `solar_flow`, `battery_flow` and the bays tell the end state."""
        self.at_s += dt_s
        for happening in self._happenings:
            happening.step(self)
        self._lines.sag(self.root.currents_a, self.mains_v)
        local = {circuit.id: self._load(circuit.id) for circuit in self.site.circuits}
        for bay in self.bays.values():
            self._charge(bay, dt_s)
            local[bay.spec.circuit].append(bay.flow)
        local[self.site.circuits[0].id] += self._generate(dt_s)
        self._add_up(local)

    def _load(self, circuit: CircuitId) -> list[Flow]:
        loads = self._base_loads.get(circuit, ())
        return [self._lines.of_powers(load.powers_w(self.at_s)) for load in loads]

    def _charge(self, bay: Bay, dt_s: float) -> None:
        if bay.car is None:
            bay.device_a, bay.flow = ZERO, NO_FLOW
            return
        bay.device_a = bay.car.step(bay.offered_a, self._lines.ampere_w(bay.spec), dt_s)
        bay.flow = self._lines.of_charger(bay.spec, bay.device_a)

    def _generate(self, dt_s: float) -> list[Flow]:
        """Step panels and battery; return what they mean for the root, import positive."""
        flows = []
        if self.solar is not None:
            power_w = self.solar.step(self.now, self.at_s, dt_s)
            made_w = spread(power_w, self.solar.plant.phases)
            self.solar_flow = self._lines.of_powers(made_w)
            flows.append(self._lines.of_powers((-made_w[0], -made_w[1], -made_w[2])))
        if self.battery is not None:
            power_w = self.battery.step(self._without_battery_w, dt_s)
            taken_w = spread(power_w, self.battery.model.phases)
            self.battery_flow = self._lines.of_powers(taken_w, self.battery.soc_pct)
            flows.append(self.battery_flow)
        return flows

    def _add_up(self, local: Mapping[CircuitId, list[Flow]]) -> None:
        for circuit in reversed(self.site.circuits):
            currents_a = powers_w = ZERO
            for flow in local[circuit.id]:
                currents_a = plus(currents_a, flow.currents_a)
                powers_w = plus(powers_w, flow.powers_w)
            whole = Flow(currents_a=currents_a, powers_w=powers_w, voltages_v=self._lines.voltages_v)
            self.circuits[circuit.id] = whole
            if circuit.parent is not None:
                local[circuit.parent].append(whole)
        battery_w = self.battery.power_w if self.battery is not None else 0.0
        self._without_battery_w = self.root.power_w - battery_w
