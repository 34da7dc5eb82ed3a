"""Plan: the few writes worth sending.

Urgent cuts come first and wait for nothing. Ordinary cuts wait for a dead band and a pause between two.
Raises wait for room in the ledger, never for everyone, and take at most a step at once.
"""

from collections.abc import Mapping
from dataclasses import replace

from controller.domain.cases import Case
from controller.domain.demand import crowded
from controller.domain.promises import under_way
from controller.domain.reasons import Code, Reason
from controller.domain.room import Room
from controller.domain.rounding import lowest_a, stepped_down_a
from controller.domain.snapshot import Snapshot, Timing
from controller.domain.tracking import Background
from controller.domain.units import CircuitId
from controller.domain.writes import Kind

_EPSILON_A = 1e-6
_EPSILON_W = 1e-3
# What is left to the share within the dead band is given after this long without a change.
_SETTLED_S = 60.0
# A lease is renewed when this part of it is left.
_RENEW_SHARE = 0.6


def plan(
    snapshot: Snapshot,
    cases: list[Case],
    room: Room,
    backgrounds: Mapping[CircuitId, Background | None],
) -> None:
    """Decide for every case what it is told now, if anything; urgent cuts are already planned."""
    pressed, crowds = _pressed(snapshot, room, backgrounds), crowded(snapshot, cases)
    raises: list[Case] = []
    for case in cases:
        if case.kind is Kind.URGENT or not _may_be_told(case):
            continue
        lower_a = max(case.share_a, lowest_a(case.spec))
        if lower_a < case.latest_a - _EPSILON_A:
            _cut(snapshot, case, lower_a, pressed, crowds)
        elif case.share_a > case.latest_a + _EPSILON_A:
            raises.append(case)
        else:
            _keep(snapshot, case, lower_a, room)
    # Who stands lowest comes first within its class: the scarce room goes to fairness, not to ids.
    for case in sorted(raises, key=lambda c: (-c.spec.priority, c.latest_a / c.spec.weight, c.spec.id)):
        _raise(snapshot, case, room)
    for case in cases:
        if case.kind is None and _knows_leases(case) and _may_be_told(case):
            _renew(snapshot, case, room)


def _may_be_told(case: Case) -> bool:
    """A silent charger is told nothing: its promise stands, and it is judged when it is heard again."""
    return case.state is not None and not case.paused


def _pressed(
    snapshot: Snapshot, room: Room, backgrounds: Mapping[CircuitId, Background | None]
) -> frozenset[CircuitId]:
    """Find the circuits whose lasting background plus promises are above the limit, or that are blind."""
    found: set[CircuitId] = set()
    for circuit in snapshot.site.circuits:
        background = backgrounds[circuit.id]
        if background is None:
            found.add(circuit.id)
            continue
        promised_a = room.promised_in(circuit.id)
        for index in range(3):
            if background.fair_a[index] + promised_a[index] > circuit.limit_a[index] + _EPSILON_A:
                found.add(circuit.id)
                break
        if (
            circuit.limit_w is not None
            and room.power_in_w(circuit.id, background) > circuit.limit_w + _EPSILON_W
        ):
            found.add(circuit.id)
    return frozenset(found)


def _cut(
    snapshot: Snapshot,
    case: Case,
    lower_a: float,
    pressed: frozenset[CircuitId],
    crowds: frozenset[CircuitId],
) -> None:
    """Lower a limit towards the share; where the ledger itself is over, without waiting for comfort.

    What is less than the dead band stays, but not where it keeps somebody from starting.
    """
    path = snapshot.site.path[case.spec.circuit]
    waits_s = _retry_s(snapshot, case)
    if pressed.isdisjoint(path):
        small = lower_a > 0 and case.latest_a - lower_a < snapshot.timing.dead_band_a
        if small and crowds.isdisjoint(path):
            return
        waits_s = max(waits_s, _gap_s(snapshot, case, snapshot.timing.cut_gap_s))
    if waits_s > 0:
        case.reasons.append(Reason(code=Code.WAITS_FOR_DWELL, by=case.spec.id, value=waits_s))
        return
    case.to_write(lower_a, Kind.CUT)


def _retry_s(snapshot: Snapshot, case: Case) -> float:
    return max(0.0, case.memory.retry_mono_s - snapshot.mono_s)


def _gap_s(snapshot: Snapshot, case: Case, gap_s: float) -> float:
    changed_s = case.memory.changed_mono_s
    if changed_s is None:
        return 0.0
    return max(0.0, changed_s + max(gap_s, case.spec.abilities.write_gap_s) - snapshot.mono_s)


def _keep(snapshot: Snapshot, case: Case, kept_a: float, room: Room) -> None:
    """Repeat a limit that got no answer; otherwise stay silent."""
    latest = under_way(case.memory.promise)
    unanswered = latest is not None and latest.unanswered
    if not unanswered or _retry_s(snapshot, case) > 0 or kept_a > case.latest_a + _EPSILON_A:
        return
    if not _has_room(case, room):
        bound = room.bound(case.spec)
        waits = Reason(code=Code.WAITS_FOR_ROOM, by=bound.circuit, phase=bound.phase, value=0.0)
        case.reasons.append(replace(waits, current_a=kept_a, needed=max(0.0, -bound.spare_a)))
        return
    case.to_write(kept_a, Kind.REPEAT)


def _has_room(case: Case, room: Room) -> bool:
    """Tell whether the ledger holds what was told last; who was told less than was read needs no room."""
    if case.latest_a <= _read_a(case):
        return True
    return room.bound(case.spec).spare_a >= max(0.0, case.latest_a - case.promised_a) - _EPSILON_A


def _read_a(case: Case) -> float:
    read_a = None if case.state is None else case.state.limit_a
    return -1.0 if read_a is None else read_a


def _raise(snapshot: Snapshot, case: Case, room: Room) -> None:
    """Raise towards the share as far as the ledger has room now."""
    timing, spec = snapshot.timing, case.spec
    delay = _delay(snapshot, case, timing)
    if delay is not None:
        case.reasons.append(delay)
        return
    bound = room.bound(spec)
    over = bound.spare_a < -_EPSILON_A
    roomy_a = case.latest_a if over else room.promised_a[spec.id] + bound.spare_a
    reach_a = case.share_a
    if case.latest_a >= spec.min_a:
        reach_a = min(reach_a, case.latest_a + timing.raise_step_a)
    limit_a = stepped_down_a(spec, min(reach_a, roomy_a))
    small = limit_a - case.latest_a < timing.dead_band_a
    worth_it = not small or (limit_a == case.share_a and _gap_s(snapshot, case, _SETTLED_S) <= 0)
    if limit_a > case.latest_a and worth_it:
        room.take(spec, limit_a)
        case.to_write(limit_a, Kind.RAISE)
    if roomy_a < reach_a - _EPSILON_A:
        waits = Reason(
            code=Code.WAITS_FOR_ROOM,
            by=bound.circuit,
            phase=bound.phase,
            current_a=max(limit_a, case.latest_a),
            value=max(0.0, roomy_a - room.promised_a[spec.id]),
            needed=reach_a - room.promised_a[spec.id],
        )
        case.reasons.append(waits)


def _delay(snapshot: Snapshot, case: Case, timing: Timing) -> Reason | None:
    spec = case.spec
    if not snapshot.recording:
        return Reason(code=Code.NO_RECORD, by="journal")
    latest = under_way(case.memory.promise)
    if latest is not None and not latest.unanswered:
        return Reason(code=Code.WAITS_FOR_ANSWER, by=spec.id)
    gap_s = 0.0 if _is_new(case) else _gap_s(snapshot, case, timing.raise_gap_s)
    waits_s = max(_retry_s(snapshot, case), gap_s)
    return Reason(code=Code.WAITS_FOR_DWELL, by=spec.id, value=waits_s) if waits_s > 0 else None


def _is_new(case: Case) -> bool:
    """Tell whether nothing was written since the car came: it need not wait for what was before."""
    plugged_s, changed_s = case.memory.session_mono_s, case.memory.changed_mono_s
    return plugged_s is not None and changed_s is not None and plugged_s > changed_s


def _knows_leases(case: Case) -> bool:
    return case.spec.abilities.lease_s is not None or case.memory.promise.lapses_mono_s is not None


def _renew(snapshot: Snapshot, case: Case, room: Room) -> None:
    """Renew a lease, also of a limit that waits to be raised or is too little above its share to be cut."""
    latest = under_way(case.memory.promise)
    on_its_way = latest is not None and not latest.unanswered
    if on_its_way or _retry_s(snapshot, case) > 0 or not _renewal_due(snapshot, case):
        return
    kept_a = stepped_down_a(case.spec, case.latest_a if _has_room(case, room) else _read_a(case))
    if kept_a > 0 or case.spec.abilities.can_pause:
        case.to_write(kept_a, Kind.REPEAT)


def leased(snapshot: Snapshot, cases: list[Case]) -> None:
    """Give every planned write its time to live, where what it lapses to is safe (H7)."""
    for case in cases:
        if case.kind is not None:
            case.lease_s = _lease_s(snapshot, case)


def _lease_s(snapshot: Snapshot, case: Case) -> float | None:
    lease_s = case.spec.abilities.lease_s
    return None if lease_s is None or case.spec.id in snapshot.site.unsafe_to_lapse else lease_s


def _renewal_due(snapshot: Snapshot, case: Case) -> bool:
    """Tell whether the lease in force has to be renewed now, well before it ends.

    A limit of which no lease is known (after a restart) gets one, so that it lapses when the controller dies;
    one with a lease is written without, once what may lapse at once does not fit any more (H7).
    """
    lease_s, lapses_s = _lease_s(snapshot, case), case.memory.promise.lapses_mono_s
    if case.state is None or case.state.limit_a is None:
        return False
    if lease_s is None:
        return lapses_s is not None
    return lapses_s is None or lapses_s - snapshot.mono_s <= lease_s * _RENEW_SHARE
