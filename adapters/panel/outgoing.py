"""Outgoing: one tick -> every state topic and its payload.

Bare numbers and words, one value a topic, and one JSON document a device. `null` is a value that is not
known. Numbers are rounded to what a person can use, so that noise alone publishes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.panel.values import Json, amperes, as_payload, instant, kilo, money, plain, watts
from controller.domain.modes import Mode
from controller.domain.readings import ChargerState, MeterRole, PersonRequest
from controller.domain.reasons import Reason
from controller.domain.samples import fresh_reading
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import ChargerVerdict, CircuitVerdict, Decision

SITE_POWERS = {
    "grid_power_w": MeterRole.CIRCUIT,
    "solar_power_w": MeterRole.SOLAR,
    "battery_power_w": MeterRole.BATTERY,
}


STATE_FILTERS = ("charger/+", "charger/+/+", "circuit/+", "circuit/+/+", "policy/+/+/+", "site", "site/+")
"""Every state topic, below the site's prefix; none of them fits a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What the panel shows beside snapshot and decision."""

    sentences: Mapping[ChargerId, str] = field(default_factory=dict)
    """Why each charger gets what it gets, in one sentence."""
    modes: Mapping[str, Mode] = field(default_factory=dict)
    """The modes in force, with their tuning values."""


def state_topics(decision: Decision, snapshot: Snapshot, extras: Extras) -> dict[str, bytes]:
    """Write one tick as topics below the site's prefix; pure, the same bytes for the same tick."""
    topics: dict[str, bytes] = {}
    for charger, verdict in decision.chargers.items():
        values = _charger(charger, verdict, snapshot, extras.sentences.get(charger))
        topics |= _device(f"charger/{charger}", values, {"reasons": [_reason(r) for r in verdict.reasons]})
    for circuit, circuit_verdict in decision.circuits.items():
        values = _circuit(snapshot.site.phases, circuit_verdict)
        topics |= _device(f"circuit/{circuit}", values, {"blind": circuit_verdict.blind})
    topics |= _device("site", _site(snapshot), {})
    return topics | dict(_parameters(extras.modes))


def _device(topic: str, values: Mapping[str, Json], more: Mapping[str, Json]) -> dict[str, bytes]:
    """Write each value on a topic of its own, and all of them with the rest as one document."""
    single = {f"{topic}/{name}": as_payload(value) for name, value in values.items()}
    return single | {topic: as_payload({**values, **more})}


def _charger(
    charger: ChargerId, verdict: ChargerVerdict, snapshot: Snapshot, sentence: str | None
) -> dict[str, Json]:
    state = None if verdict.silent else snapshot.chargers.get(charger)
    return {
        "mode": verdict.mode,
        "state": "silent" if verdict.silent else verdict.plug.value,
        "share_a": amperes(verdict.share_a),
        "told_a": amperes(verdict.limit_a),
        "promise_a": amperes(verdict.promise_a),
        "reason": sentence,
        **_drawn(state),
        **_asked(snapshot.requests.get(charger) or PersonRequest()),
    }


def _drawn(state: ChargerState | None) -> dict[str, Json]:
    draw_a = None if state is None else state.draw_a
    return {
        "current_a": None if draw_a is None else amperes(max(draw_a)),
        "power_w": None if state is None else watts(state.power_w),
        "session_kwh": None if state is None else kilo(state.session_wh),
    }


def _asked(request: PersonRequest) -> dict[str, Json]:
    plan = request.plan
    return {
        "limit_a": {"limit_a": amperes(request.limit_a), "until": instant(request.limit_until)},
        "boost": {"until": instant(request.boost_until)},
        "plan": {
            "energy_kwh": None if plan is None else kilo(plan.energy_wh),
            "soc_pct": None if plan is None else plan.soc_pct,
            "by": None if plan is None else instant(plan.by),
        },
    }


def _reason(reason: Reason) -> dict[str, Json]:
    return {"code": reason.code.value, "by": reason.by, "current_a": amperes(reason.current_a)}


def _circuit(phases: tuple[int, ...], verdict: CircuitVerdict) -> dict[str, Json]:
    lines: dict[str, Json] = {f"l{phase}_a": amperes(verdict.measured_a[phase - 1]) for phase in phases}
    # Nobody knows what is left of a circuit whose meter is silent.
    left_a = None if verdict.blind else min(verdict.headroom_a[phase - 1] for phase in phases)
    return lines | {"headroom_a": amperes(left_a)}


def _site(snapshot: Snapshot) -> dict[str, Json]:
    present = [slot for slot in snapshot.prices if slot.starts <= snapshot.at < slot.ends]
    cap = None if snapshot.cap is None or snapshot.cap.until <= snapshot.at else snapshot.cap
    return {
        **{name: watts(power) for name, power in _powers(snapshot)},
        "price": money(present[0].import_per_kwh) if present else None,
        "limit_w": {
            "limit_w": None if cap is None else watts(cap.limit_w),
            "until": None if cap is None else instant(cap.until),
        },
    }


def _powers(snapshot: Snapshot) -> Iterator[tuple[str, float | None]]:
    """Tell the power of each kind of meter that the site has."""
    root = snapshot.site.circuits[0].id if snapshot.site.circuits else None
    for name, role in SITE_POWERS.items():
        powers = [
            _power_w(snapshot, index)
            for index, place in enumerate(snapshot.places)
            if place.role is role and (role is not MeterRole.CIRCUIT or place.circuit == root)
        ]
        if powers:
            known = [power for power in powers if power is not None]
            yield name, sum(known) if len(known) == len(powers) else None


def _power_w(snapshot: Snapshot, index: int) -> float | None:
    reading = fresh_reading(snapshot, snapshot.places[index])
    if reading is None or reading.power_w is not None:
        return None if reading is None else reading.power_w
    known = [power for power in reading.powers_w if power is not None]
    return sum(known) if len(known) == len(snapshot.places[index].phases) else None


def _parameters(modes: Mapping[str, Mode]) -> Iterator[tuple[str, bytes]]:
    for mode in modes.values():
        for policy, values in mode.settings.items():
            for name, value in values.items():
                yield f"policy/{mode.name}/{policy}/{name}", as_payload(plain(value))
