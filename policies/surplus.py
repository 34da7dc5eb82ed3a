"""Surplus: what the sun leaves for a group of cars, told by what flows and never by what was offered.

Whatever the cars of the group draw is added back to what the site exports, so the surplus does not depend
on our own limits: once meter and chargers agree, giving more changes nothing in it. The time in which
they do not agree yet is what `policies.lasting` is for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.domain.view import View
from controller.domain.wishes import PolicyMemory
from policies.cars import Car, known

# A battery this full takes less and less: nothing more is kept for it.
BATTERY_FULL_PCT = 95.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """One sample of the surplus."""

    left_w: float
    """For the cars; negative when the house lacks power even without them."""
    kept_w: float
    """What the battery gets before the cars."""


def sample(view: View, cars_w: float, settings: Mapping[str, float], *, has_battery: bool) -> Sun | None:
    """Tell what is left for cars that draw `cars_w`; `None` while a meter that it takes is silent."""
    grid_w, battery_w = known(view.grid_power_w), known(view.battery_power_w)
    if grid_w is None or (has_battery and battery_w is None):
        return None
    if battery_w is None:
        return Sun(left_w=cars_w - grid_w, kept_w=0.0)
    # A battery that goes on charging while the site imports does not make room: only the rest counts.
    flowing_w = battery_w if battery_w <= 0 else max(0.0, battery_w - max(0.0, grid_w))
    kept_w = _kept_w(view, flowing_w, settings)
    return Sun(left_w=cars_w - grid_w + flowing_w - kept_w, kept_w=kept_w)


def _kept_w(view: View, flowing_w: float, settings: Mapping[str, float]) -> float:
    """Tell what stays with the battery: all it takes while it goes first, and what is reserved for it."""
    charge_pct = known(view.battery_soc_pct)
    enough = charge_pct is not None and charge_pct >= settings["battery_reserve_pct"]
    if settings["battery_first"] < 1 and enough:
        return 0.0
    filling = charge_pct is not None and charge_pct < BATTERY_FULL_PCT
    return max(0.0, flowing_w, settings["battery_w"] if filling else 0.0)


def draws_w(
    view: View, cars: Iterable[Car], memory: PolicyMemory, lag_s: float
) -> tuple[float, dict[str, tuple[float, ...]]]:
    """Add up what the cars draw, and remember the limits of those whose draw cannot be seen.

    An unseen car counts at the limit that it has held for `lag_s`, and until then at the limit before:
    a limit just raised is not drawn yet. A silent charger is a load like any other.
    """
    total_w = 0.0
    limits: dict[str, tuple[float, ...]] = {}
    for each in cars:
        if not each.heard:
            continue
        if each.drawn_w is not None:
            total_w += each.drawn_w
            continue
        key = f"limit:{each.id}"
        present_a = known(view.present_a.get(each.id)) or 0.0
        limits[key] = _limit(memory.get(key, ()), view.mono_s, present_a, lag_s)
        total_w += limits[key][0] * each.ampere_w
    return total_w, limits


def _limit(before: tuple[float, ...], now_s: float, present_a: float, lag_s: float) -> tuple[float, ...]:
    """Hold (counted, latest, since): the latest counts once it has stood for the lag."""
    if not before or before[2] > now_s:
        return present_a, present_a, now_s
    counted_a, latest_a, since_s = before
    if present_a != latest_a:
        return counted_a, present_a, now_s
    return (latest_a if now_s - since_s >= lag_s else counted_a), latest_a, since_s
