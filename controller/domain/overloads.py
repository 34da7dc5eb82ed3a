"""Overloads: what is measured above a limit, and how much is on its way down, or still to come.

A limit that was just sent counts as obeyed while device and car still have their time to follow: after a cut
that limit is judged, not the draw still falling; after a raise an oven is judged with the car that is still
ramping up.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.domain.cases import Case
from controller.domain.draws import least_a as least_drawn_a
from controller.domain.draws import nearest_a
from controller.domain.headroom import Load
from controller.domain.promises import tolerated_a, under_way
from controller.domain.ramps import climb_a
from controller.domain.snapshot import CircuitMemory, Snapshot
from controller.domain.units import CircuitId

# Below this an excess is the meter's noise.
NOISE_A = 0.1


@dataclass(slots=True)
class Row:
    """One overloaded phase of a circuit, or its power (phase `None`)."""

    circuit: CircuitId
    phase: int | None
    over_a: float
    """What is too much now: on one phase; of power, as if one phase carried it all."""
    excess_a: float
    """What still has to be taken off so that nothing is too much once cuts are obeyed."""


def overloads(snapshot: Snapshot, cases: Iterable[Case], found: Mapping[CircuitId, Load]) -> list[Row]:
    """List every row that is above its limit, with the cars that are still ramping up."""
    more = _rising(snapshot, cases, found)
    return [row for circuit in snapshot.site.circuits for row in _excesses(snapshot, circuit.id, found, more)]


def _excesses(
    snapshot: Snapshot,
    circuit: CircuitId,
    found: Mapping[CircuitId, Load],
    rising: Mapping[CircuitId, list[float]],
) -> list[Row]:
    load, spec = found[circuit], snapshot.site.circuit[circuit]
    more = rising.get(circuit, (0.0, 0.0, 0.0))
    rows: list[Row] = []
    if load.measured_a is not None:
        for phase in snapshot.site.phases:
            over_a = load.measured_a[phase - 1] + more[phase - 1] - spec.limit_a[phase - 1]
            if over_a > NOISE_A:
                rows.append(Row(circuit=circuit, phase=phase, over_a=over_a, excess_a=over_a))
    if spec.limit_w is not None:
        over_a = _power_excess_a(snapshot, load, spec.limit_w) + sum(more)
        if over_a > NOISE_A:
            rows.append(Row(circuit=circuit, phase=None, over_a=over_a, excess_a=over_a))
    return rows


def _power_excess_a(snapshot: Snapshot, load: Load, limit_w: float) -> float:
    """Tell how far the power is above its limit, as if one phase carried the excess."""
    flow_w = load.measured_w
    if flow_w is None and load.measured_a is not None:
        flow_w = snapshot.site.flow_w(load.measured_a)
    return -math.inf if flow_w is None else (flow_w - limit_w) / snapshot.site.voltage_v


def weight_of(snapshot: Snapshot, case: Case, row: Row) -> float:
    """Tell how much one ampere of a charger relieves a row."""
    if row.phase is None:
        return snapshot.site.ampere_w(len(case.phases)) / snapshot.site.voltage_v
    return 1.0 if row.phase in case.phases else 0.0


def _drawn_a(case: Case) -> float:
    """Tell what a charger draws now; unseen, it counts at its promise."""
    draw_a = None if case.state is None else case.state.draw_a
    return case.promised_a if draw_a is None else max(draw_a)


def credit_a(snapshot: Snapshot, case: Case, row: Row, measured_s: float) -> float:
    """Tell how much less a charger draws or will draw than when the meter looked."""
    weight = weight_of(snapshot, case, row)
    if weight <= 0:
        return 0.0
    then_a = _drawn_a(case)
    if case.state is not None and case.state.draws:
        then_a = max(nearest_a(case.state.draws, measured_s))
    return max(0.0, then_a - in_force_a(snapshot, case)) * weight


def _is_following(snapshot: Snapshot, case: Case) -> bool:
    """Tell whether device and car are still within their time to obey the latest limit."""
    sent_s = case.memory.changed_mono_s
    if case.state is None or sent_s is None:
        return False
    since_s = snapshot.mono_s - sent_s
    abilities = case.spec.abilities
    latest = under_way(case.memory.promise)
    if latest is not None and latest.answered_mono_s is None:
        return not latest.unanswered and since_s <= abilities.latency_s + 1.0
    return since_s <= abilities.latency_s + abilities.follow_s


def in_force_a(snapshot: Snapshot, case: Case) -> float:
    """Tell the draw that there will be once what was sent, or is planned already, is obeyed."""
    expected_a = case.limit_a if _is_following(snapshot, case) else _drawn_a(case)
    return expected_a if case.kind is None else min(expected_a, case.limit_a)


def climbing_a(snapshot: Snapshot, memory: CircuitMemory | None, row: Row, below: list[Case]) -> float:
    """Tell how much more will be too much by the time that the fastest charger and its car have obeyed.

    A car that climbs after a raise, its draw read later than the meter, looks like a load that climbs: what
    it will still draw is known (`_rising`), and no slope is told from such samples.
    """
    if memory is None or not memory.flows:
        return 0.0
    since_s = memory.flows[0][0]
    if any(weight_of(snapshot, case, row) > 0 and _has_climbed(snapshot, case, since_s) for case in below):
        return 0.0
    able = (case.spec.abilities for case in below)
    obeyed_s = min((each.latency_s + each.follow_s for each in able), default=0.0)
    climb = climb_a(memory, snapshot.mono_s, obeyed_s)
    return sum(climb) if row.phase is None else climb[row.phase - 1]


def _has_climbed(snapshot: Snapshot, case: Case, since_s: float) -> bool:
    """Tell whether a charger's own car may have drawn more and more since an instant."""
    if case.state is None:
        return False
    draws = case.state.draws
    if not draws:
        changed_s, abilities = case.memory.changed_mono_s, case.spec.abilities
        return changed_s is not None and changed_s + abilities.latency_s + abilities.follow_s >= since_s
    newest_a = max(draws[-1].currents_a)
    if newest_a > tolerated_a(max(least_drawn_a(draws, since_s))):
        return True
    return case.latest_a > tolerated_a(newest_a) and _is_following(snapshot, case)


def _rising(
    snapshot: Snapshot, cases: Iterable[Case], found: Mapping[CircuitId, Load]
) -> dict[CircuitId, list[float]]:
    """Sum per circuit and phase what cars will draw more, whose limit was raised just now.

    A draw that is older than the meter's sample tells nothing: the sample may hold the rise already.
    """
    more: dict[CircuitId, list[float]] = {}
    for case in cases:
        if not _is_following(snapshot, case):
            continue
        more_a = case.latest_a - _drawn_a(case)
        if more_a <= NOISE_A:
            continue
        for circuit in snapshot.site.path[case.spec.circuit]:
            if _seen_s(case) < found[circuit].at_mono_s:
                continue
            row = more.setdefault(circuit, [0.0, 0.0, 0.0])
            for phase in case.phases:
                row[phase - 1] += more_a
    return more


def _seen_s(case: Case) -> float:
    draws = case.state.draws if case.state is not None else ()
    return draws[-1].at_mono_s if draws else -math.inf
