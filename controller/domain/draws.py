"""Draws: what the chargers below a circuit drew when its meter looked.

Each charger is looked at once a tick; what every meter above it then asks is a comparison and a sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from controller.domain.readings import ChargerState, Draw
from controller.domain.samples import FUTURE_S
from controller.domain.snapshot import Snapshot
from controller.domain.units import ZERO, ChargerId, CircuitId, Phases, plus

_NEVER = float("-inf")
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
    return latest.at_mono_s <= now_s + FUTURE_S and min(latest.currents_a) > _BACKWARD_A


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
    first = len(draws) - 1
    while first > 0 and draws[first].at_mono_s >= since_s:
        first -= 1
    return _smallest_a(draws[first:])


@dataclass(slots=True, kw_only=True)
class _Track:
    """One charger's draws, made ready for every meter above it."""

    draws: tuple[Draw, ...]
    phases: tuple[int, ...]
    promised_a: float
    oldest_s: float
    newest_s: float
    latest_a: Phases
    whole_s: float
    """A window that begins no later than this holds every draw."""
    least_a: Phases
    """The smallest of every draw."""

    def seen(self, at_s: float, since_s: float) -> tuple[Phases, Phases]:
        """Tell the draw that counts best at an instant, and the smallest since another.

        Unseen: the gate subtracts nothing, the trigger everything that it may draw. Nor does the gate where
        the draws do not reach back: nobody knows how little it was when the meter looked.
        """
        if self.newest_s < since_s:
            return _on(self.phases, self.promised_a), ZERO
        best_a = self.latest_a if at_s >= self.newest_s else nearest_a(self.draws, at_s)
        if self.oldest_s > since_s:
            return best_a, ZERO
        return best_a, self.least_a if since_s <= self.whole_s else least_a(self.draws, since_s)


class Below:
    """The sums of one tick over everything in and below a circuit."""

    def __init__(self, snapshot: Snapshot, promised_a: Mapping[ChargerId, float]) -> None:
        self._snapshot, self._window_s = snapshot, snapshot.window_s
        self._promised_a = promised_a

    def drawn_a(self, circuit: CircuitId, at_s: float) -> tuple[Phases, Phases]:
        """Sum what drew when a meter looked: best aligned, and the least within the window."""
        since_s, tracks = at_s - self._window_s, self._tracks
        seen = [tracks[charger.id].seen(at_s, since_s) for charger in self._snapshot.site.below[circuit]]
        seen.extend((ghost_a, ZERO) for ghost_a in self._ghosts_a.get(circuit, ()))
        if not seen:
            return ZERO, ZERO
        best, least = zip(*seen, strict=True)
        return _sum_a(best), _sum_a(least)

    def latest_a(self, circuit: CircuitId) -> Phases | None:
        """Sum the latest draws; `None` where one cannot be seen."""
        return self._latest_a[circuit]

    @cached_property
    def _tracks(self) -> dict[ChargerId, _Track]:
        states, promised_a, now_s = self._snapshot.chargers, self._promised_a, self._snapshot.mono_s
        return {
            charger.id: _track(_draws(states.get(charger.id), now_s), charger.phases, promised_a[charger.id])
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


def _track(draws: tuple[Draw, ...], phases: tuple[int, ...], promised_a: float) -> _Track:
    return _Track(
        draws=draws,
        phases=phases,
        promised_a=promised_a,
        oldest_s=draws[0].at_mono_s if draws else _NEVER,
        newest_s=draws[-1].at_mono_s if draws else _NEVER,
        latest_a=draws[-1].currents_a if draws else ZERO,
        whole_s=draws[min(1, len(draws) - 1)].at_mono_s if draws else _NEVER,
        least_a=_smallest_a(draws) if draws else ZERO,
    )


def _smallest_a(draws: tuple[Draw, ...]) -> Phases:
    one, two, three = zip(*[draw.currents_a for draw in draws], strict=True)
    return min(one), min(two), min(three)


def _on(phases: tuple[int, ...], current_a: float) -> Phases:
    return (
        current_a if 1 in phases else 0.0,
        current_a if 2 in phases else 0.0,  # noqa: PLR2004 - L2
        current_a if 3 in phases else 0.0,  # noqa: PLR2004 - L3
    )


def _sum_a(currents_a: Iterable[Phases]) -> Phases:
    one, two, three = zip(*currents_a, strict=True)
    return sum(one), sum(two), sum(three)


def _plus(left: Phases | None, right: Phases | None) -> Phases | None:
    return None if left is None or right is None else plus(left, right)
