"""Learning: what one session teaches about a car; forgotten at unplugging.

Which phases it uses, and how much it takes of what it is offered. An offered but unused ampere is taken
back by lowering the offer, never by giving it out twice.
"""

from dataclasses import replace

from controller.domain.changing import changed
from controller.domain.readings import ChargerState
from controller.domain.site import ChargerSpec
from controller.domain.snapshot import ChargerMemory, Timing
from controller.domain.units import Phases

# More is a car on that phase; chargers report idle noise well below it.
USES_A = 1.0
# A phase is judged unused only while the car clearly draws on another.
CLEARLY_DRAWS_A = 3.0
# A draw this far below the offer is an unused offer; cars commonly stay 1 A below.
UNUSED_A = 2.0
# The lowered offer stays this far above the draw, so that a wobbling draw never lifts it again.
SPARE_A = 3.0


def learned(
    memory: ChargerMemory, spec: ChargerSpec, state: ChargerState, timing: Timing, *, was_silent: bool = False
) -> ChargerMemory:
    """Take a fresh state into what is known of the session.

    After a silence it may be another car, unless the charger itself says that the session is the same.
    """
    if was_silent and (state.session_id is None or state.session_id != memory.session_id):
        memory = changed(memory, used_phases=None, seen_phases=None)
    memory = _session(memory, state)
    draw_a = state.draw_a
    if draw_a is None or not state.plug.car:
        return memory
    if len(spec.phases) > 1:
        memory = _phases(memory, spec, draw_a, state.draws[-1].at_mono_s, timing.learn_s)
    return _appetite(memory, spec, state, max(draw_a), timing.unused_s)


def _session(memory: ChargerMemory, state: ChargerState) -> ChargerMemory:
    car = state.plug.car
    same = state.session_id == memory.session_id or state.session_id is None
    if car == (memory.session_mono_s is not None) and (same or not car):
        return memory
    return replace(
        memory,
        session_id=state.session_id if car else None,
        session_mono_s=state.at_mono_s if car else None,
        used_phases=None,
        seen_phases=None,
        appetite_a=None,
        unused_mono_s=None,
        waiting_mono_s=None,
        on_mono_s=None,
    )


def _phases(
    memory: ChargerMemory, spec: ChargerSpec, draw_a: Phases, at_s: float, learn_s: float
) -> ChargerMemory:
    if memory.used_phases == spec.phases:
        return memory  # there are no more
    seen = tuple([phase for phase in spec.phases if draw_a[phase - 1] > USES_A])
    if memory.used_phases is not None:
        return _more_phases(memory, spec, seen)
    if max(draw_a) < CLEARLY_DRAWS_A:
        return memory if memory.seen_phases is None else replace(memory, seen_phases=None)
    if seen != memory.seen_phases:
        return replace(memory, seen_phases=seen, seen_phases_mono_s=at_s)
    if at_s - memory.seen_phases_mono_s >= learn_s:
        return replace(memory, used_phases=seen)
    return memory


def _more_phases(memory: ChargerMemory, spec: ChargerSpec, seen: tuple[int, ...]) -> ChargerMemory:
    """Count a phase that turns up later at once."""
    known = memory.used_phases or ()
    if all(phase in known for phase in seen):
        return memory
    return replace(memory, used_phases=tuple(p for p in spec.phases if p in known or p in seen))


def _appetite(
    memory: ChargerMemory, spec: ChargerSpec, state: ChargerState, draw_a: float, unused_s: float
) -> ChargerMemory:
    offered_a = state.limit_a
    if offered_a is None or offered_a < spec.min_a:
        return memory if memory.unused_mono_s is None else replace(memory, unused_mono_s=None)
    if memory.appetite_a is not None and draw_a > memory.appetite_a - USES_A:
        return replace(memory, appetite_a=None, unused_mono_s=None)
    if draw_a > offered_a - UNUSED_A:
        return memory if memory.unused_mono_s is None else replace(memory, unused_mono_s=None)
    if memory.unused_mono_s is None:
        return replace(memory, unused_mono_s=state.at_mono_s)
    if state.at_mono_s - memory.unused_mono_s < unused_s:
        return memory
    appetite_a = max(spec.min_a, draw_a // 1.0 + SPARE_A)
    known_a = memory.appetite_a
    lowers = known_a is None or appetite_a <= known_a - UNUSED_A or appetite_a <= spec.min_a < known_a
    return replace(memory, appetite_a=appetite_a) if lowers else memory


def is_idle(memory: ChargerMemory, spec: ChargerSpec, state: ChargerState | None) -> bool:
    """Tell whether a car has been offered its minimum for long and takes nothing."""
    if memory.appetite_a is None or state is None or state.draw_a is None:
        return False
    return memory.appetite_a <= spec.min_a and max(state.draw_a) < USES_A
