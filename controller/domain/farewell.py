"""Farewell: what is written when the controller leaves, so that what stands without us is safe.

It lowers where the present limits are not safe alone, and never raises.
"""

from controller.domain.allocation import allocate
from controller.domain.cases import Case, cases
from controller.domain.demand import cannot_rest, held_by_ghosts
from controller.domain.rounding import lowest_a, stepped_down_a
from controller.domain.shares import Claim, Problem, Supply
from controller.domain.site import ChargerSpec
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Kind, Write


def farewell(snapshot: Snapshot) -> tuple[Write, ...]:
    """Lower every charger to what its circuits bear while the household draws its declared worst.

    A charger keeps what it has where that fits, and never gets less than the `safe_a` that a person declared.
    """
    open_cases = cases(snapshot)
    shares_a = _alone(snapshot, open_cases)
    return _cuts(snapshot, open_cases, shares_a)


def safe_currents(snapshot: Snapshot) -> tuple[Write, ...]:
    """Lower every charger to its `safe_a`: for a controller that can no longer trust itself (H14).

    It looks at nothing but what was read and told: the code that judges is what has just failed.
    """
    writes: list[Write] = []
    for spec in snapshot.site.chargers:
        latest_a = _heard_or_told_a(snapshot, spec)
        safe_a = max(spec.safe_a, lowest_a(spec))
        if latest_a > safe_a and not _is_left_alone(snapshot, spec):
            number = snapshot.memory.next_write + len(writes)
            write = Write(number=number, charger=spec.id, limit_a=safe_a, kind=Kind.CUT, promise_a=latest_a)
            writes.append(write)
    return tuple(writes)


def _heard_or_told_a(snapshot: Snapshot, spec: ChargerSpec) -> float:
    """Tell the larger of what was read back and what was told; unknown counts as the nameplate."""
    state, memory = snapshot.chargers.get(spec.id), snapshot.memory.chargers.get(spec.id)
    read_a = None if state is None else state.limit_a
    told_a = None if memory is None else memory.told_a
    return max((a for a in (read_a, told_a) if a is not None), default=spec.nameplate_a)


def _is_left_alone(snapshot: Snapshot, spec: ChargerSpec) -> bool:
    state = snapshot.chargers.get(spec.id)
    if state is None:
        return spec.id in snapshot.out_of_service
    return state.held.startswith("paused by a person")


def _alone(snapshot: Snapshot, open_cases: list[Case]) -> dict[ChargerId, float]:
    site = snapshot.site
    question = Problem(
        supplies=tuple(
            Supply(
                id=circuit.id,
                parent=circuit.parent,
                limit_a=circuit.limit_a,
                limit_w=circuit.limit_w,
                background_a=circuit.worst_a,
            )
            for circuit in site.circuits
        ),
        claims=(*(_claim(case) for case in open_cases), *held_by_ghosts(snapshot)),
        grid=site.grid,
        voltage_v=site.voltage_v,
    )
    return {share.id: share.current_a for share in allocate(question).shares}


def _claim(case: Case) -> Claim:
    """Claim what stands now; whoever goes to a limit of its own once it hears nothing cannot do with less."""
    spec, falls_to_a = case.spec, case.spec.abilities.fallback_a or 0.0
    fixed = case.state is None or case.paused
    held_a = case.promised_a if case.out_of_service else max(case.promised_a, falls_to_a)
    return Claim(
        id=spec.id,
        circuit=spec.circuit,
        phases=spec.phases,
        min_a=max(spec.min_a, falls_to_a),
        max_a=max(spec.max_a, falls_to_a),
        step_a=0.0 if falls_to_a else spec.step_a,
        wanted_a=max(min(_standing_a(case), spec.max_a), lowest_a(spec), falls_to_a),
        priority=spec.priority,
        weight=spec.weight,
        promise_a=held_a if fixed else None,
        must=cannot_rest(case) or falls_to_a > 0,
    )


def _standing_a(case: Case) -> float:
    """Tell the most that may be in force: what was read, or what was told and may have arrived."""
    read_a = None if case.state is None else case.state.limit_a
    arriving_a = (flight.limit_a for flight in case.memory.promise.in_flight)
    return max(case.latest_a, read_a or 0.0, *arriving_a)


def _cuts(snapshot: Snapshot, open_cases: list[Case], shares_a: dict[ChargerId, float]) -> tuple[Write, ...]:
    writes: list[Write] = []
    for case in open_cases:
        spec = case.spec
        share_a = stepped_down_a(spec, min(shares_a.get(spec.id, 0.0), spec.max_a))
        limit_a = max(share_a, spec.safe_a, lowest_a(spec))
        if limit_a >= _standing_a(case) or case.out_of_service or case.paused:
            continue
        number = snapshot.memory.next_write + len(writes)
        write = Write(
            number=number,
            charger=case.spec.id,
            limit_a=limit_a,
            kind=Kind.CUT,
            promise_a=case.promised_a,
        )
        writes.append(write)
    return tuple(writes)
