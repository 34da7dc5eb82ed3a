"""Sentences: every reason in plain words, made in this one place.

A share reads like `9 A: solar surplus is 2,300 W; main L2 leaves 9 A`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil, floor

from controller.domain.reasons import Code, Reason
from controller.domain.writes import ChargerVerdict

_Words = Callable[[Reason], str]


def _amps(current_a: float | None) -> str:
    return "?" if current_a is None else f"{floor(current_a * 10 + 1e-6) / 10:g} A"


def _watts(power_w: float | None) -> str:
    return "unknown" if power_w is None else f"{power_w:,.0f} W"


def _seconds(duration_s: float | None) -> str:
    if duration_s is None:
        return "a while"
    return f"{ceil(duration_s)} s" if duration_s < 120 else f"{duration_s / 60:.0f} min"  # noqa: PLR2004 - 2 min


def _kwh(energy_wh: float | None) -> str:
    return "?" if energy_wh is None else f"{energy_wh / 1000:.1f} kWh"


def _row(reason: Reason) -> str:
    return reason.by if reason.phase is None else f"{reason.by} L{reason.phase}"


def _need(reason: Reason) -> str:
    return "" if reason.needed is None else f" of {_watts(reason.needed)} needed"


def _surplus(reason: Reason) -> str:
    if reason.value is None or reason.value > 0:
        return f"solar surplus is {_watts(reason.value)}{_need(reason)}"
    lacks = "" if reason.value == 0 else f": the house itself needs {_watts(-reason.value)} of the grid"
    return f"there is no solar surplus{lacks}"


def _price_high(reason: Reason) -> str:
    if reason.value is None:
        return "the price is too high"
    wanted = "" if reason.needed is None else f"; it charges at {reason.needed:.3f} or less"
    return f"the price is {reason.value:.3f} per kWh{wanted}"


def _charger_silent(reason: Reason) -> str:
    since = "" if reason.value is None else f" for {_seconds(reason.value)}"
    kept = "" if reason.current_a is None else f"; {_amps(reason.current_a)} stay reserved for it"
    return f"the charger has been silent{since}{kept}"


def _waits_for_room(reason: Reason) -> str:
    short = "" if reason.value is None else f" ({_amps(reason.value)} free of {_amps(reason.needed)} more)"
    return f"waits for room in {_row(reason)}{short}"


def _urgent(reason: Reason) -> str:
    if reason.value is None:
        return f"{_row(reason)} is above its limit"
    if reason.phase is None:
        return f"{reason.by} is {_watts(reason.value)} above its power limit: cut at once"
    return f"{_row(reason)} is {_amps(reason.value)} above its limit: cut at once"


def _missing(reason: Reason) -> float | None:
    if reason.needed is None or reason.value is None:
        return reason.needed
    return reason.needed - reason.value


def _wait_price(reason: Reason) -> str:
    return "a lower price" if reason.needed is None else f"a price of {reason.needed:.3f} per kWh or less"


_SAYS: Mapping[Code, _Words] = {
    Code.WANTED: lambda r: f"{_amps(r.current_a)} is all that is wanted",
    Code.MAXIMUM: lambda r: f"its maximum is {_amps(r.current_a)}",
    Code.MINIMUM: lambda r: f"its minimum of {_amps(r.current_a)} is granted",
    Code.NO_CAR: lambda _: "no car is plugged in",
    Code.NOT_DRAWING: lambda r: f"the car draws only {_amps(r.value)}, {_amps(r.current_a)} stay offered",
    Code.FULL_POWER: lambda r: f"full power wants {_amps(r.current_a)}",
    Code.OFF: lambda _: "its mode is off",
    Code.SURPLUS: _surplus,
    Code.SURPLUS_LOW: _surplus,
    Code.SURPLUS_WAIT: lambda r: f"solar surplus of {_watts(r.value)} has to last before it starts",
    Code.SURPLUS_HOLD: lambda r: f"a cloud passes ({_surplus(replace(r, needed=None))}), the minimum is held",
    Code.SURPLUS_UNKNOWN: lambda _: "solar surplus is unknown while the grid meter is silent",
    Code.BATTERY_FIRST: lambda r: f"the house battery goes first, {_watts(r.value)} are left{_need(r)}",
    Code.PRICE: lambda r: f"the price is good{'' if r.value is None else f' ({r.value:.3f} per kWh)'}",
    Code.PRICE_HIGH: _price_high,
    Code.PRICE_UNKNOWN: lambda _: "prices are unknown",
    Code.PLANNED: lambda r: f"the plan charges now, {_kwh(r.value)} to go",
    Code.PLANNED_LATER: lambda r: f"the plan waits for cheaper or sunnier hours, {_kwh(r.value)} to go",
    Code.PLAN_UNREACHABLE: lambda r: f"the plan cannot be reached in time any more, {_kwh(r.value)} to go",
    Code.ENERGY_DONE: lambda r: f"the wanted energy is in the car{f' ({_kwh(r.value)})' if r.value else ''}",
    Code.PHASE_BALANCE: lambda _: "the phases are kept even",
    Code.PERSON: lambda r: f"a person set a ceiling of {_amps(r.current_a)}",
    Code.BOOST: lambda r: f"a boost wants {_amps(r.current_a)}",
    Code.OPERATOR_CAP: lambda r: f"the grid operator caps the site at {_watts(r.value)}",
    Code.CIRCUIT: lambda r: f"{_row(r)} leaves {_amps(r.current_a)}",
    Code.CIRCUIT_POWER: lambda r: f"the power limit of {r.by} leaves {_amps(r.current_a)}",
    Code.IMBALANCE: lambda r: f"the imbalance limit of {_row(r)} leaves {_amps(r.current_a)}",
    Code.LIMITER: lambda r: f"the limiter of {r.by} leaves {_amps(r.current_a)}",
    Code.RESERVE: lambda r: f"{_row(r)} leaves {_amps(r.current_a)} beside its reserve for a reset",
    Code.BUDGET: lambda r: f"{r.by.replace('_', ' ')} leaves {_amps(r.current_a)}",
    Code.PRIORITY: lambda r: f"chargers with higher priority take what {_row(r)} has",
    Code.SCARCITY: lambda r: f"{_row(r)} cannot serve every minimum; it waits its turn",
    Code.STEP: lambda r: f"rounded down to {_amps(r.current_a)}",
    Code.METER_SILENT: lambda r: f"the meter of {r.by} is silent, {_amps(r.current_a)} is declared safe",
    Code.CHARGER_SILENT: _charger_silent,
    Code.OUT_OF_SERVICE: lambda _: "it is declared out of service",
    Code.DEVICE_HOLDS: lambda r: f"the charger itself does not charge ({r.by})",
    Code.DEVICE_CEILING: lambda r: f"the charger's own limit ({r.by}) is {_amps(r.current_a)}",
    Code.URGENT: _urgent,
    Code.WAITS_FOR_ROOM: _waits_for_room,
    Code.WAITS_FOR_DWELL: lambda r: f"the next change waits {_seconds(r.value)}",
    Code.WAITS_FOR_ANSWER: lambda _: "the charger has not confirmed the last change yet",
    Code.OTHER_CONTROLLER: lambda r: f"somebody else set it to {_amps(r.value)} instead of {_amps(r.needed)}",
    Code.OVERDRAW: lambda r: f"the car draws {_amps(r.value)}, more than it was allowed",
    Code.NO_RECORD: lambda _: "nothing may rise while the journal cannot be written",
    Code.MODE_UNKNOWN: lambda r: f"the mode {r.by} is not known any more",
}


def clause(reason: Reason) -> str:
    """Say one reason as a clause, without a capital or a full stop.

    >>> clause(Reason(code=Code.CIRCUIT, by="main", phase=2, current_a=9.0))
    'main L2 leaves 9 A'
    """
    return _SAYS[reason.code](reason)


def sentence(verdict: ChargerVerdict) -> str:
    """Say in one sentence why a charger gets what it gets."""
    clauses = list(dict.fromkeys(clause(reason) for reason in verdict.reasons))
    return f"{_amps(verdict.share_a)}: {'; '.join(clauses) or 'nothing binds it'}"


_LIFTS: Mapping[Code, _Words] = {
    Code.NO_CAR: lambda _: "a car has to be plugged in",
    Code.OFF: lambda _: "another mode has to be picked",
    Code.SURPLUS_LOW: lambda r: f"{_watts(_missing(r))} more sun, or less use in the house",
    Code.SURPLUS_WAIT: lambda _: "the surplus has to last a little longer",
    Code.SURPLUS: lambda _: "more sun, or a mode that also takes power from the grid",
    Code.SURPLUS_UNKNOWN: lambda _: "the grid meter has to answer again",
    Code.BATTERY_FIRST: lambda _: "the battery has to fill up, or the car has to go first (`battery_first`)",
    Code.PRICE_HIGH: _wait_price,
    Code.PRICE_UNKNOWN: lambda _: "prices have to be known, or a departure has to be set",
    Code.PLANNED_LATER: lambda _: "its planned hours have to come, or a boost",
    Code.ENERGY_DONE: lambda _: "a larger energy limit",
    Code.PERSON: lambda _: "the person's ceiling has to be lifted",
    Code.OPERATOR_CAP: lambda _: "the grid operator's cap has to end",
    Code.BUDGET: lambda r: f"more {r.by.replace('_', ' ')}, or fewer cars that share it",
    Code.CIRCUIT: lambda r: f"less load on {_row(r)}",
    Code.RESERVE: lambda r: f"less load on {_row(r)}, or no `reserve` for resets there",
    Code.CIRCUIT_POWER: lambda r: f"less power through {r.by}",
    Code.IMBALANCE: lambda r: f"more charging on the other phases of {r.by}",
    Code.PRIORITY: lambda _: "chargers of a higher class have to finish",
    Code.SCARCITY: lambda r: (
        f"another charger has to finish, or less load on {_row(r)}; turns change by waiting"
    ),
    Code.METER_SILENT: lambda r: f"the meter of {r.by} has to answer again",
    Code.CHARGER_SILENT: lambda _: "the charger has to answer again, or be declared out of service",
    Code.OUT_OF_SERVICE: lambda _: "it has to answer again, or be declared in service",
    Code.DEVICE_HOLDS: lambda _: "it has to be released at the charger",
    Code.DEVICE_CEILING: lambda r: f"a higher {r.by} at the charger",
    Code.WAITS_FOR_ROOM: lambda r: f"{_row(r)} has to come free: confirmed cuts or less load",
    Code.WAITS_FOR_DWELL: lambda r: f"{_seconds(r.value)} of patience",
    Code.WAITS_FOR_ANSWER: lambda _: "the charger has to confirm the last change",
    Code.URGENT: lambda r: f"less load on {_row(r)}",
    Code.LIMITER: lambda r: f"a higher limit of the limiter of {r.by}",
    Code.PHASE_BALANCE: lambda _: "more load on the other phases, or a larger `spread_a`",
    Code.SURPLUS_HOLD: lambda _: "more sun, or a mode that also takes power from the grid",
    Code.NOT_DRAWING: lambda _: "the car has to take what it is offered",
    Code.MAXIMUM: lambda _: "nothing: it is at its maximum",
    Code.WANTED: lambda _: "nothing: it gets all that is wanted",
    Code.FULL_POWER: lambda _: "nothing: it gets all that it can take",
    Code.BOOST: lambda _: "nothing: it gets all that it can take",
    Code.NO_RECORD: lambda _: "the database has to be writable again",
    Code.MODE_UNKNOWN: lambda _: "a known mode has to be picked",
}


def what_would_help(verdict: ChargerVerdict) -> str:
    """Say what would have to change for the charger to get more: what bound it last decides."""
    for reason in reversed(verdict.reasons):
        if reason.code in _LIFTS:
            return _LIFTS[reason.code](reason)
    return "nothing binds it"
