"""Ramps: a load that climbs while a cut is on its way, as behind a cloud; a step is none.

A cut that takes only what is too much now is too small by the time that it is obeyed.
"""

from itertools import pairwise

from controller.domain.snapshot import CircuitMemory
from controller.domain.units import ZERO, Phases

# Three samples: a step shows in one of their two intervals, a ramp in both.
_KEPT = 3
# Closer samples tell noise, not a slope.
_APART_S = 0.9
# Nobody knows how long a ramp lasts: it is followed no further ahead than this.
_AHEAD_S = 10.0

Flows = tuple[tuple[float, Phases], ...]


def followed(flows: Flows, at_s: float, background_a: Phases) -> Flows:
    """Keep the latest samples of a background as measured, oldest first."""
    if flows and at_s < flows[-1][0] + _APART_S:
        return flows
    return (*flows, (at_s, background_a))[-_KEPT:]


def climb_a(memory: CircuitMemory | None, now_s: float, obeyed_s: float) -> Phases:
    """Tell how much more each phase will carry once a cut is obeyed that is sent now.

    It goes on as it did since the last sample, and for the time that the cut takes.
    """
    if memory is None or len(memory.flows) < _KEPT:
        return ZERO
    ahead_s = max(0.0, now_s - memory.flows[-1][0]) + min(obeyed_s, _AHEAD_S)
    slopes = [
        [(after[index] - before[index]) / (after_s - before_s) for index in range(3)]
        for (before_s, before), (after_s, after) in pairwise(memory.flows)
    ]
    one, two, three = (max(0.0, min(slope)) * ahead_s for slope in zip(*slopes, strict=True))
    return one, two, three
