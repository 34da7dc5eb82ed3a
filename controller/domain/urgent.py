"""Urgent cuts: what is measured above a limit is taken off at once, from the fewest chargers.

The full excess plus a margin, lowest priority and fastest devices first. A limit that was just sent counts as
obeyed while device and car still have their time to follow: after a cut further cuts judge the limit just
sent, not the draw still falling; after a raise an oven is judged with the car that is still ramping up.
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
from controller.domain.reasons import Code, Reason
from controller.domain.rounding import least_a, stepped_down_a
from controller.domain.snapshot import CircuitMemory, Snapshot
from controller.domain.units import CircuitId
from controller.domain.writes import Kind

# Below this an excess is the meter's noise.
NOISE_A = 0.1
# IEC 61851-1 lets the pilot change every 5 s at most: who did not obey is not told again sooner.
CHANCE_S = 5.0


@dataclass(slots=True)
class _Row:
    """One overloaded phase of a circuit, or its power (phase `None`)."""

    circuit: CircuitId
    phase: int | None
    over_a: float
    """What is too much now: on one phase; of power, as if one phase carried it all."""
    excess_a: float
    """What still has to be taken off so that nothing is too much once cuts are obeyed."""


def relieve(
    snapshot: Snapshot,
    cases: list[Case],
    found: Mapping[CircuitId, Load],
    memories: Mapping[CircuitId, CircuitMemory],
) -> None:
    """Plan cuts until no row is above its limit any more, as far as chargers can do that."""
    rising = _rising(snapshot, cases, found)
    rows = [
        row for circuit in snapshot.site.circuits for row in _excesses(snapshot, circuit.id, found, rising)
    ]
    if not rows:
        return
    by_circuit = _below(snapshot, cases)
    for row in rows:
        measured_s = found[row.circuit].at_mono_s
        row.excess_a -= sum(_credit_a(snapshot, case, row, measured_s) for case in by_circuit[row.circuit])
        if row.excess_a > NOISE_A:
            row.excess_a += _climb_a(snapshot, memories.get(row.circuit), row, by_circuit[row.circuit])
    for row in sorted(rows, key=lambda row: -row.excess_a):
        if row.excess_a > NOISE_A:
            _relieve_row(snapshot, row, rows, by_circuit[row.circuit])


def _climb_a(snapshot: Snapshot, memory: CircuitMemory | None, row: _Row, below: list[Case]) -> float:
    """Tell how much more will be too much by the time that the fastest charger and its car have obeyed.

    A car that climbs after a raise, its draw read later than the meter, looks like a load that climbs: what
    it will still draw is known (`_rising`), and no slope is told from such samples.
    """
    if memory is None or not memory.flows:
        return 0.0
    since_s = memory.flows[0][0]
    if any(_weight(snapshot, case, row) > 0 and _has_climbed(snapshot, case, since_s) for case in below):
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


def _below(snapshot: Snapshot, cases: Iterable[Case]) -> dict[CircuitId, list[Case]]:
    below: dict[CircuitId, list[Case]] = {circuit.id: [] for circuit in snapshot.site.circuits}
    for case in cases:
        for circuit in snapshot.site.path[case.spec.circuit]:
            below[circuit].append(case)
    return below


def _excesses(
    snapshot: Snapshot,
    circuit: CircuitId,
    found: Mapping[CircuitId, Load],
    rising: Mapping[CircuitId, list[float]],
) -> list[_Row]:
    load, spec = found[circuit], snapshot.site.circuit[circuit]
    more = rising.get(circuit, (0.0, 0.0, 0.0))
    rows: list[_Row] = []
    if load.measured_a is not None:
        for phase in snapshot.site.phases:
            over_a = load.measured_a[phase - 1] + more[phase - 1] - spec.limit_a[phase - 1]
            if over_a > NOISE_A:
                rows.append(_Row(circuit=circuit, phase=phase, over_a=over_a, excess_a=over_a))
    if spec.limit_w is not None:
        over_a = _power_excess_a(snapshot, load, spec.limit_w) + sum(more)
        if over_a > NOISE_A:
            rows.append(_Row(circuit=circuit, phase=None, over_a=over_a, excess_a=over_a))
    return rows


def _power_excess_a(snapshot: Snapshot, load: Load, limit_w: float) -> float:
    """Tell how far the power is above its limit, as if one phase carried the excess."""
    flow_w = load.measured_w
    if flow_w is None and load.measured_a is not None:
        flow_w = sum(load.measured_a) * snapshot.site.voltage_v
    return -math.inf if flow_w is None else (flow_w - limit_w) / snapshot.site.voltage_v


def _weight(snapshot: Snapshot, case: Case, row: _Row) -> float:
    """Tell how much one ampere of a charger relieves a row."""
    if row.phase is None:
        return snapshot.site.ampere_w(len(case.phases)) / snapshot.site.voltage_v
    return 1.0 if row.phase in case.phases else 0.0


def _drawn_a(case: Case) -> float:
    """Tell what a charger draws now; unseen, it counts at its promise."""
    draw_a = None if case.state is None else case.state.draw_a
    return case.promised_a if draw_a is None else max(draw_a)


def _credit_a(snapshot: Snapshot, case: Case, row: _Row, measured_s: float) -> float:
    """Tell how much less a charger draws or will draw than when the meter looked."""
    weight = _weight(snapshot, case, row)
    if weight <= 0:
        return 0.0
    then_a = _drawn_a(case)
    if case.state is not None and case.state.draws:
        then_a = max(nearest_a(case.state.draws, measured_s))
    return max(0.0, then_a - _in_force_a(snapshot, case)) * weight


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """What a charger could give."""

    case: Case
    limit_a: float
    relief_a: float
    """How much lower its draw will be."""
    pauses: bool


def _relieve_row(snapshot: Snapshot, row: _Row, rows: list[_Row], below: list[Case]) -> None:
    candidates = sorted(
        (case for case in below if _weight(snapshot, case, row) > 0 and _may_be_cut(snapshot, case)),
        key=lambda case: (case.spec.priority, case.spec.abilities.latency_s, -_in_force_a(snapshot, case)),
    )
    while row.excess_a > NOISE_A and candidates:
        option = _best_option(snapshot, row, candidates)
        if option is None:
            return
        candidates.remove(option.case)
        option.case.reasons.append(_urgent(snapshot, row, option))
        _apply(snapshot, option, rows)


def _may_be_cut(snapshot: Snapshot, case: Case) -> bool:
    """A silent charger hears nothing; what a person paused at the charger stays as they left it.

    Whoever has just refused or ignored a lower limit gets another chance soon; until then the others have to
    give.
    """
    if case.state is None or case.paused:
        return False
    told_s = case.memory.changed_mono_s
    disobeyed = case.memory.defies and told_s is not None and snapshot.mono_s < told_s + CHANCE_S
    return not disobeyed


def _urgent(snapshot: Snapshot, row: _Row, option: _Option) -> Reason:
    """Name the row; what is too much there is in A on a phase, in W of a power limit."""
    over = row.over_a if row.phase is not None else row.over_a * snapshot.site.voltage_v
    return Reason(code=Code.URGENT, by=row.circuit, phase=row.phase, current_a=option.limit_a, value=over)


def _best_option(snapshot: Snapshot, row: _Row, candidates: list[Case]) -> _Option | None:
    """Choose one charger that suffices without pausing, else one that suffices paused, else the largest."""
    options = [o for case in candidates for o in _options(snapshot, row, case)]
    enough = [o for o in options if o.relief_a * _weight(snapshot, o.case, row) >= row.excess_a]
    for option in enough:
        if not option.pauses:
            return option
    if enough:
        return enough[0]
    return max(options, key=lambda o: o.relief_a, default=None)


def _in_force_a(snapshot: Snapshot, case: Case) -> float:
    """Tell the draw that there will be once what was sent is obeyed."""
    return case.limit_a if _is_following(snapshot, case) else _drawn_a(case)


def _options(snapshot: Snapshot, row: _Row, case: Case) -> list[_Option]:
    spec, base_a = case.spec, _in_force_a(snapshot, case)
    if base_a <= NOISE_A or case.limit_a <= 0:
        return []
    found: list[_Option] = []
    wanted_a = (row.excess_a + snapshot.timing.urgent_margin_a) / _weight(snapshot, case, row)
    lower_a = stepped_down_a(spec, min(base_a - wanted_a, case.limit_a - spec.step_a))
    obeys = base_a <= tolerated_a(case.limit_a)
    if obeys:
        floor_a = max(lower_a, least_a(spec))
        if floor_a < min(base_a, case.limit_a):
            found.append(_Option(case=case, limit_a=floor_a, relief_a=base_a - floor_a, pauses=False))
    if spec.abilities.can_pause:
        found.append(_Option(case=case, limit_a=0.0, relief_a=base_a, pauses=True))
    return found


def _apply(snapshot: Snapshot, option: _Option, rows: list[_Row]) -> None:
    case = option.case
    above = snapshot.site.path[case.spec.circuit]
    for row in rows:
        if row.circuit in above:
            row.excess_a -= option.relief_a * _weight(snapshot, case, row)
    case.to_write(option.limit_a, Kind.URGENT)
