"""Solar surplus: cars charge with what the sun leaves, and share it as one budget."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.domain.reasons import Code, Reason
from controller.domain.view import View
from controller.domain.wishes import Budget, Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import Car, car, known
from policies.lasting import State, follow
from policies.solar_parameters import PARAMETERS
from policies.starting import Timer, drawing, recalled, start_w, step, stop_w, stopped, unplugged
from policies.surplus import Sun, draws_w, sample

NAME = "solar_surplus"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seat:
    """One member with everything known of it."""

    car: Car
    settings: Mapping[str, float]
    timer: Timer
    left_w: float = 0.0
    """What was left of the surplus when its turn came."""

    @property
    def keeps_minimum(self) -> bool:
        """Charges at its minimum without any sun."""
        return self.settings["keep_minimum"] >= 1

    def counts(self, now_s: float) -> bool:
        """Whether its minimum is taken off the surplus before the others' turn."""
        if not (self.car.heard and self.car.plugged) or self.timer.idle(now_s):
            return False
        return self.keeps_minimum or self.timer.on or self.timer.waits_s is not None


class SolarSurplus:
    """One surplus, one budget, one car started at a time.

    The surplus follows only what lasts (`smooth_s`), so meters and cars that lag do not move it. Minima
    are reserved in serving order: cars that always keep theirs, cars that charge, cars about to start.
    """

    name = NAME
    parameters: tuple[Parameter, ...] = PARAMETERS

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Start, hold and stop cars by what the sun leaves for them."""
        seats = _seats(view, members, memory)
        if not seats:
            return Opinion()
        shared = seats[0].settings
        cars_w, kept = draws_w(view, (seat.car for seat in seats), memory, shared["smooth_s"])
        has_battery = view.battery_power_w is not None or "battery" in memory
        if has_battery:
            kept["battery"] = (1.0,)
        sun = sample(view, cars_w, shared, has_battery=has_battery)
        if sun is None:
            return _blind(view, seats, kept)
        lasting = follow(memory.get("surplus", ()), view.mono_s, round(sun.left_w, 1), shared["smooth_s"])
        kept["surplus"] = lasting
        return _shared(view, seats, sun, _steady(memory, lasting, shared["band_w"]), kept)


def _seats(view: View, members: Sequence[Member], memory: PolicyMemory) -> list[_Seat]:
    seats = []
    for member in members:
        each = car(view, member.charger)
        if each is None:
            continue
        present_a = known(view.present_a.get(each.id)) or 0.0
        timer = recalled(memory.get(f"car:{each.id}", ()), each, present_a, view.mono_s)
        seats.append(_Seat(car=each, settings=member.settings, timer=drawing(timer, each, view.mono_s)))
    return seats


def _blind(view: View, seats: Sequence[_Seat], kept: dict[str, tuple[float, ...]]) -> Opinion:
    """Pause while the surplus is not known; cars that keep their minimum leave that to the next policy."""
    for seat in seats:
        kept[f"car:{seat.car.id}"] = stopped(seat.timer, view.mono_s).kept()
    reason = Reason(code=Code.SURPLUS_UNKNOWN, by=NAME, current_a=0.0)
    wishes = tuple(
        Wish(charger=seat.car.id, preferred_a=0.0, reason=reason) for seat in seats if not seat.keeps_minimum
    )
    return Opinion(wishes=wishes, memory=kept)


def _steady(memory: PolicyMemory, lasting: State, band_w: float) -> float:
    """Lower at once, raise only by more than the band: a value at the edge of a step stays below it."""
    held_w = lasting[0]
    before = memory.get("budget")
    if not before or held_w < before[0] or held_w >= before[0] + band_w:
        return held_w
    return before[0]


def _shared(
    view: View, seats: Sequence[_Seat], sun: Sun, surplus_w: float, kept: dict[str, tuple[float, ...]]
) -> Opinion:
    kept["budget"] = (surplus_w,)
    seats = _served(seats, surplus_w, view.mono_s)
    for seat in seats:
        kept[f"car:{seat.car.id}"] = seat.timer.kept()
    wishes = tuple(_wish(view, seat, sun, surplus_w) for seat in seats)
    return Opinion(wishes=wishes, budgets=_budgets(view, seats, surplus_w), memory=kept)


def _served(seats: Sequence[_Seat], surplus_w: float, now_s: float) -> list[_Seat]:
    """Let each car judge what is left after the minima of those served before it."""
    left_w = surplus_w
    served = []
    for seat in sorted(seats, key=lambda seat: (not seat.keeps_minimum, not seat.timer.on)):
        timer = _next_timer(seat, left_w, now_s)
        judged = _Seat(car=seat.car, settings=seat.settings, timer=timer, left_w=left_w)
        if judged.counts(now_s):
            left_w -= seat.car.min_w
        served.append(judged)
    return served


def _next_timer(seat: _Seat, left_w: float, now_s: float) -> Timer:
    if not seat.car.heard:
        return seat.timer
    if not seat.car.plugged:
        return unplugged(now_s)
    if seat.keeps_minimum:
        # It charges anyway; were its mode to change, it would go on as a car that the sun started.
        return seat.timer if seat.timer.on else Timer(on=True, since_s=now_s, drew_s=now_s)
    return step(seat.timer, seat.car, left_w, now_s, seat.settings)


def _budgets(view: View, seats: Sequence[_Seat], surplus_w: float) -> tuple[Budget, ...]:
    """Share the surplus among all that charge; their minima always fit into it."""
    sharing = [seat for seat in seats if seat.car.heard and not seat.timer.idle(view.mono_s)]
    minima_w = math.fsum(
        seat.car.min_w for seat in sharing if seat.car.plugged and (seat.keeps_minimum or seat.timer.on)
    )
    if not sharing:
        return ()
    limit_w = max(0.0, surplus_w, float(math.ceil(minima_w)))
    reason = Reason(code=Code.SURPLUS, by=NAME, value=round(surplus_w))
    chargers = tuple(seat.car.id for seat in sharing)
    # Where the sun is less than the minima that are kept, it is not the sun that leaves them.
    name = NAME if surplus_w >= minima_w else f"{NAME}_or_the_minimum"
    return (Budget(id=name, chargers=chargers, limit_w=limit_w, reason=reason),)


def _wish(view: View, seat: _Seat, sun: Sun, surplus_w: float) -> Wish:
    timer, each = seat.timer, seat.car
    if timer.idle(view.mono_s):
        return _say(each, each.min_a, Code.SURPLUS, surplus_w)
    if seat.keeps_minimum or (timer.on and timer.waits_s is None):
        return _say(each, each.max_a, Code.SURPLUS, surplus_w)
    if timer.on:
        until_s = (timer.waits_s or view.mono_s) + seat.settings["hold_s"]
        return _say(each, each.min_a, Code.SURPLUS_HOLD, seat.left_w, stop_w(each, seat.settings), until_s)
    needed_w = start_w(each, seat.settings)
    if timer.waits_s is not None:
        until_s = _starts_s(seat, timer.waits_s)
        return _say(each, 0.0, Code.SURPLUS_WAIT, seat.left_w, needed_w, until_s)
    by_battery = seat.left_w < needed_w <= seat.left_w + sun.kept_w
    code = Code.BATTERY_FIRST if by_battery else Code.SURPLUS_LOW
    return _say(each, 0.0, code, seat.left_w, needed_w)


def _starts_s(seat: _Seat, waits_s: float) -> float:
    return max(waits_s + seat.settings["start_delay_s"], seat.timer.since_s + seat.settings["rest_s"])


def _say(
    each: Car,
    preferred_a: float,
    code: Code,
    value_w: float,
    needed_w: float | None = None,
    until_s: float | None = None,
) -> Wish:
    reason = Reason(
        code=code,
        by=NAME,
        current_a=preferred_a,
        value=round(value_w),
        needed=None if needed_w is None else round(needed_w),
    )
    return Wish(charger=each.id, preferred_a=preferred_a, reason=reason, until_mono_s=until_s)
