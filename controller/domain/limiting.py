"""Limiting: what circuits' own devices are told: lower at once when it lasted, higher late and with room.

A limiter is lowered by the background that lasted a window and raised by the gate's: the band between the
two, and a pause after each change, keep it from following every kettle.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor

from controller.domain.limiters import LimiterCase, Pages
from controller.domain.opinions import Opinions
from controller.domain.promises import sent
from controller.domain.room import Room
from controller.domain.site import Circuit
from controller.domain.snapshot import CircuitMemory, Snapshot
from controller.domain.tracking import Background
from controller.domain.units import CircuitId, Phases, floored, minus
from controller.domain.writes import Kind, LimiterWrite

# Smaller changes of a circuit's limit are not worth a write.
_DEAD_BAND_A = 1.0
# A lease is renewed when this part of it is left.
_RENEW_SHARE = 0.6
# Shortest time from any change to a raise.
_RAISE_GAP_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterTask:
    """What a limiter should hold."""

    case: LimiterCase
    most_a: Phases
    """Above this it is lowered."""
    goal_a: Phases
    """Up to this it may be raised; never above `most_a`."""


def limiter_tasks(
    snapshot: Snapshot,
    cases: Mapping[CircuitId, LimiterCase],
    said: Opinions,
    backgrounds: Mapping[CircuitId, Background | None],
    blind: Mapping[CircuitId, bool],
) -> list[LimiterTask]:
    """Tell what every limiter should hold; one that awaits a meter after a start is left as it is."""
    tasks: list[LimiterTask] = []
    for circuit, case in cases.items():
        path = snapshot.site.path[circuit]
        if any(blind.get(above, False) for above in path):
            most_a = goal_a = case.latest_a
        else:
            is_seen = all(backgrounds[above] is not None for above in path)
            most_a, goal_a = _leaves_a(snapshot, case.circuit, backgrounds[circuit] if is_seen else None)
            for wish in said.limiters:
                if wish.circuit == circuit:
                    most_a, goal_a = _least(most_a, wish.limit_a), _least(goal_a, wish.limit_a)
        tasks.append(LimiterTask(case=case, most_a=most_a, goal_a=_least(goal_a, most_a)))
    return tasks


def _leaves_a(snapshot: Snapshot, circuit: Circuit, background: Background | None) -> tuple[Phases, Phases]:
    """Tell what a circuit leaves to its chargers; behind a silent meter what a person declared safe (H3)."""
    if background is None:
        below = snapshot.site.below[circuit.id]
        safe_a = [sum(c.safe_a for c in below if phase in c.phases) for phase in (1, 2, 3)]
        return (safe_a[0], safe_a[1], safe_a[2]), (safe_a[0], safe_a[1], safe_a[2])
    return (
        _whole(minus(circuit.limit_a, background.fair_a)),
        _whole(minus(circuit.limit_a, background.gate_a)),
    )


def _whole(limit_a: Phases) -> Phases:
    one, two, three = floored(limit_a)
    return float(floor(one)), float(floor(two)), float(floor(three))


def _largest(left: Phases, right: Phases) -> Phases:
    return max(left[0], right[0]), max(left[1], right[1]), max(left[2], right[2])


def _least(left: Phases, right: Phases) -> Phases:
    return min(left[0], right[0]), min(left[1], right[1]), min(left[2], right[2])


def limiter_writes(
    snapshot: Snapshot, tasks: Iterable[LimiterTask], room: Room, first: int
) -> tuple[LimiterWrite, ...]:
    """Decide what every limiter is told, numbered from `first`; a raise takes its room above."""
    writes: list[LimiterWrite] = []
    for task in tasks:
        planned = _planned(snapshot, task, room)
        if planned is None:
            continue
        kind, limit_a = planned
        room.take_limiter(task.case.circuit.id, limit_a)
        writes.append(_write(snapshot, task.case, first + len(writes), kind, limit_a))
    return tuple(writes)


def _write(snapshot: Snapshot, case: LimiterCase, number: int, kind: Kind, limit_a: Phases) -> LimiterWrite:
    circuit = case.circuit.id
    return LimiterWrite(
        number=number,
        circuit=circuit,
        limit_a=limit_a,
        kind=kind,
        lease_s=case.limiter.lease_s if circuit in snapshot.site.limiters_to_lapse else None,
        promise_a=_largest(case.promised_a, limit_a),
    )


def _planned(snapshot: Snapshot, task: LimiterTask, room: Room) -> tuple[Kind, Phases] | None:
    case, latest_a = task.case, task.case.latest_a
    if case.read_a is None or snapshot.mono_s < case.retry_mono_s:
        return None  # silent: its promise stands; or it has just refused
    if max(minus(latest_a, task.most_a)) >= _DEAD_BAND_A:
        # Not above what was read either: a cut repeats no raise of another phase that got no answer.
        return Kind.CUT, _least(_least(latest_a, task.most_a), case.read_a)
    if case.waiting:
        return None
    higher_a = _higher_a(task, room)
    if max(minus(higher_a, latest_a)) >= _DEAD_BAND_A and _may_rise(snapshot, case):
        return Kind.RAISE, higher_a
    due = case.is_lost(snapshot.mono_s) or _renewal_due(snapshot, case)
    return (Kind.REPEAT, latest_a) if due and _may_stand(task, case.read_a, room) else None


def _may_stand(task: LimiterTask, read_a: Phases, room: Room) -> bool:
    """Tell whether the ledger holds what was told, where that is above what was read: it is a raise still."""
    circuit, latest_a = task.case.circuit.id, task.case.latest_a
    return all(
        latest_a[index] <= max(read_a[index], room.limiter_bound_a(circuit, index)) for index in range(3)
    )


def _higher_a(task: LimiterTask, room: Room) -> Phases:
    """Tell how high each phase may go now: never below what it has."""
    higher_a = [
        max(latest_a, float(floor(min(goal_a, room.limiter_bound_a(task.case.circuit.id, index)))))
        for index, (latest_a, goal_a) in enumerate(zip(task.case.latest_a, task.goal_a, strict=True))
    ]
    return higher_a[0], higher_a[1], higher_a[2]


def _may_rise(snapshot: Snapshot, case: LimiterCase) -> bool:
    memory = snapshot.memory.circuits.get(case.circuit.id)
    changed_s = None if memory is None else memory.limiter_mono_s
    return snapshot.recording and (changed_s is None or snapshot.mono_s - changed_s >= _RAISE_GAP_S)


def _renewal_due(snapshot: Snapshot, case: LimiterCase) -> bool:
    """Tell whether its lease has to be renewed, is not known after a restart, or must not be any more."""
    lease_s, lapses_s = case.limiter.lease_s, case.pages[0].lapses_mono_s
    if lease_s is None or case.circuit.id not in snapshot.site.limiters_to_lapse:
        return lapses_s is not None
    return lapses_s is None or lapses_s - snapshot.mono_s <= lease_s * _RENEW_SHARE


def limiter_memories(
    snapshot: Snapshot,
    cases: Mapping[CircuitId, LimiterCase],
    memories: Mapping[CircuitId, CircuitMemory],
    writes: Iterable[LimiterWrite],
) -> dict[CircuitId, CircuitMemory]:
    """Keep every limiter's pages, what it is told now written into them."""
    kept = {
        circuit: replace(
            memories[circuit],
            limiter=case.pages,
            limiter_failures=case.failures,
            limiter_retry_mono_s=case.retry_mono_s,
        )
        for circuit, case in cases.items()
    }
    for write in writes:
        memory = replace(
            kept[write.circuit], limiter=_told(cases[write.circuit].pages, write, snapshot.mono_s)
        )
        if write.kind is not Kind.REPEAT:
            memory = replace(memory, limiter_mono_s=snapshot.mono_s)
        kept[write.circuit] = memory
    return kept


def _told(pages: Pages, write: LimiterWrite, now_s: float) -> Pages:
    told = [sent(p, write.number, write.limit_a[i], now_s, write.lease_s) for i, p in enumerate(pages)]
    return told[0], told[1], told[2]
