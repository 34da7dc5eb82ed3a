"""Draws: what the chargers below a circuit drew when its meter looked.

Each charger is looked at once a tick; what every meter above it then asks is a comparison and a sum.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import isfinite

from controller.domain.readings import ChargerState, Draw
from controller.domain.samples import FUTURE_S
from controller.domain.snapshot import Snapshot
from controller.domain.units import ZERO, ChargerId, CircuitId, Phases, plus

_NEVER, _FOR_EVER = float("-inf"), float("inf")
# Chargers report idle noise well below this; a car that feeds in is a meter that is wired the wrong way.
_BACKWARD_A = -1.0


def is_told(draws: tuple[Draw, ...], now_s: float) -> bool:
    """Tell whether the latest draw is one: neither from the future nor backward (rule 7); else it is unseen.

    >>> is_told((Draw(at_mono_s=1.0, currents_a=(-16.0, 0.0, 0.0)),), 2.0), is_told((), 2.0)
    (False, False)
    """
    if not draws:
        return False
    latest = draws[-1]
    one, two, three = latest.currents_a
    # Compared one by one: what is no number is above nothing.
    is_forward = one > _BACKWARD_A and two > _BACKWARD_A and three > _BACKWARD_A
    return is_forward and latest.at_mono_s <= now_s + FUTURE_S


def nearest_a(draws: tuple[Draw, ...], at_s: float) -> Phases:
    """Find the draw nearest to an instant, the later one of two as near.

    >>> one, two = Draw(at_mono_s=1.0, currents_a=(6.0, 0.0, 0.0)), Draw(at_mono_s=2.0, currents_a=ZERO)
    >>> nearest_a((one, two), 1.2), nearest_a((one, two), 1.5)
    ((6.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    """
    index = len(draws) - 1
    while index > 0 and 2.0 * at_s < draws[index - 1].at_mono_s + draws[index].at_mono_s:
        index -= 1  # the instant lies before the middle of the two
    return draws[index].currents_a


def least_a(draws: tuple[Draw, ...], since_s: float) -> Phases:
    """Find the smallest draw of each phase since an instant, the one in force at that instant included."""
    return _smallest_a(draws[_first(draws, since_s) :])


def _first(draws: tuple[Draw, ...], since_s: float) -> int:
    """Find the draw that was in force at an instant; the oldest, if none reaches back so far."""
    first, last = 0, len(draws) - 1
    while first < last and draws[first + 1].at_mono_s < since_s:
        first += 1  # the board keeps little that is older: it is near the beginning
    return first


class _Track:
    """One charger's draws, made ready for every meter above it."""

    __slots__ = ("_draws", "from_s", "known_a", "latest_a", "newest_s", "phases", "promised_a", "to_s")

    def __init__(self, draws: tuple[Draw, ...], phases: tuple[int, ...], promised_a: float) -> None:
        self._draws, self.phases, self.promised_a = draws, phases, promised_a
        self.from_s, self.to_s, self.known_a = _NEVER, _NEVER, ZERO
        self.newest_s, self.latest_a = _NEVER, ZERO
        if draws:
            newest = draws[-1]
            self.newest_s, self.latest_a = newest.at_mono_s, newest.currents_a

    def nearest_a(self, at_s: float) -> Phases:
        """Tell the draw that counts best at an instant before the newest."""
        return nearest_a(self._draws, at_s)

    def least_a(self, since_s: float) -> Phases:
        """Tell the smallest draw since an instant, and know it from then on for those near to it.

        Where the draws do not reach back, nobody knows how little it was when the meter looked.
        """
        draws = self._draws
        if draws[0].at_mono_s > since_s:
            return ZERO
        first = _first(draws, since_s)
        self.from_s = draws[first].at_mono_s
        self.to_s = draws[first + 1].at_mono_s if first + 1 < len(draws) else _FOR_EVER
        self.known_a = _smallest_a(draws[first:])
        return self.known_a


class Below:
    """The sums of one tick over everything in and below a circuit."""

    def __init__(self, snapshot: Snapshot, promised_a: Mapping[ChargerId, float]) -> None:
        self._snapshot, self._window_s = snapshot, snapshot.window_s
        self._promised_a = promised_a

    def drawn_a(self, circuit: CircuitId, at_s: float) -> tuple[Phases, Phases]:
        """Sum what drew when a meter looked: best aligned, and the least within the window.

        Unseen: the gate subtracts nothing, the trigger everything that it may draw.
        """
        since_s, tracks = at_s - self._window_s, self._tracks
        best = list(self._ghosts_a.get(circuit, ()))
        least: list[Phases] = []
        for charger in self._snapshot.site.below[circuit]:
            track = tracks[charger.id]
            newest_s = track.newest_s
            if newest_s < since_s:
                best.append(_on(track.phases, track.promised_a))
                continue
            best.append(track.latest_a if at_s >= newest_s else track.nearest_a(at_s))
            is_known = track.from_s < since_s <= track.to_s
            least.append(track.known_a if is_known else track.least_a(since_s))
        return _sum_a(best), _sum_a(least)

    def latest_a(self, circuit: CircuitId) -> Phases | None:
        """Sum the latest draws; `None` where one cannot be seen."""
        return self._latest_a[circuit]

    @cached_property
    def _tracks(self) -> dict[ChargerId, _Track]:
        states, promised_a, now_s = self._snapshot.chargers, self._promised_a, self._snapshot.mono_s
        return {
            charger.id: _Track(_draws(states.get(charger.id), now_s), charger.phases, promised_a[charger.id])
            for charger in self._snapshot.site.chargers
        }

    @cached_property
    def _ghosts_a(self) -> dict[CircuitId, list[Phases]]:
        """What chargers that left the configuration may draw, unseen, in every circuit above them."""
        site, found = self._snapshot.site, dict[CircuitId, list[Phases]]()
        for ghost in site.ghosts:
            ghost_a = _on(ghost.phases, self._promised_a.get(ghost.id, 0.0))
            for circuit in site.path[ghost.circuit]:
                found.setdefault(circuit, []).append(ghost_a)
        return found

    @cached_property
    def _latest_a(self) -> dict[CircuitId, Phases | None]:
        """Sum once for all circuits, from the leaves up."""
        site, since_s = self._snapshot.site, self._snapshot.mono_s - self._window_s
        sums: dict[CircuitId, Phases | None] = dict.fromkeys(site.circuit, ZERO)
        for charger in site.chargers:
            draws = _draws(self._snapshot.chargers.get(charger.id), self._snapshot.mono_s)
            is_seen = draws and draws[-1].at_mono_s >= since_s and isfinite(sum(draws[-1].currents_a))
            latest_a = draws[-1].currents_a if is_seen else None
            sums[charger.circuit] = _plus(sums[charger.circuit], latest_a)
        for circuit in reversed(site.circuits):
            if circuit.parent is not None:
                sums[circuit.parent] = _plus(sums[circuit.parent], sums[circuit.id])
        return sums


def _draws(state: ChargerState | None, now_s: float) -> tuple[Draw, ...]:
    return () if state is None or not is_told(state.draws, now_s) else state.draws


def _smallest_a(draws: tuple[Draw, ...]) -> Phases:
    one, two, three = zip(*[draw.currents_a for draw in draws], strict=True)
    return min(one), min(two), min(three)


def _on(phases: tuple[int, ...], current_a: float) -> Phases:
    return (
        current_a if 1 in phases else 0.0,
        current_a if 2 in phases else 0.0,  # noqa: PLR2004 - L2
        current_a if 3 in phases else 0.0,  # noqa: PLR2004 - L3
    )


def _sum_a(currents_a: Sequence[Phases]) -> Phases:
    if not currents_a:
        return ZERO
    one, two, three = zip(*currents_a, strict=True)
    return sum(one), sum(two), sum(three)


def _plus(left: Phases | None, right: Phases | None) -> Phases | None:
    return None if left is None or right is None else plus(left, right)
