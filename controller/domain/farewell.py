"""Farewell: what is written when the controller leaves, so that what stands without us is safe.

It lowers where the present limits are not safe alone, and never raises.
"""

from controller.domain.allocation import allocate
from controller.domain.cases import Case, cases
from controller.domain.demand import cannot_rest
from controller.domain.rounding import lowest_a
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
        claims=tuple(_claim(case) for case in open_cases),
        grid=site.grid,
        voltage_v=site.voltage_v,
    )
    return {share.id: share.current_a for share in allocate(question).shares}


def _claim(case: Case) -> Claim:
    spec = case.spec
    fixed = case.state is None or case.paused
    return Claim(
        id=spec.id,
        circuit=spec.circuit,
        phases=spec.phases,
        min_a=spec.min_a,
        max_a=spec.max_a,
        step_a=spec.step_a,
        wanted_a=max(min(case.latest_a, spec.max_a), lowest_a(spec)),
        priority=spec.priority,
        weight=spec.weight,
        promise_a=case.promised_a if fixed else None,
        must=cannot_rest(case),
    )


def _cuts(snapshot: Snapshot, open_cases: list[Case], shares_a: dict[ChargerId, float]) -> tuple[Write, ...]:
    writes: list[Write] = []
    for case in open_cases:
        limit_a = max(shares_a.get(case.spec.id, 0.0), case.spec.safe_a, lowest_a(case.spec))
        if limit_a >= case.latest_a or case.out_of_service or case.paused:
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
