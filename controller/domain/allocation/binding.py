"""Binding: what stopped each charger, in reasons."""

from collections.abc import Iterable

from controller.domain.allocation.rows import EPSILON_A, FREE, Contender, Rows
from controller.domain.reasons import Code, Reason

REQUEST = "request"
"""Who says how much is wanted."""


class Binding:
    """Knows what was free before each class rose, and makes each reason only once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._at_minima = self._before = rows.free.copy()
        self._made: dict[tuple[int, float, bool], Reason] = {}

    def note_class(self, rivals: Iterable[Contender]) -> None:
        """Note whom higher classes left nothing above its minimum, once a class is filled."""
        for rival in rivals:
            if rival.admitted and rival.bound != FREE and rival.current_a <= rival.min_a + EPSILON_A:
                rival.outranked = self._is_outranked(rival)
        self._before = self._rows.free.copy()

    def reasons(self, contender: Contender) -> tuple[Reason, ...]:
        """Tell what shaped a share, what bound it last."""
        if not contender.admitted:
            return (self._kept_out(contender),)
        if contender.bound == FREE or contender.current_a + EPSILON_A >= contender.cap_a:
            return self._satisfied(contender)
        return (self._row(contender),)

    def _is_outranked(self, rival: Contender) -> bool:
        row = rival.bound
        taken = self._at_minima[row] - self._before[row]
        needed = self._rows.load(rival, row) * max(rival.step_a, EPSILON_A)
        return taken > EPSILON_A and self._before[row] < needed

    def _satisfied(self, contender: Contender) -> tuple[Reason, ...]:
        """Say that it has all it asked for, or all it can take; and what the step took off."""
        claim, current_a = contender.claim, contender.current_a
        if claim.wanted_a < claim.max_a:
            most_a, reason = claim.wanted_a, self._wanted(claim.wanted_a)
        else:
            most_a = claim.max_a
            reason = Reason(code=Code.MAXIMUM, by=claim.id, current_a=most_a)
        if most_a - current_a <= EPSILON_A:
            return (reason,)
        return reason, Reason(code=Code.STEP, by=claim.id, current_a=current_a, value=claim.step_a)

    def _wanted(self, wanted_a: float) -> Reason:
        key = (FREE, wanted_a, False)
        if key not in self._made:
            self._made[key] = Reason(code=Code.WANTED, by=REQUEST, current_a=wanted_a)
        return self._made[key]

    def _kept_out(self, contender: Contender) -> Reason:
        """Say what a row leaves, if it cannot even hold this minimum alone; else who goes first."""
        row = contender.bound
        if row == FREE:
            return Reason(code=Code.SCARCITY, by=contender.claim.circuit, current_a=0.0)
        load, capacity = self._rows.load(contender, row), self._rows.capacity[row]
        needed = load * contender.min_a
        code, owner, phase = self._rows.label(row)
        left_a, value = 0.0, capacity
        if capacity < needed - EPSILON_A:
            left_a = max(0.0, capacity / load)
        else:
            code = Code.PRIORITY if contender.outranked else Code.SCARCITY
        return Reason(code=code, by=owner, phase=phase, current_a=left_a, value=value, needed=needed)

    def _row(self, contender: Contender) -> Reason:
        key = (contender.bound, contender.current_a, contender.outranked)
        reason = self._made.get(key)
        if reason is None:
            code, owner, phase = self._rows.label(contender.bound)
            reason = self._made[key] = Reason(
                code=Code.PRIORITY if contender.outranked else code,
                by=owner,
                phase=phase,
                current_a=contender.current_a,
                value=self._rows.capacity[contender.bound],
            )
        return reason
