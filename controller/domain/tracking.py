"""Tracking: a background that moves only when a move lasts a whole window.

A car that ramps while its meter lags, a hob that cycles, a kettle: none of them moves the fair shares.
What exceeds a limit is cut at once elsewhere (`urgent.py`); what would raise is gated by the window's
largest background.
"""

from dataclasses import dataclass, replace

from controller.domain.headroom import Load
from controller.domain.snapshot import CircuitMemory
from controller.domain.units import ZERO, Phases

_Seen = tuple[tuple[float, Phases, Phases], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """The two backgrounds of one circuit that the tick works with."""

    fair_a: Phases
    """For sharing: follows only what lasted a window."""
    gate_a: Phases
    """For raising: the largest of the window."""


def tracked(
    memory: CircuitMemory | None, load: Load, now_s: float, window_s: float
) -> tuple[CircuitMemory, Background | None]:
    """Take one tick's load into the window; a blind circuit keeps its memory and has no background."""
    if load.best_a is None or load.gate_a is None:
        return memory or CircuitMemory(background_a=ZERO, waiting_mono_s=now_s), None
    if memory is None or not memory.seen:
        seen: _Seen = ((load.at_mono_s, load.best_a, load.gate_a),)
        limiter = None if memory is None else memory.limiter
        memory = CircuitMemory(background_a=load.gate_a, seen=seen, limiter=limiter)
        return memory, Background(fair_a=load.gate_a, gate_a=load.gate_a)
    if load.at_mono_s > memory.seen[-1][0]:
        memory = _moved(memory, load, load.at_mono_s - window_s)
    gate_a = memory.seen[0][2]
    for _, _, gated_a in memory.seen[1:]:
        if gated_a != gate_a:
            gate_a = _largest(gate_a, gated_a)
    return memory, Background(fair_a=memory.background_a, gate_a=gate_a)


def _moved(memory: CircuitMemory, load: Load, since_s: float) -> CircuitMemory:
    if load.best_a is None or load.gate_a is None:
        return memory
    kept = _in_force(memory.seen, since_s)
    least_a, most_a = load.best_a, load.best_a
    for _, best_a, _ in kept:
        if best_a not in (least_a, most_a):
            least_a, most_a = _smallest(least_a, best_a), _largest(most_a, best_a)
    fair_a = _largest(memory.background_a, least_a)
    if kept and kept[0][0] <= since_s:
        fair_a = _smallest(fair_a, most_a)
    # else the window is not full yet: only upward, which is the cautious side.
    return replace(memory, seen=(*kept, (load.at_mono_s, load.best_a, load.gate_a)), background_a=fair_a)


def _in_force(seen: _Seen, since_s: float) -> _Seen:
    """Keep what was in force during the window: its samples and the last one before it."""
    for index in range(len(seen) - 1, -1, -1):
        if seen[index][0] <= since_s:
            return seen[index:]
    return seen


def _smallest(left: Phases, right: Phases) -> Phases:
    return min(left[0], right[0]), min(left[1], right[1]), min(left[2], right[2])


def _largest(left: Phases, right: Phases) -> Phases:
    return max(left[0], right[0]), max(left[1], right[1]), max(left[2], right[2])
