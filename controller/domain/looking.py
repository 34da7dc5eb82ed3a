"""Looking: the view that policies get of a tick."""

from collections.abc import Mapping

from controller.domain.cases import Case
from controller.domain.headroom import Load
from controller.domain.readings import MeterReading, MeterRole, PersonRequest
from controller.domain.samples import fresh_reading
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, CircuitId
from controller.domain.view import View

# A car's state of charge moves slowly; older than this it is not known.
_VEHICLE_TTL_S = 3600.0


def view(snapshot: Snapshot, cases: list[Case], found: Mapping[CircuitId, Load]) -> View:
    """Make everything that policies may look at ready for them."""
    return View(
        at=snapshot.at,
        mono_s=snapshot.mono_s,
        site=snapshot.site,
        chargers={case.spec.id: case.state for case in cases if case.state is not None},
        phases={case.spec.id: case.phases for case in cases},
        present_a={case.spec.id: case.latest_a for case in cases},
        requests=_in_force(snapshot),
        cap=snapshot.cap if snapshot.cap is not None and snapshot.at < snapshot.cap.until else None,
        prices=tuple(slot for slot in snapshot.prices if slot.ends > snapshot.at),
        grid_power_w=_grid_power_w(snapshot, found),
        solar_power_w=_role_power_w(snapshot, MeterRole.SOLAR),
        battery_power_w=_role_power_w(snapshot, MeterRole.BATTERY),
        battery_soc_pct=_battery_soc_pct(snapshot),
        background_a={circuit: load.signed_a for circuit, load in found.items()},
        appetite_a={c.spec.id: c.memory.appetite_a for c in cases if c.memory.appetite_a is not None},
        vehicles={
            charger: state
            for charger, state in snapshot.vehicles.items()
            if snapshot.mono_s - state.at_mono_s <= _VEHICLE_TTL_S
        },
    )


def _in_force(snapshot: Snapshot) -> dict[ChargerId, PersonRequest]:
    """Keep what persons asked for chargers that exist; each policy judges the expiry of its own part."""
    return {c: request for c, request in snapshot.requests.items() if c in snapshot.site.charger}


def _grid_power_w(snapshot: Snapshot, found: Mapping[CircuitId, Load]) -> float | None:
    root = snapshot.site.circuits[0]
    load = found[root.id]
    if load.measured_w is not None:
        return load.measured_w
    metered = any(p.circuit == root.id and p.role is MeterRole.CIRCUIT for p in snapshot.places)
    if load.measured_a is None or not metered:
        return None
    return snapshot.site.flow_w(load.measured_a)


def _readings(snapshot: Snapshot, role: MeterRole) -> list[MeterReading | None]:
    return [fresh_reading(snapshot, place) for place in snapshot.places if place.role is role]


def _role_power_w(snapshot: Snapshot, role: MeterRole) -> float | None:
    """Sum the powers of a role; one silent meter leaves the sum unknown."""
    powers_w: list[float] = []
    for reading in _readings(snapshot, role):
        if reading is None or reading.power_w is None:
            return None
        powers_w.append(reading.power_w)
    return sum(powers_w) if powers_w else None


def _battery_soc_pct(snapshot: Snapshot) -> float | None:
    told = [
        r.soc_pct for r in _readings(snapshot, MeterRole.BATTERY) if r is not None and r.soc_pct is not None
    ]
    return sum(told) / len(told) if told else None
