"""The file of `phasewise allocate`: JSON in, one line for every value that is wrong, and JSON out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import from_json

from controller.domain.reasons import Code, Reason
from controller.domain.shares import Allocation, Claim, Problem, Share, Supply
from controller.domain.units import ChargerId, CircuitId, Grid
from controller.domain.wishes import Budget
from controller.errors import SettingsError
from controller.settings.complaints import Complaints
from controller.settings.schema import DIALECT
from controller.settings.table import PhaseList, Table, Text
from controller.settings.tree import doubles, id_of

LINES_OF_IT = (2, 3)

CurrentA = Annotated[float, Field(ge=0, le=100_000)]
"""Any current that a line of a site could carry."""

SignedA = Annotated[float, Field(ge=-100_000, le=100_000)]

PowerW = Annotated[float, Field(ge=0, le=1e9)]

SignedW = Annotated[float, Field(ge=-1e9, le=1e9)]

LimitsA = Annotated[
    tuple[CurrentA, CurrentA, CurrentA],
    Field(json_schema_extra={"expects": "three numbers of 0 or more A, one a phase"}),
]

BackgroundA = Annotated[
    tuple[SignedA, SignedA, SignedA],
    Field(json_schema_extra={"expects": "three numbers in A, one a phase (0 = chargers only)"}),
]


class CircuitEntry(Table):
    """What a circuit bears, and what is on it besides the chargers of the file."""

    id: Text
    parent: Text | None = None
    limit_a: LimitsA
    """Phases that the site does not have carry 0."""
    limit_w: PowerW | None = None
    background_a: BackgroundA
    """Everything in and below the circuit except the listed chargers."""
    background_w: SignedW | None = None
    """Left out: voltage times the sum of `background_a`."""
    imbalance_a: CurrentA | None = None
    """Largest difference between the phases' sums of one- and two-phase chargers below."""


class ChargerEntry(Table):
    """One charger's claim."""

    id: Text
    circuit: Text
    phases: PhaseList
    """Grid phases, in the charger's order; on an IT grid a single-phase charger names its two lines."""
    min_a: CurrentA = 6.0
    max_a: CurrentA = 32.0
    step_a: CurrentA = 1.0
    """0: any current."""
    wanted_a: CurrentA | None = None
    """Left out: `max_a`."""
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    """Higher goes first, strictly."""
    weight: Annotated[float, Field(gt=0, le=1_000_000)] = 1.0
    promise_a: CurrentA | None = None
    """What an unreachable charger still holds on each of its phases; it gets no share."""
    waited_s: Annotated[float, Field(ge=0)] = 0.0
    on: bool = False
    """Charging now: keeps its place when minima do not all fit."""


class BudgetEntry(Table):
    """A limit that some chargers share."""

    id: Text
    chargers: tuple[Text, ...]
    limit_w: PowerW | None = None
    limit_a: LimitsA | None = None


def _at_least_one(circuits: tuple[CircuitEntry, ...]) -> tuple[CircuitEntry, ...]:
    if not circuits:
        raise ValueError("expected at least one circuit")
    return circuits


class AllocateFile(Table):
    """The question: circuits, chargers, budgets."""

    voltage_v: Annotated[float, Field(gt=0, le=1000)] = 230.0
    """Line to neutral on TN, line to line on IT."""
    grid: Grid = Grid.TN
    waited_limit_s: Annotated[float, Field(ge=0)] = 3600.0
    """Whoever waited longer goes before count when minima do not all fit."""
    circuits: Annotated[
        tuple[CircuitEntry, ...], AfterValidator(_at_least_one), Field(json_schema_extra={"minItems": 1})
    ]
    chargers: tuple[ChargerEntry, ...]
    budgets: tuple[BudgetEntry, ...] = ()


def read_problem(text: str, file: str) -> Problem:
    """Turn the text of a file into the allocator's question.

    Raises:
        SettingsError: the first value that is wrong; its `others` hold the rest.
    """
    complaints = Complaints(Path(file))
    entries = _validated(text, file, complaints)
    _check_ids(entries, complaints)
    _check_tree(entries.circuits, complaints)
    for charger in entries.chargers:
        _check_charger(charger, entries, complaints)
    _check_budgets(entries, complaints)
    complaints.raise_any()
    return Problem(
        supplies=tuple(_supply(circuit) for circuit in _parents_first(entries.circuits)),
        claims=tuple(_claim(charger) for charger in entries.chargers),
        budgets=tuple(_budget(budget) for budget in entries.budgets),
        grid=entries.grid,
        voltage_v=entries.voltage_v,
        waited_limit_s=entries.waited_limit_s,
    )


def answer(allocation: Allocation, problem: Problem) -> dict[str, Any]:
    """Put an allocation into the words of the file; whole numbers stand as such."""
    circuits = [supply.id for supply in problem.supplies]
    return {
        "shares": [_share(share) for share in allocation.shares],
        "headroom_a": {id_: [_number(a) for a in allocation.headroom_a[id_]] for id_ in circuits},
        "headroom_w": {id_: _number(allocation.headroom_w[id_]) for id_ in circuits},
    }


def schema() -> dict[str, Any]:
    """Describe the file as JSON Schema."""
    return {"$schema": DIALECT, **AllocateFile.model_json_schema(), "title": "Phasewise allocate"}


def _validated(text: str, file: str, complaints: Complaints) -> AllocateFile:
    try:
        raw = from_json(text)
    except ValueError as error:
        raise SettingsError(file, "", None, f"expected JSON: {error}") from error
    if not isinstance(raw, Mapping):
        raise SettingsError(file, "", None, "expected an object with `circuits` and `chargers`")
    try:
        return AllocateFile.model_validate_json(text)
    except ValidationError as error:
        complaints.add_invalid("", raw, AllocateFile, error)
        complaints.raise_any()
        raise SettingsError(file, "", None, f"expected other values: {error}") from error


def _check_ids(entries: AllocateFile, complaints: Complaints) -> None:
    ids = {
        "circuits": [circuit.id for circuit in entries.circuits],
        "chargers": [charger.id for charger in entries.chargers],
        "budgets": [budget.id for budget in entries.budgets],
    }
    for table, found in ids.items():
        for double in doubles(found):
            complaints.add(f"{table}[{double}].id", double, "an id that no other has")


def _check_tree(circuits: tuple[CircuitEntry, ...], complaints: Complaints) -> None:
    parents = {circuit.id: circuit.parent for circuit in circuits}
    for circuit in circuits:
        if circuit.parent is not None and circuit.parent not in parents:
            known = [other for other in parents if other != circuit.id]
            complaints.add(
                f"circuits[{circuit.id}].parent", circuit.parent, id_of("circuit", circuit.parent, known)
            )
    complaints.raise_any()
    reached = {circuit.id for circuit in _parents_first(circuits)}
    for circuit in circuits:
        if circuit.id not in reached:
            expected = "a circuit that is not below this one: parents go round in a circle"
            complaints.add(f"circuits[{circuit.id}].parent", circuit.parent, expected)


def _parents_first(circuits: tuple[CircuitEntry, ...]) -> list[CircuitEntry]:
    """Order circuits so that parents come first; those on a circle never come."""
    children: dict[str | None, list[CircuitEntry]] = {}
    for circuit in circuits:
        children.setdefault(circuit.parent, []).append(circuit)
    ordered = list(children.get(None, ()))
    for circuit in ordered:  # grows while it is walked
        ordered.extend(children.get(circuit.id, ()))
    return ordered


def _check_charger(charger: ChargerEntry, entries: AllocateFile, complaints: Complaints) -> None:
    where = f"chargers[{charger.id}]"
    circuits = [circuit.id for circuit in entries.circuits]
    if charger.circuit not in circuits:
        complaints.add(f"{where}.circuit", charger.circuit, id_of("circuit", charger.circuit, circuits))
    if charger.min_a > charger.max_a:
        complaints.add(f"{where}.min_a", charger.min_a, f"at most max_a, {charger.max_a:g} A")
    if entries.grid is Grid.IT and len(charger.phases) not in LINES_OF_IT:
        expected = "two lines for a single-phase charger on an IT grid, like [1, 2]"
        complaints.add(f"{where}.phases", list(charger.phases), expected)


def _check_budgets(entries: AllocateFile, complaints: Complaints) -> None:
    chargers = {charger.id for charger in entries.chargers}
    for budget in entries.budgets:
        for charger in budget.chargers:
            if charger not in chargers:
                complaints.add(f"budgets[{budget.id}].chargers", charger, id_of("charger", charger, chargers))


def _supply(circuit: CircuitEntry) -> Supply:
    return Supply(
        id=CircuitId(circuit.id),
        parent=None if circuit.parent is None else CircuitId(circuit.parent),
        limit_a=circuit.limit_a,
        limit_w=circuit.limit_w,
        background_a=circuit.background_a,
        background_w=circuit.background_w,
        imbalance_a=circuit.imbalance_a,
    )


def _claim(charger: ChargerEntry) -> Claim:
    return Claim(
        id=ChargerId(charger.id),
        circuit=CircuitId(charger.circuit),
        phases=charger.phases,
        min_a=charger.min_a,
        max_a=charger.max_a,
        step_a=charger.step_a,
        wanted_a=charger.max_a if charger.wanted_a is None else charger.wanted_a,
        priority=charger.priority,
        weight=charger.weight,
        promise_a=charger.promise_a,
        waited_s=charger.waited_s,
        on=charger.on,
    )


def _budget(budget: BudgetEntry) -> Budget:
    return Budget(
        id=budget.id,
        chargers=tuple(ChargerId(charger) for charger in budget.chargers),
        limit_w=budget.limit_w,
        limit_a=budget.limit_a,
        reason=Reason(code=Code.BUDGET, by=budget.id),
    )


def _share(share: Share) -> dict[str, Any]:
    return {
        "id": share.id,
        "current_a": _number(share.current_a),
        "reasons": [_reason(reason) for reason in share.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    said: dict[str, Any] = {
        "code": reason.code.value,
        "by": reason.by,
        "current_a": _number(reason.current_a),
    }
    optional = {"phase": reason.phase, "value": _number(reason.value), "needed": _number(reason.needed)}
    return said | {key: value for key, value in optional.items() if value is not None}


def _number(value: float | None) -> float | None:
    """Show 16 for 16.0 and no noise in the last digits."""
    if value is None:
        return None
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded
