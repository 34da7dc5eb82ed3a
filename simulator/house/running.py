"""Running: the loop that lets a wired house live by a clock."""

from controller.ports import Clock
from simulator.house.sockets import Wiring

# Cars and voltages stay smooth up to this.
_LONGEST_STEP_S = 1.0
# A host that slept for the night: the house slept too.
_LONGEST_GAP_S = 600.0


async def run(wiring: Wiring, clock: Clock, *, period_s: float = 0.1) -> None:
    """Step house and twins every `period_s` of the clock, until cancelled.

    A late beat is not made up for by more beats: the next step is longer, in pieces of a second.
    """
    last_s = clock.mono_s()
    next_s = last_s
    while True:
        next_s = max(next_s + period_s, clock.mono_s())
        await clock.sleep(next_s - clock.mono_s())
        now_s = clock.mono_s()
        _catch_up(wiring, min(now_s - last_s, _LONGEST_GAP_S))
        last_s = now_s


def _catch_up(wiring: Wiring, passed_s: float) -> None:
    while passed_s > 0.0:
        dt_s = min(passed_s, _LONGEST_STEP_S)
        wiring.step(dt_s)
        passed_s -= dt_s
