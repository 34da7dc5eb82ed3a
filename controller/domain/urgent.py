"""Urgent cuts: what is measured above a limit is taken off at once, from the fewest chargers.

The full excess plus a margin, lowest priority and fastest devices first; a slow one is not relied on while
faster ones can give. Cuts under way count before another is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.domain.cases import Case
from controller.domain.headroom import Load
from controller.domain.overloads import (
    NOISE_A,
    Row,
    climbing_a,
    credit_a,
    in_force_a,
    overloads,
    weight_of,
)
from controller.domain.promises import tolerated_a, under_way
from controller.domain.reasons import Code, Reason
from controller.domain.rounding import least_a, lowest_a, stepped_down_a
from controller.domain.snapshot import CircuitMemory, Snapshot
from controller.domain.units import CircuitId
from controller.domain.writes import Kind

# What takes longer to hear of a cut than an EVSE's cloud does, as a car's cloud may, is slow.
FAST_S = 5.0
# IEC 61851-1 lets the pilot change every 5 s at most: who did not obey is not told again sooner.
CHANCE_S = 5.0


def relieve(
    snapshot: Snapshot,
    cases: list[Case],
    found: Mapping[CircuitId, Load],
    memories: Mapping[CircuitId, CircuitMemory],
) -> None:
    """Plan cuts until no row is above its limit any more, as far as chargers can do that."""
    rows = overloads(snapshot, cases, found)
    if not rows:
        return
    fast = _below(snapshot, (case for case in cases if case.spec.abilities.latency_s <= FAST_S))
    slow = _below(snapshot, (case for case in cases if case.spec.abilities.latency_s > FAST_S))
    _credit(snapshot, rows, fast, found)
    for row in rows:
        if row.excess_a > NOISE_A:
            below = [*fast[row.circuit], *slow[row.circuit]]
            row.excess_a += climbing_a(snapshot, memories.get(row.circuit), row, below)
    _relieve_rows(snapshot, rows, fast)
    # What slow ones have been told already counts only where fast ones cannot give enough.
    _credit(snapshot, rows, slow, found)
    _relieve_rows(snapshot, rows, slow)


_Below = Mapping[CircuitId, list[Case]]


def _credit(
    snapshot: Snapshot,
    rows: list[Row],
    below: _Below,
    found: Mapping[CircuitId, Load],
) -> None:
    """Count what chargers draw less, or will, than when the meter looked."""
    for row in rows:
        measured_s = found[row.circuit].at_mono_s
        row.excess_a -= sum(credit_a(snapshot, case, row, measured_s) for case in below[row.circuit])


def _relieve_rows(snapshot: Snapshot, rows: list[Row], below: _Below) -> None:
    for row in sorted(rows, key=lambda row: -row.excess_a):
        if row.excess_a > NOISE_A:
            _relieve_row(snapshot, row, rows, below[row.circuit])


def _below(snapshot: Snapshot, cases: Iterable[Case]) -> dict[CircuitId, list[Case]]:
    below: dict[CircuitId, list[Case]] = {circuit.id: [] for circuit in snapshot.site.circuits}
    for case in cases:
        for circuit in snapshot.site.path[case.spec.circuit]:
            below[circuit].append(case)
    return below


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """What a charger could give."""

    case: Case
    limit_a: float
    relief_a: float
    """How much lower its draw will be."""
    pauses: bool


def _relieve_row(snapshot: Snapshot, row: Row, rows: list[Row], below: list[Case]) -> None:
    candidates = sorted(
        (case for case in below if weight_of(snapshot, case, row) > 0 and _may_be_cut(snapshot, case)),
        key=lambda case: (case.spec.priority, case.spec.abilities.latency_s, -in_force_a(snapshot, case)),
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


def _urgent(snapshot: Snapshot, row: Row, option: _Option) -> Reason:
    """Name the row; what is too much there is in A on a phase, in W of a power limit."""
    over = row.over_a if row.phase is not None else row.over_a * snapshot.site.voltage_v
    return Reason(code=Code.URGENT, by=row.circuit, phase=row.phase, current_a=option.limit_a, value=over)


def _best_option(snapshot: Snapshot, row: Row, candidates: list[Case]) -> _Option | None:
    """Choose one charger that suffices, of the lowest priority, rather without pausing; else the largest."""
    options = [o for case in candidates for o in _options(snapshot, row, case)]
    enough = [o for o in options if o.relief_a * weight_of(snapshot, o.case, row) >= row.excess_a]
    if enough:
        return min(enough, key=lambda o: (o.case.spec.priority, o.pauses))
    # The lowest priority gives all it has before a higher one gives anything.
    return min(
        options,
        key=lambda o: (o.case.spec.priority, -o.relief_a * weight_of(snapshot, o.case, row)),
        default=None,
    )


def _options(snapshot: Snapshot, row: Row, case: Case) -> list[_Option]:
    spec, base_a = case.spec, in_force_a(snapshot, case)
    if base_a <= NOISE_A:
        return []
    if case.limit_a <= lowest_a(spec):
        return _once_more(snapshot, case, base_a)
    found: list[_Option] = []
    wanted_a = (row.excess_a + snapshot.timing.urgent_margin_a) / weight_of(snapshot, case, row)
    lower_a = stepped_down_a(spec, min(base_a - wanted_a, case.limit_a - spec.step_a))
    obeys = base_a <= tolerated_a(case.limit_a)
    if obeys:
        floor_a = max(lower_a, least_a(spec))
        if floor_a < min(base_a, case.limit_a):
            found.append(_Option(case=case, limit_a=floor_a, relief_a=base_a - floor_a, pauses=False))
    if spec.abilities.can_pause:
        found.append(_Option(case=case, limit_a=0.0, relief_a=base_a, pauses=True))
    elif not obeys:
        least = least_a(spec)
        found.append(_Option(case=case, limit_a=least, relief_a=base_a - least, pauses=False))
    return found


def _once_more(snapshot: Snapshot, case: Case, base_a: float) -> list[_Option]:
    """Say the lowest limit again where it got no answer and the car does not obey: it may have been lost."""
    latest, told_s = under_way(case.memory.promise), case.memory.changed_mono_s
    is_lost = latest is not None and latest.unanswered and base_a > tolerated_a(case.limit_a)
    if not is_lost or told_s is None or snapshot.mono_s < told_s + CHANCE_S:
        return []
    relief_a = base_a - case.limit_a
    return [_Option(case=case, limit_a=case.limit_a, relief_a=relief_a, pauses=case.limit_a <= 0)]


def _apply(snapshot: Snapshot, option: _Option, rows: list[Row]) -> None:
    case = option.case
    above = snapshot.site.path[case.spec.circuit]
    for row in rows:
        if row.circuit in above:
            row.excess_a -= option.relief_a * weight_of(snapshot, case, row)
    case.to_write(option.limit_a, Kind.URGENT)
