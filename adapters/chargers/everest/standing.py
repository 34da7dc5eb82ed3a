"""Standing: which of our limits is in force, judged from what EVerest enforces; pure.

What is enforced may be lower than our limit for many reasons (a fuse above, a car that pauses) and rise again
without a word, so it proves a limit only from above: our limit counts as the promise until something lower
was taken, and as soon as more is enforced, that counts. What was enforced already when a limit was sent says
nothing about that limit.
"""

from dataclasses import dataclass, field
from typing import Final

TOLERANCE_A: Final = 0.25
"""EVerest hands out slices of 0.5 A."""

_MINIMUM_A: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One limit as it was sent."""

    limit_a: float
    lapses_mono_s: float | None = None
    lapses_to_a: float = 0.0

    def covers(self, other: "Order") -> bool:
        """Tell whether it allows the same as another one, and for as long."""
        if (self.limit_a, self.lapses_to_a) != (other.limit_a, other.lapses_to_a):
            return False
        return _ends_mono_s(self) >= _ends_mono_s(other)

    def at_a(self, mono_s: float) -> float:
        """Tell what it allows at an instant."""
        lapsed = self.lapses_mono_s is not None and mono_s >= self.lapses_mono_s
        return self.lapses_to_a if lapsed else self.limit_a


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A limit that is not known to be taken."""

    order: Order
    before_a: float | None
    """What was enforced when it left, where that was known."""

    def shows(self, enforced_a: float, mono_s: float) -> bool:
        """Tell whether exactly it is enforced, and is not known to have been when it left."""
        if self.before_a is not None and abs(self.before_a - enforced_a) <= TOLERANCE_A:
            return False
        return abs(self.order.at_a(mono_s) - enforced_a) <= TOLERANCE_A


@dataclass(slots=True, kw_only=True)
class Standing:
    """What was told, what may have been told, and what is enforced."""

    settle_s: float
    _told: Order | None = None
    _open: list[_Sent] = field(default_factory=list)
    """Sent, and not known to be taken; oldest first."""
    _enforced_a: float | None = None
    _changed_mono_s: float = float("-inf")

    @property
    def wanted(self) -> Order | None:
        """The newest limit that was sent."""
        return self._open[-1].order if self._open else self._told

    @property
    def unanswered(self) -> int:
        """How many limits were sent and are not known to be taken."""
        return len(self._open)

    @property
    def is_known(self) -> bool:
        """Whether EVerest is known to have taken a limit of ours."""
        return self._told is not None

    @property
    def enforced_a(self) -> float | None:
        """What is enforced, as it was heard last."""
        return self._enforced_a

    def sends(self, order: Order, mono_s: float) -> None:
        """Count a limit from before it leaves."""
        # The one that leaves now may yet be refused: it stands for nothing but itself.
        self._open = [*_distinct(self._open), _Sent(order=order, before_a=self._enforced_a)]
        self._changed_mono_s = mono_s

    def taken(self, order: Order, mono_s: float) -> None:
        """Note that EVerest took it: it replaced everything before."""
        before = [at for at, each in enumerate(self._open) if each.order is order]
        self._open = self._open[before[0] + 1 :] if before else self._open
        self._told, self._changed_mono_s = order, mono_s

    def refused(self, order: Order) -> None:
        """Note that it is certain to have changed nothing."""
        self._open = [each for each in self._open if each.order is not order]

    def hears(self, enforced_a: float) -> None:
        """Take what is enforced now."""
        self._enforced_a = enforced_a

    def forgets_enforced(self) -> None:
        """Let what was heard before a silence be forgotten."""
        self._enforced_a = None

    def in_force_a(self, mono_s: float) -> float | None:
        """Tell the most that may be in force; `None` while nothing is known."""
        if self._enforced_a is None:
            return None
        if self._open:
            self._settle(mono_s)
        if self._told is None:
            return None
        most_a = self._most_a(self._told, mono_s)
        return most_a if self._enforced_a <= most_a + TOLERANCE_A else self._enforced_a

    def is_lost(self, mono_s: float) -> bool:
        """Tell whether more is enforced than any limit of ours explains: it was lost or overwritten."""
        if self._told is None or self._enforced_a is None or mono_s < self._changed_mono_s + self.settle_s:
            return False
        return self._enforced_a > self._most_a(self._told, mono_s) + TOLERANCE_A

    def _most_a(self, told: Order, mono_s: float) -> float:
        return max(order.at_a(mono_s) for order in (told, *(each.order for each in self._open)))

    def _settle(self, mono_s: float) -> None:
        """Take an unanswered limit as taken when exactly it is enforced, and no other explains that.

        The minimum is no proof: a car that pauses is given that, whatever the limit.
        """
        enforced_a = self._enforced_a or 0.0
        if enforced_a <= _MINIMUM_A + TOLERANCE_A:
            return
        before = [] if self._told is None else [self._told]
        if any(abs(order.at_a(mono_s) - enforced_a) <= TOLERANCE_A for order in before):
            return
        exact = [each.order for each in self._open if each.shows(enforced_a, mono_s)]
        if exact:
            self.taken(exact[-1], self._changed_mono_s)


def _ends_mono_s(order: Order) -> float:
    return float("inf") if order.lapses_mono_s is None else order.lapses_mono_s


def _distinct(sent: list[_Sent]) -> list[_Sent]:
    """Leave out what a later one says too, for as long: limits that nobody answers would pile up."""
    return [
        each
        for at, each in enumerate(sent)
        if not any(later.order.covers(each.order) for later in sent[at + 1 :])
    ]
