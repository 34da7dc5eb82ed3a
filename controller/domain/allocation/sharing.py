"""Allocation: fair sharing over all rows at once.

Minima are admitted first, class by class. Then each priority class in turn is filled weighted max-min;
stepped chargers are rounded down and the remainder is handed on.
"""

from collections.abc import Sequence

from controller.domain.allocation.admission import admit, readmit
from controller.domain.allocation.binding import Binding
from controller.domain.allocation.climbing import climb, is_tilted
from controller.domain.allocation.filling import fill
from controller.domain.allocation.preparing import prepare
from controller.domain.allocation.rows import Contender, Rows
from controller.domain.allocation.stepping import hand_on, round_down
from controller.domain.shares import Allocation, Problem, Share
from controller.domain.units import CircuitId, Phases

_MOST_PASSES = 20
"""Over all classes, where an imbalance limit binds; two or three are usual."""


def allocate(problem: Problem) -> Allocation:
    """Share what the supply can bear, so that nobody on an exhausted row could fairly have more.

    Total and deterministic; the order of the claims changes nothing but the order of the shares.
    """
    rows = prepare(problem)
    classes = admit(rows, problem.waited_limit_s)
    binding = Binding(rows)
    for rivals in classes:
        _share_out(rows, rivals)
        binding.note_class(rivals)
    if is_tilted(rows):
        _balance(rows, classes)
    rows.recount()
    return Allocation(
        shares=_shares(problem, rows, binding),
        headroom_a=_headroom_a(problem, rows),
        headroom_w=_headroom_w(problem, rows),
    )


def _share_out(rows: Rows, rivals: Sequence[Contender]) -> None:
    """Fill one class; continuous chargers take up what whole steps leave over."""
    rivals = [rival for rival in rivals if rival.admitted]
    fill(rows, rivals)
    if any(rival.step_a > 0 for rival in rivals):
        round_down(rivals)
        rows.recount()
        hand_on(rows, rivals)
        fill(rows, (rival for rival in rivals if rival.step_a == 0))


def _balance(rows: Rows, classes: Sequence[Sequence[Contender]]) -> None:
    """Share out anew from the minima, with the imbalance limits, until nothing can rise."""
    for rivals in classes:
        for rival in rivals:
            rival.current_a = rival.min_a if rival.admitted else 0.0
            rival.outranked = rival.outranked and not rival.admitted
    rows.recount()
    for _ in range(_MOST_PASSES):
        rose = [climb(rows, rivals) for rivals in classes]
        if not readmit(rows, classes) and not any(rose):
            return


def _shares(problem: Problem, rows: Rows, binding: Binding) -> tuple[Share, ...]:
    contenders = {contender.claim.id: contender for contender in rows.contenders}
    shares: list[Share] = []
    for claim in problem.claims:
        contender = contenders.get(claim.id)
        current_a = 0.0 if contender is None else contender.current_a
        reasons = rows.refused[claim.id] if contender is None else binding.reasons(contender)
        shares.append(Share(id=claim.id, current_a=current_a, reasons=reasons))
    return tuple(shares)


def _headroom_a(problem: Problem, rows: Rows) -> dict[CircuitId, Phases]:
    free, index = rows.free, rows.tree.index
    headroom_a: dict[CircuitId, Phases] = {}
    for supply in problem.supplies:
        first = 3 * index.get(supply.id, -1)
        if first < 0:  # its parent is unknown: nobody could use it
            free_a = (limit - used for limit, used in zip(supply.limit_a, supply.background_a, strict=True))
            headroom_a[supply.id] = (next(free_a), next(free_a), next(free_a))
        else:
            headroom_a[supply.id] = (free[first], free[first + 1], free[first + 2])
    return headroom_a


def _headroom_w(problem: Problem, rows: Rows) -> dict[CircuitId, float | None]:
    free = {rows.supplies[circuit].id: rows.free[row] for row, circuit in rows.powered.items()}
    return {supply.id: free.get(supply.id) for supply in problem.supplies}
