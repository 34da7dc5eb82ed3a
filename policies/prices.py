"""Prices: the slots ahead, and how many hours of them are better than now."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from controller.domain.readings import PriceSlot
from controller.domain.units import ChargerId
from controller.domain.view import View
from policies.cars import known

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the time ahead with one price for the next kilowatt-hour."""

    starts: datetime
    hours: float
    per_kwh: float


def slot_now(view: View) -> PriceSlot | None:
    """Find the slot that holds now."""
    return next((slot for slot in view.prices if slot.starts <= view.at < slot.ends and _priced(slot)), None)


def marginal_per_kwh(slot: PriceSlot, sun_part: float) -> float:
    """Tell what the next kilowatt-hour costs when a part of it comes from surplus.

    Surplus costs what it would have earned; where that is not known it counts as imported.
    """
    export_per_kwh = known(slot.export_per_kwh)
    if export_per_kwh is None:
        return slot.import_per_kwh
    return sun_part * export_per_kwh + (1.0 - sun_part) * slot.import_per_kwh


def sun_part(view: View, charger: ChargerId, drawn_w: float | None, full_w: float) -> float:
    """Tell which part of full power the surplus of this instant would cover."""
    grid_w = known(view.grid_power_w)
    if grid_w is None or full_w <= 0 or charger not in view.chargers:
        return 0.0
    return min(1.0, max(0.0, (drawn_w or 0.0) - grid_w) / full_w)


def ahead(view: View, slot: PriceSlot, until: datetime) -> tuple[Stretch, ...]:
    """Lay out the time after a slot; hours without a known price cost what the known ones do on average."""
    known_ahead = _cut(view, slot.ends, until)
    missing_h = _hours(slot.ends, until) - sum(each.hours for each in known_ahead)
    if missing_h <= 0:
        return known_ahead
    mean_per_kwh = _mean_per_kwh(_cut(view, slot.starts, until))
    starts = until - timedelta(hours=missing_h)
    return (*known_ahead, Stretch(starts=starts, hours=missing_h, per_kwh=mean_per_kwh))


def better_hours(stretches: Iterable[Stretch], per_kwh: float, after: datetime) -> float:
    """Tell how long it is cheaper than a price, or as cheap and earlier than an instant."""
    return sum(
        each.hours
        for each in stretches
        if each.per_kwh < per_kwh or (each.per_kwh == per_kwh and each.starts < after)
    )


def bar(stretches: Iterable[Stretch], hours: float) -> tuple[float, datetime] | None:
    """Tell which (price, start) a slot must beat to be among the cheapest so many hours.

    `None`: there are not that many hours, so every slot is among them.
    """
    if hours <= 0:
        return -math.inf, datetime.min.replace(tzinfo=UTC)
    for each in sorted(stretches, key=lambda each: (each.per_kwh, each.starts)):
        hours -= each.hours
        if hours <= 0:
            return each.per_kwh, each.starts
    return None


def _cut(view: View, since: datetime, until: datetime) -> tuple[Stretch, ...]:
    """Cut the known prices to a span of time."""
    stretches = []
    for slot in view.prices:
        starts, ends = max(slot.starts, since), min(slot.ends, until)
        if starts < ends and _priced(slot):
            stretches.append(Stretch(starts=starts, hours=_hours(starts, ends), per_kwh=slot.import_per_kwh))
    return tuple(stretches)


def _mean_per_kwh(stretches: tuple[Stretch, ...]) -> float:
    hours = sum(each.hours for each in stretches)
    return sum(each.per_kwh * each.hours for each in stretches) / hours if hours > 0 else 0.0


def _hours(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() / HOUR_S


def _priced(slot: PriceSlot) -> bool:
    return known(slot.import_per_kwh) is not None
