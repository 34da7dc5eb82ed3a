"""Urgent cuts: what is measured above a limit is taken off at once, from the fewest chargers.

The full excess plus a margin, lowest priority and fastest devices first. A cut that was just sent counts as
obeyed while device and car still have their time to follow: further cuts judge the limit just sent, not the
draw still falling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.domain.cases import Case
from controller.domain.headroom import Load, aligned
from controller.domain.promises import tolerated_a
from controller.domain.rounding import stepped_down_a
from controller.domain.snapshot import Snapshot
from controller.domain.units import CircuitId
from controller.domain.writes import Kind

# Below this an excess is the meter's noise.
NOISE_A = 0.1


@dataclass(slots=True)
class _Row:
    """One overloaded phase of a circuit, or its power (phase `None`)."""

    circuit: CircuitId
    phase: int | None
    excess_a: float
    """On one phase; of power: as if one phase carried it all."""


def relieve(snapshot: Snapshot, cases: list[Case], found: Mapping[CircuitId, Load]) -> None:
    """Plan cuts until no measured row is above its limit any more, as far as chargers can do that."""
    by_circuit = _below(snapshot, cases)
    rows = [row for circuit in snapshot.site.circuits for row in _excesses(snapshot, circuit.id, found)]
    for row in rows:
        measured_s = found[row.circuit].at_mono_s
        row.excess_a -= sum(_credit_a(snapshot, case, row, measured_s) for case in by_circuit[row.circuit])
    for row in sorted(rows, key=lambda row: -row.excess_a):
        if row.excess_a > NOISE_A:
            _relieve_row(snapshot, row, rows, by_circuit[row.circuit])


def _below(snapshot: Snapshot, cases: Iterable[Case]) -> dict[CircuitId, list[Case]]:
    below: dict[CircuitId, list[Case]] = {circuit.id: [] for circuit in snapshot.site.circuits}
    for case in cases:
        for circuit in snapshot.site.path[case.spec.circuit]:
            below[circuit].append(case)
    return below


def _excesses(snapshot: Snapshot, circuit: CircuitId, found: Mapping[CircuitId, Load]) -> list[_Row]:
    load, spec = found[circuit], snapshot.site.circuit[circuit]
    rows: list[_Row] = []
    if load.measured_a is not None:
        for phase in snapshot.site.phases:
            over_a = load.measured_a[phase - 1] - spec.limit_a[phase - 1]
            if over_a > NOISE_A:
                rows.append(_Row(circuit=circuit, phase=phase, excess_a=over_a))
    if spec.limit_w is not None:
        flow_w = load.measured_w
        if flow_w is None and load.measured_a is not None:
            flow_w = sum(load.measured_a) * snapshot.site.voltage_v
        if flow_w is not None and flow_w - spec.limit_w > NOISE_A * snapshot.site.voltage_v:
            over_a = (flow_w - spec.limit_w) / snapshot.site.voltage_v
            rows.append(_Row(circuit=circuit, phase=None, excess_a=over_a))
    return rows


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
        then_a = max(aligned(case.state.draws, measured_s, snapshot.window_s)[0])
    return max(0.0, then_a - _in_force_a(snapshot, case)) * weight


def _is_following(snapshot: Snapshot, case: Case) -> bool:
    """Tell whether device and car are still within their time to obey the latest limit."""
    sent_s = case.memory.changed_mono_s
    if case.state is None or sent_s is None:
        return False
    since_s = snapshot.mono_s - sent_s
    abilities = case.spec.abilities
    flights = case.memory.promise.in_flight
    if flights and flights[-1].answered_mono_s is None:
        return not flights[-1].unanswered and since_s <= abilities.latency_s + 1.0
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
        (case for case in below if _weight(snapshot, case, row) > 0 and case.state is not None),
        key=lambda case: (case.spec.priority, case.spec.abilities.latency_s, -_in_force_a(snapshot, case)),
    )
    while row.excess_a > NOISE_A and candidates:
        option = _best_option(snapshot, row, candidates)
        if option is None:
            return
        candidates.remove(option.case)
        _apply(snapshot, option, rows)


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
    """Tell the draw that will remain after what was sent is obeyed."""
    drawn_a = _drawn_a(case)
    return min(drawn_a, case.limit_a) if _is_following(snapshot, case) else drawn_a


def _options(snapshot: Snapshot, row: _Row, case: Case) -> list[_Option]:
    spec, base_a = case.spec, _in_force_a(snapshot, case)
    if base_a <= NOISE_A or case.limit_a <= 0:
        return []
    found: list[_Option] = []
    wanted_a = (row.excess_a + snapshot.timing.urgent_margin_a) / _weight(snapshot, case, row)
    lower_a = stepped_down_a(spec, min(base_a - wanted_a, case.limit_a - spec.step_a))
    obeys = base_a <= tolerated_a(case.limit_a)
    if obeys:
        floor_a = max(lower_a, spec.min_a)
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
