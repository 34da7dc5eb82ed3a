"""Tracking: a background that moves only when a move lasts a whole window.

A car that ramps while its meter lags, a hob that cycles, a kettle: none of them moves the fair shares.
What exceeds a limit is cut at once elsewhere (`urgent.py`); what would raise is gated by the window's
largest background.

Small loads and the meter itself never stand still. The shares leave room for the top of such a flicker, or
promises and background would be above the limit for ever by a little that is not worth an urgent cut. Nor do
they follow a fall that is lost in it; one that is not, because nothing else moves, they do.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

from controller.domain.changing import changed
from controller.domain.headroom import Load
from controller.domain.ramps import Flows, followed
from controller.domain.snapshot import CircuitMemory
from controller.domain.units import ZERO, Phases

# A band of a whole window that is no wider than this is flicker: some 115 W on a phase.
FLICKER_A = 0.5
_FLICKER_W = 115.0

_Seen = tuple[tuple[float, Phases, Phases], ...]
_Entry = TypeVar("_Entry", bound=tuple[float, object, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """The two backgrounds of one circuit that the tick works with."""

    fair_a: Phases
    """For sharing: follows only what lasted a window."""
    gate_a: Phases
    """For raising: the largest of the window."""
    fair_w: float | None = None
    """The same where the meter tells power alone."""
    gate_w: float | None = None


def tracked(
    memory: CircuitMemory | None, load: Load, now_s: float, window_s: float
) -> tuple[CircuitMemory, Background | None]:
    """Take one tick's load into the window; a blind circuit has no background, and forgets what it had."""
    if load.best_a is None or load.gate_a is None:
        return _blinded(memory, now_s), None
    if memory is None or not memory.seen:
        seen: _Seen = ((load.at_mono_s, load.best_a, load.gate_a),)
        memory = replace(memory or _AWAITED, background_a=load.best_a, seen=seen, waiting_mono_s=None)
        memory = replace(memory, flows=_flows(memory, load))
        # Not the gate's: a draw that cannot be seen would count twice and cause cuts.
    elif load.at_mono_s > memory.seen[-1][0]:
        memory = _moved(memory, load, load.at_mono_s - window_s)
    one, two, three = zip(*[gated_a for _, _, gated_a in memory.seen], strict=True)
    gate_a: Phases = max(one), max(two), max(three)
    if load.best_w is None or load.gate_w is None:
        return memory, Background(fair_a=memory.background_a, gate_a=gate_a)
    memory, fair_w = _power(memory, load.at_mono_s, (load.best_w, load.gate_w), window_s)
    gate_w = max(gated_w for _, _, gated_w in memory.seen_w)
    return memory, Background(fair_a=memory.background_a, gate_a=gate_a, fair_w=fair_w, gate_w=gate_w)


_AWAITED = CircuitMemory(background_a=ZERO)


def _blinded(memory: CircuitMemory | None, now_s: float) -> CircuitMemory:
    if memory is None:
        return replace(_AWAITED, waiting_mono_s=now_s)
    return replace(memory, seen=(), seen_w=(), flows=()) if memory.seen else memory


def _moved(memory: CircuitMemory, load: Load, since_s: float) -> CircuitMemory:
    if load.best_a is None or load.gate_a is None:
        return memory
    kept = _in_force(memory.seen, since_s)
    falls = bool(kept) and kept[0][0] <= since_s
    before_a = memory.background_a
    one, two, three = zip(load.best_a, *[best_a for _, best_a, _ in kept], strict=True)
    return changed(
        memory,
        seen=(*kept, (load.at_mono_s, load.best_a, load.gate_a)),
        flows=_flows(memory, load),
        background_a=(
            _fair(before_a[0], one, FLICKER_A, falls=falls),
            _fair(before_a[1], two, FLICKER_A, falls=falls),
            _fair(before_a[2], three, FLICKER_A, falls=falls),
        ),
    )


def _flows(memory: CircuitMemory, load: Load) -> Flows:
    return memory.flows if load.signed_a is None else followed(memory.flows, load.at_mono_s, load.signed_a)


def _fair(before: float, seen: tuple[float, ...], flicker: float, *, falls: bool) -> float:
    """Move one phase, or the power, by what was seen in the window; until that is full only upward.

    >>> _fair(3.0, (12.1, 3.0, 3.0), 0.5, falls=True), _fair(3.0, (12.1, 12.3, 12.0), 0.5, falls=True)
    (3.0, 12.3)
    >>> _fair(12.3, (12.1, 12.0, 11.9), 0.5, falls=True), _fair(12.3, (12.1, 12.1, 12.1), 0.5, falls=True)
    (12.3, 12.1)
    """
    low, high = min(seen), max(seen)
    band = high - low
    if band > flicker:
        return min(max(before, low), high) if falls else max(before, low)
    # The top of a noise differs from window to window by less than twice the band.
    is_lower = high < before - min(flicker, 2.0 * band)
    return high if falls and is_lower else max(before, high)


def _power(
    memory: CircuitMemory, at_s: float, now_w: tuple[float, float], window_s: float
) -> tuple[CircuitMemory, float]:
    """Move the power of a meter that tells nothing else by the same rule; return it as well."""
    best_w, seen_w = now_w[0], memory.seen_w
    if not seen_w or memory.power_w is None:
        return replace(memory, power_w=best_w, seen_w=((at_s, *now_w),)), best_w
    if at_s <= seen_w[-1][0]:
        return memory, memory.power_w
    kept = _in_force(seen_w, at_s - window_s)
    lasted = (best_w, *(power_w for _, power_w, _ in kept))
    fair_w = _fair(memory.power_w, lasted, _FLICKER_W, falls=kept[0][0] <= at_s - window_s)
    return replace(memory, power_w=fair_w, seen_w=(*kept, (at_s, *now_w))), fair_w


def _in_force(seen: tuple[_Entry, ...], since_s: float) -> tuple[_Entry, ...]:
    """Keep what was in force during the window: its samples and the last one before it."""
    first, last = 0, len(seen) - 1
    while first < last and seen[first + 1][0] <= since_s:
        first += 1
    return seen[first:] if first else seen
