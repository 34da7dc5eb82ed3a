"""Trips: one car's plan in numbers, and what is carried of it from tick to tick."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.domain.readings import PersonPlan
from controller.domain.units import ChargerId
from controller.domain.view import View
from controller.domain.wishes import Member, PolicyMemory
from policies.cars import Car, known
from policies.energy import full_w, needed_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is carried from tick to tick while the plan stays the same one."""

    on: float = 0.0
    forced: float = 0.0
    """It could wait no longer; from then on it goes on to the end."""
    done: float = 0.0
    """A level that trembles around its goal does not start the car again."""
    slot_s: float = 0.0
    """The slot in which it charges, and the price under which it was chosen: a cloud does not undo it."""
    per_kwh: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One car's plan, in numbers."""

    car: Car
    settings: Mapping[str, float]
    plan: PersonPlan
    left_wh: float | None
    """Still to go; `None`: a state of charge that nobody tells."""
    need: tuple[float, ...]
    """What to remember of it for a tick in which nobody tells."""
    power_w: float
    """The most that it can get."""
    past: Past

    @property
    def hours(self) -> float:
        """How long it takes at full power; endless without any."""
        left_wh = math.inf if self.left_wh is None else self.left_wh
        return left_wh / self.power_w if self.power_w > 0 else math.inf

    @property
    def careful_hours(self) -> float:
        """How long it takes, margin included."""
        return self.hours * (1.0 + self.settings["margin_pct"] / 100.0)

    @property
    def ends(self) -> datetime:
        """When it should be done."""
        return self.plan.by - timedelta(seconds=self.settings["early_s"])


def trip(view: View, member: Member, each: Car, plan: PersonPlan, memory: PolicyMemory) -> Trip:
    """Put a plan into numbers; a plan that changed begins anew."""
    name = _name(plan)
    before = memory.get(f"plan:{each.id}", ())
    same = is_known(plan, each.id, memory)
    left_wh, need = needed_wh(view, each, plan, memory if same else {}, member.settings)
    return Trip(
        car=each,
        settings=member.settings,
        plan=plan,
        left_wh=left_wh,
        need=need,
        power_w=full_w(view, each),
        past=_past(before[len(name) :]) if same else Past(),
    )


def is_known(plan: PersonPlan, charger: ChargerId, memory: PolicyMemory) -> bool:
    """Whether this very plan was judged the tick before."""
    name = _name(plan)
    return memory.get(f"plan:{charger}", ())[: len(name)] == name


def kept(each: Trip, present: Past) -> dict[str, tuple[float, ...]]:
    """Turn what the next tick needs into plain numbers."""
    numbers = (present.on, present.forced, present.done, present.slot_s, present.per_kwh)
    plan = {f"plan:{each.car.id}": (*_name(each.plan), *numbers)}
    return plan | ({f"need:{each.car.id}": each.need} if each.need else {})


def _name(plan: PersonPlan) -> tuple[float, ...]:
    """Name a plan in numbers, to tell whether it is still the same one."""
    numbers = (known(plan.energy_wh), known(plan.soc_pct), known(plan.from_session_wh))
    return plan.by.timestamp(), *(-1.0 if number is None else number for number in numbers)


def _past(numbers: tuple[float, ...]) -> Past:
    on, forced, done, slot_s, per_kwh = numbers
    return Past(on=on, forced=forced, done=done, slot_s=slot_s, per_kwh=per_kwh)
