"""Checks of one charger: its wiring, its range, and what it does by itself."""

import math
from dataclasses import replace
from inspect import signature

from pydantic import BaseModel

from controller.domain.site import Abilities, ChargerSpec
from controller.domain.units import ChargerId, CircuitId, Grid
from controller.settings.complaints import Complaints
from controller.settings.kinds import ChargerTables
from controller.settings.table import LEAST_A
from controller.settings.tree import PhaseTuple, Tree

DEFAULT_NAMEPLATE_A = 32.0

LINES_OF_IT = (2, 3)


def check_charger(tables: ChargerTables, grid: Grid, tree: Tree, complaints: Complaints) -> None:
    """Complain of what one charger's keys say against each other or against the site."""
    common, where = tables.common, f"chargers[{tables.common.id}]"
    if not tree.check_place(where, common.circuit, common.phases, complaints):
        return
    _check_lines(where, phases_of(tables, tree), grid, complaints)
    spec = charger_spec(tables, tree)
    if spec.min_a > spec.max_a:
        complaints.add(f"{where}.min_a", spec.min_a, f"at most max_a, {spec.max_a:g} A")
        return
    _check_range(where, spec, complaints)
    _check_abilities(where, spec.abilities, complaints)
    for key in ("fallback_a", "reset_a", "lapses_to_a"):
        _check_standing(f"{where}.{key}", getattr(spec.abilities, key), spec, complaints)


def charger_spec(tables: ChargerTables, tree: Tree) -> ChargerSpec:
    """Build the charger as the core knows it."""
    common = tables.common
    wired = ChargerSpec(
        id=ChargerId(common.id),
        circuit=CircuitId(common.circuit or tree.root),
        phases=phases_of(tables, tree),
        min_a=getattr(tables.own, "min_a", common.min_a),
        max_a=common.max_a,
        step_a=common.step_a,
        nameplate_a=common.nameplate_a or max(DEFAULT_NAMEPLATE_A, common.max_a),
        safe_a=common.safe_a,
        priority=common.priority,
        weight=common.weight,
        mode=common.mode,
    )
    by_hand = tables.abilities.model_dump(exclude_none=True)
    return replace(wired, abilities=replace(_abilities_of_kind(tables.own, wired), **by_hand))


def phases_of(tables: ChargerTables, tree: Tree) -> PhaseTuple:
    """Tell the grid phases of a charger: its own words, else all that its circuit has."""
    return tables.common.phases or tree.phases[tables.common.circuit or tree.root]


def _abilities_of_kind(own: BaseModel, wired: ChargerSpec) -> Abilities:
    """Ask the kind's settings: `abilities` is a value, or a method that may want to know the wiring."""
    found = getattr(own, "abilities", None)
    if callable(found):
        found = found(wired) if signature(found).parameters else found()
    return found if isinstance(found, Abilities) else Abilities()


def _check_lines(where: str, phases: PhaseTuple, grid: Grid, complaints: Complaints) -> None:
    if grid is Grid.IT and len(phases) not in LINES_OF_IT:
        complaints.add(
            f"{where}.phases", list(phases), "two lines for a single-phase charger on an IT grid, like [1, 2]"
        )


def _check_range(where: str, spec: ChargerSpec, complaints: Complaints) -> None:
    if spec.nameplate_a < spec.max_a:
        complaints.add(f"{where}.nameplate_a", spec.nameplate_a, f"at least max_a, {spec.max_a:g} A")
    if spec.safe_a and not spec.min_a <= spec.safe_a <= spec.max_a:
        complaints.add(f"{where}.safe_a", spec.safe_a, f"0, or {spec.min_a:g} to {spec.max_a:g} A")
    if spec.step_a and math.floor(spec.max_a / spec.step_a) < math.ceil(spec.min_a / spec.step_a):
        complaints.add(
            f"{where}.step_a", spec.step_a, f"a step with a multiple from {spec.min_a:g} to {spec.max_a:g} A"
        )


def _check_abilities(where: str, able: Abilities, complaints: Complaints) -> None:
    if able.lease_s is not None and able.lapses_to_a is None:
        complaints.add(f"{where}.lapses_to_a", None, "0 or more A, since lease_s is set, but it is missing")
    if able.lease_s is None and able.lapses_to_a is not None:
        complaints.add(f"{where}.lease_s", None, "more than 0 s, since lapses_to_a is set, but it is missing")


def _check_standing(key: str, current_a: float | None, spec: ChargerSpec, complaints: Complaints) -> None:
    least_a = min(LEAST_A, spec.min_a)
    if current_a and not least_a <= current_a <= spec.nameplate_a:
        complaints.add(key, current_a, f"0, or {least_a:g} A to nameplate_a, {spec.nameplate_a:g} A")
