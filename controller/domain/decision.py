"""Decision: look, weigh, share, plan; one pure step from a snapshot to everything worth keeping of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.domain.allocation import allocate
from controller.domain.cases import Case, cases
from controller.domain.demand import blind_circuits, problem
from controller.domain.headroom import Load, loads, shown
from controller.domain.limiters import LimiterCase, limiter_cases
from controller.domain.limiting import limiter_memories, limiter_tasks, limiter_writes
from controller.domain.looking import view
from controller.domain.modes import Policies
from controller.domain.opinions import opinions
from controller.domain.plan import leased, plan
from controller.domain.promises import promised_a, sent
from controller.domain.readings import Plug
from controller.domain.reasons import Code
from controller.domain.room import Room
from controller.domain.shares import Allocation
from controller.domain.site import ChargerSpec
from controller.domain.snapshot import ChargerMemory, CircuitMemory, Memory, Promise, Snapshot
from controller.domain.tracking import Background, tracked
from controller.domain.units import ChargerId, CircuitId
from controller.domain.urgent import relieve
from controller.domain.writes import ChargerVerdict, CircuitVerdict, Decision, Kind, Write

_ORDER = {Kind.URGENT: 0, Kind.CUT: 1, Kind.REPEAT: 2, Kind.RAISE: 3}

# Reasons of the allocator that only repeat what the claim already said.
_REPEATS = frozenset({Code.WANTED, Code.CHARGER_SILENT})


def decide(snapshot: Snapshot, policies: Policies) -> Decision:
    """Decide one tick: same snapshot and policies, same bytes; raises on no snapshot that settings allow."""
    open_cases = cases(snapshot)
    held_a = {case.spec.id: case.promised_a for case in open_cases}
    held_a.update(_ghosts(snapshot))
    found = loads(snapshot, held_a)
    circuits, backgrounds = _backgrounds(snapshot, found)
    blind = blind_circuits(snapshot, backgrounds, circuits)
    looked = view(snapshot, open_cases, found)
    said = opinions(looked, policies, _serving_order(snapshot, open_cases), snapshot.memory.policies)
    allocation = allocate(problem(snapshot, open_cases, said, backgrounds, blind))
    _take_shares(open_cases, allocation)
    relieve(snapshot, open_cases, found, circuits)
    limiters = limiter_cases(snapshot)
    room = _room(snapshot, open_cases, held_a, backgrounds, limiters)
    plan(snapshot, open_cases, room, backgrounds)
    leased(snapshot, open_cases)
    writes = _writes(snapshot, open_cases)
    first = snapshot.memory.next_write + len(writes)
    tasks = limiter_tasks(snapshot, limiters, said, backgrounds, blind)
    told = limiter_writes(snapshot, tasks, room, first)
    circuits.update(limiter_memories(snapshot, limiters, circuits, told))
    memory = Memory(
        chargers=_remembered(snapshot, open_cases, {write.charger: write for write in writes}),
        circuits=circuits,
        policies=said.memory,
        next_write=first + len(told),
    )
    return Decision(
        at=snapshot.at,
        mono_s=snapshot.mono_s,
        chargers={case.spec.id: _verdict(case, memory) for case in open_cases},
        circuits=_circuit_verdicts(snapshot, found, room, allocation),
        writes=writes,
        limiter_writes=tuple(told),
        memory=memory,
    )


def _ghosts(snapshot: Snapshot) -> dict[ChargerId, float]:
    gone = snapshot.out_of_service
    return {ghost.id: 0.0 if ghost.id in gone else ghost.promise_a for ghost in snapshot.site.ghosts}


def _backgrounds(
    snapshot: Snapshot, found: Mapping[CircuitId, Load]
) -> tuple[dict[CircuitId, CircuitMemory], dict[CircuitId, Background | None]]:
    memories: dict[CircuitId, CircuitMemory] = {}
    backgrounds: dict[CircuitId, Background | None] = {}
    window_s = snapshot.window_s
    for circuit in snapshot.site.circuits:
        load, before = found[circuit.id], snapshot.memory.circuits.get(circuit.id)
        if circuit.meter is None and load.best_a is not None:
            # Declared: nothing to track.
            backgrounds[circuit.id] = Background(fair_a=load.best_a, gate_a=load.best_a)
            if circuit.limiter is not None:
                memories[circuit.id] = before or CircuitMemory(background_a=load.best_a)
            continue
        tracking = tracked(before, load, snapshot.mono_s, window_s)
        memories[circuit.id], backgrounds[circuit.id] = tracking
    return memories, backgrounds


def _serving_order(snapshot: Snapshot, open_cases: list[Case]) -> Sequence[ChargerSpec]:
    now_s = snapshot.mono_s
    if snapshot.site.one_class and all(case.memory.waiting_mono_s is None for case in open_cases):
        return snapshot.site.by_id
    ordered = sorted(
        open_cases,
        key=lambda case: (
            -case.spec.priority,
            0.0 if case.memory.waiting_mono_s is None else case.memory.waiting_mono_s - now_s,
            case.spec.id,
        ),
    )
    return [case.spec for case in ordered]


def _take_shares(open_cases: list[Case], allocation: Allocation) -> None:
    shares = {share.id: share for share in allocation.shares}
    for case in open_cases:
        share = shares[case.spec.id]
        case.share_a = share.current_a if case.state is not None else 0.0
        case.reasons.extend([reason for reason in share.reasons if reason.code not in _REPEATS])


def _room(
    snapshot: Snapshot,
    open_cases: list[Case],
    held_a: Mapping[ChargerId, float],
    backgrounds: Mapping[CircuitId, Background | None],
    limiters: Mapping[CircuitId, LimiterCase],
) -> Room:
    return Room(
        snapshot.site,
        held_a,
        {case.spec.id: case.phases for case in open_cases},
        {circuit: None if b is None else b.gate_a for circuit, b in backgrounds.items()},
        {c: b.gate_w for c, b in backgrounds.items() if b is not None and b.gate_w is not None},
        {circuit: case.promised_a for circuit, case in limiters.items()},
        frozenset(case.spec.id for case in open_cases if case.out_of_service),
    )


def _writes(snapshot: Snapshot, open_cases: list[Case]) -> tuple[Write, ...]:
    planned = [(case, case.kind) for case in open_cases if case.kind is not None]
    planned.sort(key=lambda entry: _ORDER[entry[1]])
    first = snapshot.memory.next_write
    return tuple(
        Write(
            number=first + index,
            charger=case.spec.id,
            limit_a=case.limit_a,
            kind=kind,
            lease_s=case.lease_s,
            promise_a=max(case.promised_a, case.limit_a),
        )
        for index, (case, kind) in enumerate(planned)
    )


def _remembered(
    snapshot: Snapshot, open_cases: list[Case], writes: Mapping[ChargerId, Write]
) -> dict[ChargerId, ChargerMemory]:
    now_s = snapshot.mono_s
    return {case.spec.id: _kept(case, writes.get(case.spec.id), now_s) for case in open_cases}


def _kept(case: Case, write: Write | None, now_s: float) -> ChargerMemory:
    memory = _roomless(case, _waiting(case, now_s), now_s)
    if write is None:
        return memory
    page: Promise = sent(memory.promise, write.number, write.limit_a, now_s, write.lease_s)
    changed = write.limit_a != memory.told_a or write.kind is not Kind.REPEAT
    return replace(
        memory,
        promise=page,
        told_a=write.limit_a,
        changed_mono_s=now_s if changed else memory.changed_mono_s,
    )


def _waiting(case: Case, now_s: float) -> ChargerMemory:
    """Note since when a charger is served, or wants its minimum in vain."""
    memory = case.memory
    if case.share_a > 0:
        if memory.on_mono_s is not None and memory.waiting_mono_s is None:
            return memory
        on_s = now_s if memory.on_mono_s is None else memory.on_mono_s
        return replace(memory, on_mono_s=on_s, waiting_mono_s=None)
    waits = any(reason.code is Code.SCARCITY for reason in case.reasons)
    if not waits:
        unchanged = memory.on_mono_s is None and memory.waiting_mono_s is None
        return memory if unchanged else replace(memory, on_mono_s=None, waiting_mono_s=None)
    since_s = now_s if memory.waiting_mono_s is None else memory.waiting_mono_s
    if memory.on_mono_s is None and memory.waiting_mono_s is not None:
        return memory
    return replace(memory, on_mono_s=None, waiting_mono_s=since_s)


def _roomless(case: Case, memory: ChargerMemory, now_s: float) -> ChargerMemory:
    """Note since when a charger has a share and stands at 0 all the same, for want of room."""
    kept_out = case.share_a > 0 and case.limit_a == 0
    kept_out = kept_out and any(reason.code is Code.WAITS_FOR_ROOM for reason in case.reasons)
    if kept_out == (memory.roomless_mono_s is not None):
        return memory
    return replace(memory, roomless_mono_s=now_s if kept_out else None)


def _verdict(case: Case, memory: Memory) -> ChargerVerdict:
    is_told = case.kind is not None
    return ChargerVerdict(
        share_a=case.share_a,
        limit_a=case.limit_a,
        promise_a=promised_a(memory.chargers[case.spec.id].promise) if is_told else case.promised_a,
        mode=case.mode,
        plug=Plug.UNKNOWN if case.state is None else case.state.plug,
        silent=case.state is None,
        reasons=tuple(case.reasons),
    )


def _circuit_verdicts(
    snapshot: Snapshot, found: Mapping[CircuitId, Load], room: Room, allocation: Allocation
) -> dict[CircuitId, CircuitVerdict]:
    return {
        circuit.id: CircuitVerdict(
            measured_a=shown(found[circuit.id].measured_a),
            background_a=shown(found[circuit.id].signed_a),
            promised_a=room.promised_in(circuit.id),
            headroom_a=allocation.headroom_a[circuit.id],
            blind=found[circuit.id].gate_a is None,
        )
        for circuit in snapshot.site.circuits
    }
