"""Reserves: room that a circuit keeps for a charger that lifts its own limit at plug-in or reboot (H8).

Whichever single charger resets, what all others hold has to fit beside it: a row of the allocator a charger,
over all the others. That is the ledger's own rule for raises (`room.py`) at rest, so that nobody is given a
share for which there never is room.
"""

from collections.abc import Iterable, Iterator

from controller.domain.cases import Case
from controller.domain.reasons import Code, Reason
from controller.domain.shares import Supply
from controller.domain.site import Circuit, OnReset
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId, Phases, minus
from controller.domain.wishes import Budget

_UNLIMITED_A = 1e9
# Among more that may charge the largest reset counts in full, whatever that charger has already.
_EACH_UP_TO = 12


def reserves(snapshot: Snapshot, cases: Iterable[Case], supplies: Iterable[Supply]) -> tuple[Budget, ...]:
    """Make the rows of every circuit that keeps a reserve."""
    site = snapshot.site
    keeping = [circuit for circuit in site.circuits if circuit.on_reset is OnReset.RESERVE]
    if not keeping:
        return ()
    by_id = {case.spec.id: case for case in cases}
    left_a = {supply.id: minus(supply.limit_a, supply.background_a) for supply in supplies}
    return tuple(
        budget for circuit in keeping for budget in _budgets(snapshot, circuit, left_a[circuit.id], by_id)
    )


def _budgets(
    snapshot: Snapshot, circuit: Circuit, left_a: Phases, by_id: dict[ChargerId, Case]
) -> Iterator[Budget]:
    site = snapshot.site
    cases = [by_id[spec.id] for spec in site.below[circuit.id] if not by_id[spec.id].out_of_service]
    ghosts = [ghost.id for ghost in site.ghosts if circuit.id in site.path[ghost.circuit]]
    everybody = (*(case.spec.id for case in cases), *ghosts)
    may_charge = [case for case in cases if _may_charge(case)]
    each = may_charge if len(may_charge) <= _EACH_UP_TO else []
    together = [case for case in cases if not each or not _may_charge(case)]
    if together:
        yield _budget(circuit, everybody, left_a, together)
    for case in each:
        others = tuple(holder for holder in everybody if holder != case.spec.id)
        if others:
            yield _budget(circuit, others, left_a, [case])


def _may_charge(case: Case) -> bool:
    return case.state is not None and case.state.plug.car


def _budget(
    circuit: Circuit, chargers: tuple[ChargerId, ...], left_a: Phases, resetting: list[Case]
) -> Budget:
    """Keep room for the largest reset of some chargers, on each phase on which one of them may load."""
    limit_a = list(left_a)
    for index in range(3):
        resets_a = [_more_a(case) for case in resetting if index + 1 in case.spec.phases]
        limit_a[index] = left_a[index] - max(resets_a) if resets_a else _UNLIMITED_A
    return Budget(
        id=f"reserve of {circuit.id}",
        chargers=chargers,
        limit_a=(limit_a[0], limit_a[1], limit_a[2]),
        reason=Reason(code=Code.RESERVE, by=circuit.id),
    )


def _more_a(case: Case) -> float:
    """Tell what its reset adds to what counts of it already: its promise where it is silent."""
    held_a = 0.0 if case.state is not None else case.promised_a
    return max(0.0, case.spec.resets_to_a - held_a)
