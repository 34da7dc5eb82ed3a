"""Admission: who gets its minimum when not all minima fit."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from controller.domain.allocation.packing import most
from controller.domain.allocation.rows import EPSILON_A, FREE, Contender, Loads, Rows


def admit(rows: Rows, waited_limit_s: float) -> list[list[Contender]]:
    """Give minima class by class, higher priority first, and tell the classes in that order.

    Before all others come those that cannot be paused. Within a class: who is `on`, then whoever waited
    past the limit, longest first, then the most that fit.
    """
    classes = _classes(rows.contenders)
    for contender in rows.contenders:
        contender.current_a, contender.admitted = contender.min_a, True
    rows.recount()
    if min(rows.free, default=0.0) >= -EPSILON_A:
        return classes
    for contender in rows.contenders:
        contender.current_a, contender.admitted = 0.0, False
    rows.recount()
    for contender in rows.contenders:
        if contender.claim.must:
            _let_in(rows, contender)
    for rivals in classes:
        _admit_class(rows, rivals, waited_limit_s)
    return classes


def readmit(rows: Rows, classes: Iterable[Sequence[Contender]]) -> bool:
    """Admit whoever fits beside the shares as they stand, and tell whether anybody did."""
    found = False
    for rivals in classes:
        for contender in sorted((rival for rival in rivals if not rival.admitted), key=_rank):
            found = _admit_if_it_fits(rows, contender) or found
    return found


def _classes(contenders: Iterable[Contender]) -> list[list[Contender]]:
    ranked = sorted(contenders, key=lambda contender: -contender.claim.priority)
    return [list(rivals) for _, rivals in groupby(ranked, key=lambda contender: contender.claim.priority)]


def _rank(contender: Contender) -> tuple[float, int]:
    """Order by longest wait, then by id."""
    return -contender.claim.waited_s, contender.order


def _admit_class(rows: Rows, rivals: Sequence[Contender], waited_limit_s: float) -> None:
    before = rows.free.copy()
    rivals = [rival for rival in rivals if not rival.admitted]
    _admit_most(rows, [rival for rival in rivals if rival.claim.on])
    rest = sorted((rival for rival in rivals if not rival.claim.on), key=_rank)
    for contender in rest:
        if contender.claim.waited_s > waited_limit_s:
            _admit_if_it_fits(rows, contender)
    _admit_most(rows, [rival for rival in rest if rival.claim.waited_s <= waited_limit_s])
    for rival in rivals:
        if not rival.admitted:
            _blame(rows, rival, before)


def _admit_if_it_fits(rows: Rows, contender: Contender) -> bool:
    if rows.blocks(contender, contender.min_a) >= 0:
        return False
    _let_in(rows, contender)
    return True


def _let_in(rows: Rows, contender: Contender) -> None:
    rows.take(contender, contender.min_a)
    contender.admitted, contender.bound, contender.outranked = True, FREE, False


def _admit_most(rows: Rows, candidates: Sequence[Contender]) -> None:
    """Admit the most candidates; only those on rows that cannot hold them all are weighed up."""
    scarce = _scarce_rows(rows, candidates)
    contested: list[Contender] = []
    for candidate in candidates:
        if any(row in scarce for row, _ in candidate.loads()):
            contested.append(candidate)
        else:
            _let_in(rows, candidate)
    for group in _groups(sorted(contested, key=_rank), scarce):
        parcels = [_parcel(candidate, scarce) for candidate in group]
        free = {row: rows.free[row] for parcel in parcels for row, _ in parcel}
        for number in most(parcels, free):
            _let_in(rows, group[number])


def _scarce_rows(rows: Rows, candidates: Iterable[Contender]) -> set[int]:
    """Find the rows that some of the candidates together could exhaust."""
    demand = [0.0] * len(rows.free)
    for candidate in candidates:
        for row, load in candidate.loads():
            if load > 0:
                demand[row] += load * candidate.min_a
    return {row for row, used in enumerate(demand) if used > 0 and used > rows.free[row] + EPSILON_A}


def _parcel(candidate: Contender, scarce: set[int]) -> Loads:
    return tuple((row, load * candidate.min_a) for row, load in candidate.loads() if row in scarce)


def _groups(candidates: Sequence[Contender], scarce: set[int]) -> list[list[Contender]]:
    """Split candidates into groups that share no scarce row, each in the order given."""
    root: dict[int, int] = {}

    def find(row: int) -> int:
        while root.setdefault(row, row) != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    firsts: list[int] = []
    for candidate in candidates:
        rows = [row for row, _ in candidate.loads() if row in scarce]
        for row in rows[1:]:
            root[find(row)] = find(rows[0])
        firsts.append(rows[0])
    groups: dict[int, list[Contender]] = {}
    for candidate, first in zip(candidates, firsts, strict=True):
        groups.setdefault(find(first), []).append(candidate)
    return list(groups.values())


def _blame(rows: Rows, contender: Contender, before: Sequence[float]) -> None:
    """Note which row kept a contender out, and whether higher classes had filled it before."""
    contender.bound = rows.blocks(contender, contender.min_a)
    if contender.bound == FREE:
        return
    needed = rows.load(contender, contender.bound) * contender.min_a - EPSILON_A
    contender.outranked = rows.capacity[contender.bound] >= needed > before[contender.bound]
