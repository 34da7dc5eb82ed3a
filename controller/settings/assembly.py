"""Assembly: checked tables become the values that the core works with."""

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from controller.domain.commissioning import prove
from controller.domain.readings import MeterRole
from controller.domain.site import Circuit, Limiter, Site
from controller.domain.snapshot import MeterPlace, Timing
from controller.domain.units import ChargerId, CircuitId, MeterId
from controller.settings.charger_checks import charger_spec
from controller.settings.journal_place import anchored, unwritable
from controller.settings.kinds import MeterTables
from controller.settings.settings import Device, Settings, Vehicle
from controller.settings.site_tables import CircuitTable, VehicleTable
from controller.settings.tables import Tables
from controller.settings.tree import PhaseTuple, Tree, spread
from controller.settings.warnings import warnings_of

WH_PER_KWH = W_PER_KW = 1000.0


def assemble(path: Path, tables: Tables, tree: Tree) -> Settings:
    """Put the settings together from tables that were checked."""
    site = _site(tables, tree)
    proof, database = prove(site), anchored(tables.database, path.parent)
    return Settings(
        path=path,
        site=site,
        places=tuple(_place(meter, tree) for meter in tables.meters),
        timing=Timing(**tables.timing.model_dump()),
        meters=tuple(
            Device(id=one.common.id, kind=one.common.kind, settings=one.own) for one in tables.meters
        ),
        chargers=tuple(
            Device(id=one.common.id, kind=one.common.kind, settings=one.own) for one in tables.chargers
        ),
        limiters=tuple(
            Device(id=one.id, kind=one.limiter.kind, settings=tables.limiters[one.id])
            for one in tables.circuits
            if one.limiter is not None
        ),
        vehicles=tuple(_vehicle(car, tables.cars.get(car.id)) for car in tables.vehicles),
        tariff=_tariff(tables),
        forecast=tables.forecast,
        mqtt=tables.mqtt,
        database=database,
        dashboard=tables.dashboard,
        policies=tables.policies,
        proof=proof,
        warnings=(*warnings_of(tables, site, proof), *unwritable(database)),
    )


def _vehicle(car: VehicleTable, own: BaseModel | None) -> Vehicle:
    return Vehicle(
        id=car.id,
        charger=ChargerId(car.charger),
        capacity_wh=car.capacity_kwh * WH_PER_KWH,
        device=None if own is None else Device(id=car.id, kind=str(car.kind), settings=own),
    )


def _tariff(tables: Tables) -> Device | None:
    one = tables.tariff
    return None if one is None else Device(id=one.kind, kind=one.kind, settings=one.own)


def _site(tables: Tables, tree: Tree) -> Site:
    meters = {
        one.common.circuit or tree.root: MeterId(one.common.id)
        for one in tables.meters
        if one.common.role is MeterRole.CIRCUIT
    }
    makes_room = "generation_makes_room" in tables.site.accept
    return Site(
        id=tables.site.id,
        grid=tables.site.grid,
        voltage_v=tables.site.voltage_v,
        phases=tree.supply,
        circuits=tuple(
            replace(
                _circuit(one, tree.phases[one.id], meters.get(one.id), makes_room=makes_room),
                limiter=_limiter(one, tables.limiters.get(one.id), tree.phases[one.id]),
            )
            for one in tree.circuits
        ),
        chargers=tuple(charger_spec(one, tree) for one in tables.chargers),
    )


def _circuit(table: CircuitTable, phases: PhaseTuple, meter: MeterId | None, *, makes_room: bool) -> Circuit:
    limit_w = table.limit_kw * W_PER_KW if table.limit_kw is not None else table.limit_w
    background_a, worst_a = table.background_a, table.worst_background_a
    return Circuit(
        id=CircuitId(table.id),
        parent=None if table.parent is None else CircuitId(table.parent),
        limit_a=spread(table.limit_a, phases),
        limit_w=limit_w,
        imbalance_a=table.imbalance_a,
        meter=meter,
        background_a=None if background_a is None else spread(background_a, phases),
        worst_background_a=None if worst_a is None else spread(worst_a, phases),
        on_reset=table.on_reset,
        generation_makes_room=table.generation_makes_room or makes_room,
    )


def _limiter(circuit: CircuitTable, own: BaseModel | None, phases: PhaseTuple) -> Limiter | None:
    """Take what was set by hand; the rest is as its kind knows it."""
    table = circuit.limiter
    if table is None:
        return None
    of_kind = getattr(own, "limiter", None)
    by_hand = table.model_dump(exclude_unset=True, exclude={"kind"})
    for key in ("lapses_to_a", "nameplate_a", "reset_a"):
        if by_hand.get(key) is not None:
            by_hand[key] = spread(by_hand[key], phases)
    return replace(of_kind if isinstance(of_kind, Limiter) else Limiter(), **by_hand)


def _place(meter: MeterTables, tree: Tree) -> MeterPlace:
    circuit = meter.common.circuit or tree.root
    return MeterPlace(
        id=MeterId(meter.common.id),
        role=meter.common.role,
        circuit=CircuitId(circuit),
        phases=meter.common.phases or tree.phases[circuit],
        lag_s=meter.common.lag_s,
    )
