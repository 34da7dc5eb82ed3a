"""Starting: when a car in the sun starts, holds through a cloud, and stops."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.cars import Car

# A car that takes less than this is full, or asleep.
IDLE_A = 1.0
# It has had this long to begin: every car seen so far follows within 15 s, some wake up for a minute.
IDLE_AFTER_S = 120.0
# Longer ago than any rest: a car just plugged in need not rest.
LONG_S = 1e6
# Without a stop term of its own a car stops at this part of its start threshold.
STOP_PART = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Whether a car charges on the sun, and what it waits for."""

    on: bool
    since_s: float
    """When it started or stopped."""
    drew_s: float
    """When it last drew anything."""
    waits_s: float | None = None
    """On: since when the surplus is too low. Off: since when it is enough."""

    def kept(self) -> tuple[float, ...]:
        """Turn into plain numbers for the policy memory."""
        waits = () if self.waits_s is None else (self.waits_s,)
        return (float(self.on), self.since_s, self.drew_s, *waits)

    def idle(self, now_s: float) -> bool:
        """Whether it may charge and yet takes nothing."""
        return self.on and now_s - max(self.since_s, self.drew_s) > IDLE_AFTER_S


def recalled(kept: tuple[float, ...], each: Car, present_a: float, now_s: float) -> Timer:
    """Restore a timer; a car first seen while it charges goes on as if the sun had started it.

    Instants later than now are from before a restart of the host and begin anew.
    """
    if not kept or max(kept[1:]) > now_s:
        charging = present_a > 0 and (each.drawn_w is None or each.drawn_w > IDLE_A * each.ampere_w)
        on = charging if not kept else kept[0] > 0
        return Timer(on=on, since_s=now_s if on else now_s - LONG_S, drew_s=now_s)
    waits_s = kept[3] if len(kept) > 3 else None  # noqa: PLR2004 - the optional fourth number
    return Timer(on=kept[0] > 0, since_s=kept[1], drew_s=kept[2], waits_s=waits_s)


def drawing(timer: Timer, each: Car, now_s: float) -> Timer:
    """Note when the car last drew; a draw that cannot be seen counts as one."""
    draws = each.drawn_w is None or each.drawn_w >= IDLE_A * each.ampere_w
    return replace(timer, drew_s=now_s) if draws else timer


def start_w(each: Car, settings: Mapping[str, float]) -> float:
    """Tell the surplus that starts a car: set, or what its minimum weighs."""
    return settings["start_w"] or each.min_w


def stop_w(each: Car, settings: Mapping[str, float]) -> float:
    """Tell the surplus below which a car is to stop; never above the one that starts it."""
    start = start_w(each, settings)
    return min(start, settings["stop_w"] or STOP_PART * start)


def step(timer: Timer, each: Car, left_w: float, now_s: float, settings: Mapping[str, float]) -> Timer:
    """Go on by one tick, with so much surplus left for this car."""
    if timer.on:
        return _stop(timer, left_w >= stop_w(each, settings), now_s, settings["hold_s"])
    return _start(timer, left_w >= start_w(each, settings), now_s, settings)


def stopped(timer: Timer, now_s: float) -> Timer:
    """Pause at once, as when the surplus is not known."""
    if not timer.on:
        return replace(timer, waits_s=None)
    return Timer(on=False, since_s=now_s, drew_s=timer.drew_s)


def unplugged(now_s: float) -> Timer:
    """Begin anew for the next car, which has nothing to rest from."""
    return Timer(on=False, since_s=now_s - LONG_S, drew_s=now_s)


def _stop(timer: Timer, enough: bool, now_s: float, hold_s: float) -> Timer:  # noqa: FBT001 - a claim
    if enough:
        return replace(timer, waits_s=None)
    waits_s = now_s if timer.waits_s is None else timer.waits_s
    if now_s - waits_s >= hold_s:
        return stopped(timer, now_s)
    return replace(timer, waits_s=waits_s)


def _start(timer: Timer, enough: bool, now_s: float, settings: Mapping[str, float]) -> Timer:  # noqa: FBT001 - a claim
    if not enough:
        return replace(timer, waits_s=None)
    waits_s = now_s if timer.waits_s is None else timer.waits_s
    if now_s - waits_s >= settings["start_delay_s"] and now_s - timer.since_s >= settings["rest_s"]:
        return Timer(on=True, since_s=now_s, drew_s=now_s)
    return replace(timer, waits_s=waits_s)
