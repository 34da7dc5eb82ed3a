"""Checks: whether valid tables fit together; every complaint names the key to change."""

from collections.abc import Sequence

from adapters import catalog
from controller.domain.readings import MeterRole
from controller.domain.site import OnReset
from controller.domain.units import Grid
from controller.settings.charger_checks import check_charger
from controller.settings.complaints import Complaints
from controller.settings.kinds import MeterTables, kind_model
from controller.settings.service_checks import check_services
from controller.settings.site_tables import CircuitTable, LimiterTable
from controller.settings.tables import Tables
from controller.settings.tree import Tree, check_tree, doubles, id_of
from controller.settings.wording import listed


def check(tables: Tables, complaints: Complaints) -> Tree:
    """Check everything that one table alone cannot show, and give the tree of circuits.

    Raises:
        SettingsError: the tables do not fit together.
    """
    check_tree(tables.circuits, complaints)
    _check_ids(tables, complaints)
    _check_grid(tables, complaints)
    complaints.raise_any()
    tree = Tree.grown(tables.site, tables.circuits)
    _check_meters(tables, tree, complaints)
    for circuit in tree.circuits:
        _check_circuit(circuit, tree, tables, complaints)
    complaints.raise_any()
    for charger in tables.chargers:
        check_charger(charger, tables.site.grid, tree, complaints)
    _check_devices(tables, complaints)
    _check_vehicles(tables, complaints)
    check_services(tables, complaints)
    complaints.raise_any()
    return tree


def _check_ids(tables: Tables, complaints: Complaints) -> None:
    devices = [("meters", meter.common.id) for meter in tables.meters]
    devices += [("chargers", charger.common.id) for charger in tables.chargers]
    devices += [("vehicles", vehicle.id) for vehicle in tables.vehicles if vehicle.kind is not None]
    twice = doubles(id_ for _, id_ in devices)
    for id_ in twice:
        table = next(name for name, known in reversed(devices) if known == id_)
        complaints.add(f"{table}[{id_}].id", id_, "an id that no other device has")
    for id_ in doubles(vehicle.id for vehicle in tables.vehicles if vehicle.id not in twice):
        complaints.add(f"vehicles[{id_}].id", id_, "an id that no other vehicle has")


def _check_devices(tables: Tables, complaints: Complaints) -> None:
    """Complain of one device under two names: each would take the other for a foreign controller."""
    for index, charger in enumerate(tables.chargers):
        for first in tables.chargers[:index]:
            if (first.common.kind, first.own) == (charger.common.kind, charger.own):
                where = f"chargers[{charger.common.id}]"
                complaints.add(where, None, f"another device than that of charger {first.common.id}")
                break


def _check_grid(tables: Tables, complaints: Complaints) -> None:
    if tables.site.grid is Grid.IT and tables.site.phases == 1:
        complaints.add(
            "site.phases",
            1,
            "3 on an IT grid; a two-wire supply is set as TN with the voltage between its wires",
        )


def _check_circuit(circuit: CircuitTable, tree: Tree, tables: Tables, complaints: Complaints) -> None:
    where = f"circuits[{circuit.id}]"
    above = tree.phases_above(circuit)
    if circuit.phases is not None and not set(circuit.phases) <= set(above):
        has = listed([str(phase) for phase in above])
        complaints.add(f"{where}.phases", list(circuit.phases), f"phases that its supply has: {has}")
    count = len(tree.phases[circuit.id])
    for key in ("limit_a", "background_a", "worst_background_a"):
        _check_length(f"{where}.{key}", getattr(circuit, key), count, complaints)
    if circuit.limit_w is not None and circuit.limit_kw is not None:
        complaints.add(f"{where}.limit_kw", circuit.limit_kw, "only one of limit_w and limit_kw")
    _check_background(circuit, tables, complaints)
    if circuit.on_reset is OnReset.GATE and circuit.limiter is None:
        complaints.add(f"{where}.on_reset", "gate", "react or reserve, since the circuit has no limiter")
    if circuit.limiter is not None:
        _check_limiter(f"{where}.limiter", circuit.limiter, count, complaints)


def _check_length(key: str, value: object, count: int, complaints: Complaints) -> None:
    if isinstance(value, Sequence) and len(value) != count:
        complaints.add(key, list(value), f"one number, or {count} for the {count} phases of the circuit")


def _check_background(circuit: CircuitTable, tables: Tables, complaints: Complaints) -> None:
    meters = [
        meter.common.id
        for meter in tables.meters
        if meter.common.role is MeterRole.CIRCUIT
        and (meter.common.circuit == circuit.id or (meter.common.circuit is None and circuit.parent is None))
    ]
    key = f"circuits[{circuit.id}].background_a"
    if not meters and circuit.background_a is None:
        complaints.add(key, None, "0 or more A, since no meter measures the circuit")
    if meters and circuit.background_a is not None:
        complaints.add(
            key, circuit.background_a, f"no such key, since the meter {meters[0]} measures the circuit"
        )
    for id_ in meters[1:]:
        complaints.add(
            f"meters[{id_}].circuit", circuit.id, f"another circuit or role: {meters[0]} measures this one"
        )


def _check_limiter(where: str, limiter: LimiterTable, count: int, complaints: Complaints) -> None:
    kind_model(where, limiter.kind, catalog.LIMITERS, complaints)
    _check_length(f"{where}.lapses_to_a", limiter.lapses_to_a, count, complaints)
    _check_length(f"{where}.nameplate_a", limiter.nameplate_a, count, complaints)
    _check_length(f"{where}.reset_a", limiter.reset_a, count, complaints)
    if limiter.lease_s is not None and limiter.lapses_to_a is None:
        complaints.add(f"{where}.lapses_to_a", None, "0 or more A, since lease_s is set, but it is missing")
    if limiter.lease_s is None and limiter.lapses_to_a is not None:
        complaints.add(f"{where}.lease_s", None, "more than 0 s, since lapses_to_a is set, but it is missing")


def _check_meters(tables: Tables, tree: Tree, complaints: Complaints) -> None:
    for meter in tables.meters:
        common, where = meter.common, f"meters[{meter.common.id}]"
        tree.check_place(where, common.circuit, common.phases, complaints)
        if common.lag_s >= tables.timing.window_s:
            complaints.add(
                f"{where}.lag_s", common.lag_s, f"less than timing.window_s, {tables.timing.window_s:g} s"
            )
        _check_pace(meter, tables.timing.meter_ttl_s, complaints)


def _check_pace(meter: MeterTables, ttl_s: float, complaints: Complaints) -> None:
    """Complain of a meter that would count as silent between two of its readings."""
    period_s: float | None = getattr(meter.own, "period_s", None)
    if meter.common.role is MeterRole.CIRCUIT and period_s is not None and period_s >= ttl_s:
        where = f"meters[{meter.common.id}].period_s"
        complaints.add(where, period_s, f"less than timing.meter_ttl_s, {ttl_s:g} s")


def _check_vehicles(tables: Tables, complaints: Complaints) -> None:
    chargers = [charger.common.id for charger in tables.chargers]
    for vehicle in tables.vehicles:
        if vehicle.charger not in chargers:
            complaints.add(
                f"vehicles[{vehicle.id}].charger",
                vehicle.charger,
                id_of("charger", vehicle.charger, chargers),
            )
