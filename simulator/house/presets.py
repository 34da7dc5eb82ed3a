"""Presets: a plausible house for any configured site."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from controller.domain.readings import MeterRole
from controller.domain.site import Circuit, Site
from controller.domain.units import ChargerId, CircuitId, Phases
from simulator.house.appliances import heat_pump, kitchen_and_bath
from simulator.house.base_load import BaseLoad, SteadyLoad
from simulator.house.battery import Battery, BatteryModel
from simulator.house.car import CarModel
from simulator.house.house import House
from simulator.house.household import Household, moved
from simulator.house.mains import Mains
from simulator.house.programs import Appliance, restless, scaled
from simulator.house.replay import replayed
from simulator.house.solar import Clouds, Solar, SolarPlant
from simulator.house.traffic import Traffic

# The household of `appliances.py` is at home behind three times 25 A at 230 V.
_USUAL_CAPACITY_W = 17_250.0

# Central European summer time; habits need no more than the rough hour.
_LOCAL_HOURS = 2.0


def house_for(
    site: Site,
    roles: Collection[MeterRole],
    *,
    seed: int,
    starts: datetime,
    base_load: Path | None = None,
    cars: Mapping[ChargerId, Sequence[CarModel]] | None = None,
) -> House:
    """Build a house that could stand behind a configured site.

    The root gets households by the size of its fuse, or the rows of `base_load`; a metered circuit below it
    something small and restless; a circuit without a meter its declared background. Panels and a battery
    are there if a meter has the role. Cars come and go at every charger, those of `cars` where it names any.

    Raises:
        SettingsError: `base_load` is unreadable or makes no sense.
    """
    return House(
        site,
        starts=starts,
        base_loads=_base_loads(site, seed, starts.hour + _LOCAL_HOURS, base_load),
        solar=_solar(site, seed) if MeterRole.SOLAR in roles else None,
        battery=Battery(BatteryModel(phases=site.phases)) if MeterRole.BATTERY in roles else None,
        happenings=(
            Mains(seed=seed),
            Traffic([spec.id for spec in site.chargers], seed=seed, known=cars),
        ),
    )


def _capacity_w(site: Site) -> float:
    lines = len(site.phases)
    return sum(site.circuits[0].limit_a) * site.ampere_w(lines) / lines


def _solar(site: Site, seed: int) -> Solar:
    # Half of what the connection could carry away is a large roof.
    peak_w = min(10_000.0, 0.5 * _capacity_w(site))
    plant = SolarPlant(peak_w=peak_w, inverter_w=peak_w, phases=site.phases)
    return Solar(plant, Clouds(f"{seed}/sky"))


def _base_loads(
    site: Site, seed: int, hour: float, file: Path | None
) -> Mapping[CircuitId, tuple[BaseLoad, ...]]:
    root, *others = site.circuits
    loads: dict[CircuitId, tuple[BaseLoad, ...]] = {}
    if file is not None:
        loads[root.id] = (replayed(file, voltage_v=site.voltage_v, phases=site.phases),)
    elif root.meter is not None:
        loads[root.id] = (Household(_homes(site), seed=seed, hour_at_start=hour),)
    declared = (circuit for circuit in (others if root.id in loads else site.circuits))
    return loads | {circuit.id: (_small_load(site, circuit, seed),) for circuit in declared}


def _homes(site: Site) -> tuple[Appliance, ...]:
    """Furnish the root: one household up to a usual fuse, smaller or more of them by its size."""
    size = _capacity_w(site) / _USUAL_CAPACITY_W
    one = moved((*kitchen_and_bath(), *heat_pump()), _onto(site))
    if size < 1.0:
        return tuple(replace(thing, program=scaled(thing.program, size)) for thing in one)
    homes = round((size + 1.0) / 2.0)
    return one + tuple(
        replace(thing, name=f"home {home} {thing.name}") for home in range(2, homes + 1) for thing in one
    )


def _onto(site: Site) -> Mapping[int, int]:
    return {phase: site.phases[(phase - 1) % len(site.phases)] for phase in (1, 2, 3)}


def _small_load(site: Site, circuit: Circuit, seed: int) -> BaseLoad:
    if circuit.meter is None:
        return SteadyLoad(_declared_w(site, circuit))
    things = tuple(
        Appliance(
            name=f"{circuit.id} L{phase}", program=restless(20.0, 250.0, 60.0), phases=(phase,), always=True
        )
        for phase in site.phases
    )
    return Household(things, seed=seed)


def _declared_w(site: Site, circuit: Circuit) -> Phases:
    """Tell the declared background in watts, without what circuits below declare themselves."""
    own_a = list(circuit.background_a or (0.0, 0.0, 0.0))
    for child in site.circuits:
        if child.parent == circuit.id and child.background_a is not None:
            own_a = [max(0.0, mine - its) for mine, its in zip(own_a, child.background_a, strict=True)]
    return own_a[0] * site.voltage_v, own_a[1] * site.voltage_v, own_a[2] * site.voltage_v
