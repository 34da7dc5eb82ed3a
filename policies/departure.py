"""Departure: the energy that a person asked for, by the time they leave, in the cheapest hours."""

import math
from datetime import datetime

from controller.domain.readings import PersonPlan, PriceSlot
from controller.domain.reasons import Code, Reason
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import Car, car, known
from policies.prices import HOUR_S, ahead, better_hours, marginal_per_kwh, slot_now, sun_part
from policies.trips import Past, Trip, is_known, trip
from policies.trips import kept as carried

# What a plan that has stopped must lack before it starts again: a minute of charging.
RESTART_H = 1.0 / 60.0


class Departure:
    """Plans over the known prices and the car's power; without prices as late, or as soon, as set.

    Abstains for a car without a plan, or with one whose time has passed.
    """

    name = "departure"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="margin_pct",
            default=10.0,
            low=0.0,
            high=100.0,
            says="Time kept in reserve for sharing and slow cars, as a part of the time needed.",
        ),
        Parameter(
            name="early_s",
            default=900.0,
            low=0.0,
            high=14_400.0,
            says="Be done this long before the departure.",
        ),
        Parameter(
            name="efficiency_pct",
            default=90.0,
            low=50.0,
            high=100.0,
            says="What reaches the car's battery of what the charger delivers, for plans by charge level.",
        ),
        Parameter(
            name="soon",
            default=1.0,
            low=0.0,
            high=1.0,
            whole=True,
            says="While no price is known. 1: charge at once. 0: as late as safely possible.",
        ),
        Parameter(
            name="yields",
            default=0.0,
            low=0.0,
            high=1.0,
            whole=True,
            says="1: while the plan can wait, the next policy of the stack decides. 0: the car waits.",
        ),
    )

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Charge when the plan needs it, and say so when it cannot be kept."""
        wishes: list[Wish] = []
        kept: dict[str, tuple[float, ...]] = {}
        for member in members:
            request = view.requests.get(member.charger)
            if request is None or request.plan is None:
                continue
            each, plan = car(view, member.charger), request.plan
            if each is None or not _holds(view, each, plan, memory):
                continue
            planned = trip(view, member, each, plan, memory)
            present = _judged(view, planned)
            kept |= carried(planned, present)
            wish = _wish(view, planned, present)
            wishes.extend([wish] if wish is not None else [])
        return Opinion(wishes=tuple(wishes), memory=kept)


def _holds(view: View, each: Car, plan: PersonPlan, memory: PolicyMemory) -> bool:
    """Whether the plan counts: ahead, or its car, which saw it, is still there after its time.

    Without the second a finished car would be filled up by the next policy the minute the plan ends.
    """
    return plan.by > view.at or (is_known(plan, each.id, memory) and (each.plugged or not each.heard))


def _judged(view: View, each: Trip) -> Past:
    """Decide whether it charges now: forced by time, or chosen by price."""
    if each.past.done > 0 or each.left_wh == 0:
        return Past(done=1.0)
    slot = slot_now(view)
    forced = each.past.forced > 0 or each.careful_hours >= _hours_until(view, each.ends)
    # Endless is a level that nobody tells, or no power: both may turn out better in a moment.
    latched = float(forced and math.isfinite(each.hours))
    if slot is None:
        on = forced or each.settings["soon"] >= 1
        return Past(on=float(on), forced=latched)
    per_kwh = _per_kwh(view, each, slot)
    on = forced or _chosen(view, each, slot, per_kwh)
    return Past(on=float(on), forced=latched, slot_s=slot.starts.timestamp(), per_kwh=per_kwh)


def _per_kwh(view: View, each: Trip, slot: PriceSlot) -> float:
    if each.past.on > 0 and each.past.slot_s == slot.starts.timestamp():
        return each.past.per_kwh
    return marginal_per_kwh(slot, sun_part(view, each.car.id, each.car.drawn_w, each.power_w))


def _chosen(view: View, each: Trip, slot: PriceSlot, per_kwh: float) -> bool:
    """Whether now is among the cheapest hours that the plan still needs."""
    better_h = better_hours(ahead(view, slot, each.ends), per_kwh, slot.starts)
    return better_h + (0.0 if each.past.on > 0 else RESTART_H) < each.careful_hours


def _wish(view: View, each: Trip, present: Past) -> Wish | None:
    if present.on > 0:
        reachable = each.left_wh is None or each.hours <= _hours_until(view, each.plan.by)
        return _say(each, each.car.max_a, Code.PLANNED if reachable else Code.PLAN_UNREACHABLE)
    if each.settings["yields"] >= 1:
        return None
    return _say(each, 0.0, Code.ENERGY_DONE if present.done > 0 else Code.PLANNED_LATER)


def _hours_until(view: View, instant: datetime) -> float:
    return (instant - view.at).total_seconds() / HOUR_S


def _say(each: Trip, preferred_a: float, code: Code) -> Wish:
    # To 100 Wh: every digit more would be a new reason for the journal each second.
    left_wh = None if each.left_wh is None else float(round(each.left_wh, -2))
    value_wh = known(each.plan.energy_wh) if code is Code.ENERGY_DONE else left_wh
    reason = Reason(code=code, by=Departure.name, current_a=preferred_a, value=value_wh)
    return Wish(charger=each.car.id, preferred_a=preferred_a, reason=reason)
