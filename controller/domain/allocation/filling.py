"""Filling: weighted max-min over all rows, driven by events.

Everybody rises with one level (`current_a / weight`). Three things end or begin a rise: a contender reaches
its cap, a row is exhausted, the level reaches a contender that stood higher from the start. The next event
is always the lowest of the three, so each contender is touched twice, each row a few times.
"""

import heapq
from collections.abc import Iterable, Sequence

from controller.domain.allocation.rows import EPSILON_A, Contender, Rows


def fill(rows: Rows, contenders: Iterable[Contender]) -> None:
    """Raise each contender from where it stands, lowest level first, until its cap or an exhausted row.

    On the row named by `bound` nobody that rose stands higher. Imbalance limits are not looked at.
    """
    climbers = [one for one in contenders if one.cap_a > one.current_a + EPSILON_A]
    if climbers:
        _Filling(rows, climbers).run()


class _Filling:
    """One filling; rows hold what is free besides everything that now rises with the level."""

    def __init__(self, rows: Rows, climbers: list[Contender]) -> None:
        self._rows, self._free = rows, rows.free
        self._rates = [0.0] * len(rows.free)
        """What a row loses when the level rises by 1."""
        self._keys = [-1.0] * len(rows.free)
        """The level at which a row was last known to be exhausted; real exhaustion is never earlier."""
        self._heap: list[tuple[float, int]] = []
        self._at: dict[int, list[Contender]] = {}
        self._level = 0.0
        self._caps = sorted(climbers, key=_cap_level, reverse=True)
        self._starts = sorted(climbers, key=_start_level, reverse=True)
        for climber in climbers:
            climber.open, climber.rising = True, False
            for row in climber.own:
                self._at.setdefault(row, []).append(climber)

    def run(self) -> None:
        """Go from event to event."""
        while self._caps:
            climber = self._caps[-1]
            if not climber.open:
                self._caps.pop()
                continue
            cap, start, full = climber.cap_a / climber.weight, self._next_start(), self._next_full()
            if start <= cap and start <= full:
                self._start(start)
            elif cap <= full:
                self._level = cap
                self._stop(climber, climber.cap_a)
            else:
                self._level = full
                self._exhaust(heapq.heappop(self._heap)[1])

    def _next_start(self) -> float:
        starts = self._starts
        while starts and not starts[-1].open:
            starts.pop()
        return starts[-1].current_a / starts[-1].weight if starts else float("inf")

    def _next_full(self) -> float:
        """Bring the top of the heap up to date and tell its level."""
        heap, keys, rates = self._heap, self._keys, self._rates
        while heap:
            key, row = heap[0]
            if key != keys[row] or rates[row] <= 0.0:
                heapq.heappop(heap)
                continue
            full = max(self._free[row] / rates[row], self._level)
            if full <= key:
                return full
            keys[row] = full
            heapq.heapreplace(heap, (full, row))
        return float("inf")

    def _start(self, level: float) -> None:
        """Let everybody rise whom the level has reached."""
        self._level = level
        starts, touched = self._starts, set[int]()
        while starts and starts[-1].current_a / starts[-1].weight <= level:
            climber = starts.pop()
            if climber.open:
                self._let_rise(climber)
                touched.update(climber.amps)
                if climber.watts:
                    touched.update(row for row, _ in climber.watts)
        self._expect(touched)

    def _let_rise(self, climber: Contender) -> None:
        climber.rising = True
        free, rates = self._free, self._rates
        current_a, weight = climber.current_a, climber.weight
        for row in climber.amps:
            free[row] += current_a
            rates[row] += weight
        for row, load in climber.watts:
            free[row] += current_a * load
            rates[row] += weight * load

    def _expect(self, rows: Iterable[int]) -> None:
        """Note when rows will be full that now fill faster."""
        free, rates, keys = self._free, self._rates, self._keys
        expected = [(free[row] / rates[row], row) for row in rows]
        for key, row in expected:
            keys[row] = key
        if not self._heap:
            self._heap = expected
            heapq.heapify(expected)
            return
        for entry in expected:
            heapq.heappush(self._heap, entry)

    def _stop(self, climber: Contender, current_a: float) -> None:
        """Let a contender stand at a current; its rows fill slower from now on."""
        climber.open = False
        if not climber.rising:
            return
        free, rates, weight = self._free, self._rates, climber.weight
        for row in climber.amps:
            free[row] -= current_a
            rates[row] -= weight
        for row, load in climber.watts:
            free[row] -= current_a * load
            rates[row] -= weight * load
        climber.current_a = current_a

    def _exhaust(self, row: int) -> None:
        """Stop everybody who loads a row."""
        level = self._level
        for climber in self._members(row):
            if climber.open:
                climber.bound = row
                self._stop(climber, max(climber.current_a, min(level * climber.weight, climber.cap_a)))

    def _members(self, row: int) -> Sequence[Contender]:
        rows, at = self._rows, self._at
        if row in rows.grouped:
            return rows.grouped[row]
        subtrees = rows.tree.subtrees
        if row in rows.powered:
            return [
                c
                for inner in subtrees[rows.powered[row]]
                for k in (0, 1, 2)
                for c in at.get(3 * inner + k, ())
            ]
        circuit, line = divmod(row, 3)
        return [climber for inner in subtrees[circuit] for climber in at.get(3 * inner + line, ())]


def _cap_level(climber: Contender) -> float:
    return climber.cap_a / climber.weight


def _start_level(climber: Contender) -> float:
    return climber.current_a / climber.weight
