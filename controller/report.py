"""Report: the site at one tick as plain values, for the HTTP API, the command line and other programs.

The same snapshot and decision give the same report, whether the daemon tells them or its journal.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import TypeAlias

from controller.domain.readings import MeterReading, MeterRole
from controller.domain.reasons import Code, Reason
from controller.domain.sentences import clause, sentence, what_would_help
from controller.domain.site import ChargerSpec, Circuit
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import ChargerVerdict, CircuitVerdict, Decision

Json: TypeAlias = "str | float | bool | Mapping[str, Json] | Sequence[Json] | None"
Row = dict[str, Json]

# What only delays a write, or reports on the device, binds nothing by itself.
_BESIDE = frozenset(
    {Code.WAITS_FOR_ROOM, Code.WAITS_FOR_DWELL, Code.WAITS_FOR_ANSWER, Code.OTHER_CONTROLLER, Code.OVERDRAW}
)
_ENOUGH = frozenset({Code.WANTED, Code.MAXIMUM, Code.FULL_POWER, Code.BOOST})

_PLACES = 3
"""Milliamperes and milliwatt hours are finer than any device tells."""


def site_report(snapshot: Snapshot, decision: Decision) -> Row:
    """Tell the site as `GET /api/v1/status` does."""
    return {
        "site": snapshot.site.id,
        "at": instant(decision.at),
        "recording": snapshot.recording,
        "circuits": [_circuit(circuit, decision.circuits[circuit.id]) for circuit in snapshot.site.circuits],
        "chargers": [_charger(spec, snapshot, decision.chargers[spec.id]) for spec in snapshot.site.chargers],
        "power_w": {
            "grid": _grid_w(snapshot),
            "solar": _role_w(snapshot, MeterRole.SOLAR),
            "battery": _role_w(snapshot, MeterRole.BATTERY),
        },
        "price_per_kwh": _price(snapshot),
        "operator_cap_w": _cap_w(snapshot),
        "out_of_service": sorted(snapshot.out_of_service),
        "left_configuration": [
            {"id": ghost.id, "circuit": ghost.circuit, "promise_a": _number(ghost.promise_a)}
            for ghost in snapshot.site.ghosts
        ],
    }


def explanation(snapshot: Snapshot, decision: Decision, charger: ChargerId) -> Row:
    """Tell why a charger gets what it gets: every reason, what binds, by what margin, what would help.

    Raises:
        KeyError: the site has no such charger.
    """
    spec, verdict = snapshot.site.charger[charger], decision.chargers[charger]
    binding = bound_by(verdict)
    return {
        "at": instant(decision.at),
        **_charger(spec, snapshot, verdict),
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "binds": None if binding is None else _reason(binding),
        "margin_a": _number(margin_a(spec, verdict)),
        "would_help": what_would_help(verdict),
    }


def bound_by(verdict: ChargerVerdict) -> Reason | None:
    """Tell the reason that bound a share; `None` where nothing did."""
    return next((reason for reason in reversed(verdict.reasons) if reason.code not in _BESIDE), None)


def margin_a(spec: ChargerSpec, verdict: ChargerVerdict) -> float | None:
    """Tell how much more the charger would get if what binds it were gone and all else the same.

    `None`: nothing binds it, or it has all it wants.
    """
    binding = bound_by(verdict)
    if binding is None or binding.code in _ENOUGH:
        return None
    others = (reason.current_a for reason in verdict.reasons if reason is not binding)
    looser_a = [a for a in others if a is not None and a > verdict.share_a]
    return min([*looser_a, spec.max_a]) - verdict.share_a


def instant(at: datetime) -> str:
    """Write an instant in UTC (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _circuit(circuit: Circuit, verdict: CircuitVerdict) -> Row:
    return {
        "id": circuit.id,
        "parent": circuit.parent,
        "limit_a": _numbers(circuit.limit_a),
        "limit_w": _number(circuit.limit_w),
        "measured_a": _numbers(verdict.measured_a),
        "background_a": _numbers(verdict.background_a),
        "promised_a": _numbers(verdict.promised_a),
        # Nobody knows what is left of a circuit whose meter is silent.
        "headroom_a": _numbers((None,) * 3 if verdict.blind else verdict.headroom_a),
        "blind": verdict.blind,
    }


def _charger(spec: ChargerSpec, snapshot: Snapshot, verdict: ChargerVerdict) -> Row:
    state, request = snapshot.chargers.get(spec.id), snapshot.requests.get(spec.id)
    draw_a = None if state is None or verdict.silent else state.draw_a
    told = None if verdict.silent else state
    return {
        "id": spec.id,
        "circuit": spec.circuit,
        "phases": list(spec.phases),
        "min_a": _number(spec.min_a),
        "max_a": _number(spec.max_a),
        "mode": verdict.mode,
        "plug": verdict.plug.value,
        "silent": verdict.silent,
        "out_of_service": spec.id in snapshot.out_of_service,
        "share_a": _number(verdict.share_a),
        "limit_a": _number(verdict.limit_a),
        "promise_a": _number(verdict.promise_a),
        "drawn_a": None if draw_a is None else _numbers(draw_a),
        "power_w": None if told is None else _number(told.power_w),
        "session_wh": None if told is None else _number(told.session_wh),
        "ceiling_a": None if request is None else _number(request.limit_a),
        "boost_until": None if request is None or not request.boost_until else instant(request.boost_until),
        "sentence": sentence(verdict),
    }


def _reason(reason: Reason) -> Row:
    return {
        "code": reason.code.value,
        "by": reason.by,
        "phase": reason.phase,
        "current_a": _number(reason.current_a),
        "value": _number(reason.value),
        "needed": _number(reason.needed),
        "says": clause(reason),
    }


def _grid_w(snapshot: Snapshot) -> float | None:
    root = snapshot.site.circuits[0].id
    places = (place for place in snapshot.places if place.role is MeterRole.CIRCUIT)
    meter = next((place.id for place in places if place.circuit == root), None)
    return None if meter is None else _power_w(snapshot, snapshot.meters.get(meter))


def _role_w(snapshot: Snapshot, role: MeterRole) -> float | None:
    """Sum the meters of a role; a silent one among them makes the sum unknown."""
    places = [place for place in snapshot.places if place.role is role]
    powers_w = [_power_w(snapshot, snapshot.meters.get(place.id)) for place in places]
    known_w = [power_w for power_w in powers_w if power_w is not None]
    return sum(known_w) if places and len(known_w) == len(places) else None


def _power_w(snapshot: Snapshot, reading: MeterReading | None) -> float | None:
    if reading is None or snapshot.mono_s - reading.at_mono_s > snapshot.timing.meter_ttl_s:
        return None
    if reading.power_w is not None:
        return _number(reading.power_w)
    known_w = [power_w for power_w in reading.powers_w if power_w is not None]
    return _number(sum(known_w)) if len(known_w) == len(snapshot.site.phases) else None


def _price(snapshot: Snapshot) -> float | None:
    slots = (slot for slot in snapshot.prices if slot.starts <= snapshot.at < slot.ends)
    return next((_number(slot.import_per_kwh) for slot in slots), None)


def _cap_w(snapshot: Snapshot) -> float | None:
    """Tell the grid operator's cap while it is in force."""
    cap = snapshot.cap
    return None if cap is None or cap.until <= snapshot.at else _number(cap.limit_w)


def _numbers(values: Sequence[float | None]) -> list[Json]:
    return [_number(value) for value in values]


def _number(value: float | None) -> float | None:
    """Round; whole numbers lose their point, and what is not finite is not known."""
    if value is None or not isfinite(value):
        return None
    rounded = round(value, _PLACES)
    return int(rounded) if rounded == int(rounded) else rounded
