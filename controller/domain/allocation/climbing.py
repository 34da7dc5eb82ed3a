"""Climbing: sharing where an imbalance limit binds, in small steps.

A charger that rises makes room for those on the other phases of an imbalance limit, so a row that is
exhausted now may have room later. Steps are few and sites with such a limit small: everybody takes one step
at a time, lowest level first.
"""

import heapq
from collections.abc import Sequence

from controller.domain.allocation.rows import EPSILON_A, Contender, Rows
from controller.domain.allocation.stepping import raise_by

QUANTA_A = (0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6)
"""Continuous chargers climb in tenths of an ampere; what is left over goes out in ever finer parts."""

_MOST_STEPS = 1000
"""A climber in a round, on average; ends what would otherwise take forever on a hairline limit."""

_Entry = tuple[float, int, Contender]


def is_tilted(rows: Rows) -> bool:
    """Tell whether an imbalance limit has a say in the shares as they stand."""
    if rows.signed_from == len(rows.free):
        return False
    rows.recount()
    return any(contender.bound >= rows.signed_from for contender in rows.contenders) or any(
        rows.free[row] < -EPSILON_A for row in range(rows.signed_from, len(rows.free))
    )


def climb(rows: Rows, contenders: Sequence[Contender]) -> bool:
    """Raise everybody step by step until nobody can rise; tell whether anybody did."""
    climbers = [contender for contender in contenders if contender.admitted]
    fine = any(climber.step_a < QUANTA_A[0] for climber in climbers)
    rounds = [_climb(rows, climbers, quantum_a) for quantum_a in (QUANTA_A if fine else QUANTA_A[:1])]
    return any(rounds)


def _climb(rows: Rows, climbers: Sequence[Contender], quantum_a: float) -> bool:
    waiting = [_entry(climber) for climber in climbers]
    parked: list[_Entry] = []
    heapq.heapify(waiting)
    steps = 0
    while waiting and steps < _MOST_STEPS * len(climbers):
        climber = heapq.heappop(waiting)[2]
        step_a = _step_a(climber, quantum_a)
        if step_a <= EPSILON_A:
            continue
        climber.bound = rows.blocks(climber, step_a)
        if climber.bound >= rows.signed_from:
            parked.append(_entry(climber))
        elif climber.bound < 0:
            raise_by(rows, climber, step_a)
            steps += 1
            heapq.heappush(waiting, _entry(climber))
            if climber.signed:
                _rejoin(waiting, parked)
    return steps > 0


def _step_a(climber: Contender, quantum_a: float) -> float:
    """Tell how much a climber rises at once: whole steps, 0 when none is left below its cap."""
    left_a = climber.cap_a - climber.current_a
    if climber.step_a == 0:
        return min(quantum_a, left_a)
    steps = min(max(1.0, quantum_a // climber.step_a), (left_a + EPSILON_A) // climber.step_a)
    return steps * climber.step_a


def _rejoin(waiting: list[_Entry], parked: list[_Entry]) -> None:
    """Let those try again whom an imbalance limit stopped."""
    while parked:
        heapq.heappush(waiting, parked.pop())


def _entry(climber: Contender) -> _Entry:
    return climber.current_a / climber.weight, climber.order, climber
