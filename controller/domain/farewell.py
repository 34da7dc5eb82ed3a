"""Farewell: what is written when the controller leaves, so that what stands without us is safe.

It lowers where the present limits are not safe alone, and never raises.
"""

from controller.domain.allocation import allocate
from controller.domain.cases import Case, cases
from controller.domain.commissioning import worst_background
from controller.domain.demand import paused_by_person
from controller.domain.shares import Claim, Problem, Supply
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
    """Lower every charger to its `safe_a`: for a controller that can no longer trust itself (H14)."""
    open_cases = cases(snapshot)
    return _cuts(snapshot, open_cases, {case.spec.id: 0.0 for case in open_cases})


def _alone(snapshot: Snapshot, open_cases: list[Case]) -> dict[ChargerId, float]:
    site = snapshot.site
    question = Problem(
        supplies=tuple(
            Supply(
                id=circuit.id,
                parent=circuit.parent,
                limit_a=circuit.limit_a,
                limit_w=circuit.limit_w,
                background_a=worst_background(circuit),
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
    fixed = case.state is None or paused_by_person(case)
    return Claim(
        id=spec.id,
        circuit=spec.circuit,
        phases=spec.phases,
        min_a=spec.min_a,
        max_a=spec.max_a,
        step_a=spec.step_a,
        wanted_a=min(case.latest_a, spec.max_a),
        priority=spec.priority,
        weight=spec.weight,
        promise_a=case.promised_a if fixed else None,
    )


def _cuts(snapshot: Snapshot, open_cases: list[Case], shares_a: dict[ChargerId, float]) -> tuple[Write, ...]:
    writes: list[Write] = []
    for case in open_cases:
        limit_a = max(shares_a.get(case.spec.id, 0.0), case.spec.safe_a)
        if limit_a >= case.latest_a or case.out_of_service or paused_by_person(case):
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
