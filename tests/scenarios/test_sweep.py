"""Sweep: meters and devices of every delay, cars of every pace, every mode: nothing swings, nothing trips.

The coarse grid takes seconds; `PHASEWISE_SWEEP=fine` walks the fine one.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, product

import pytest

from controller.domain.readings import PriceSlot
from controller.domain.site import Abilities
from controller.domain.units import ChargerId, Phases
from controller.policy_files import load
from simulator.breaker import Protection
from tests.plant import NOON, Car, Device, Plant, charger, house

LIMIT_A = 25.0
# What happens, happens first; then everything stays as it is, and after a while nothing is written any more.
EVENTS_S, CALM_S, SILENT_S = 400, 320, 60
# From the sample that shows an overload: a tick, the round-up of a second, and a second cut.
REACTION_S = 4


def ovens(second: int) -> Phases:
    """Switch a hob of 16 A on and off on one phase after the other."""
    if second > EVENTS_S:
        return 5.0, 3.0, 4.0
    turn = second // 90
    hob = [16.0 if second % 90 < 45 and turn % 3 == phase else 0.0 for phase in range(3)]
    return 3.0 + hob[0], 2.0 + hob[1], 4.0 + hob[2]


def quiet(_second: int) -> Phases:
    """Carry an ordinary evening."""
    return 3.0, 2.0, 4.0


def heavy(_second: int) -> Phases:
    """Carry what the sun hides."""
    return 14.0, 14.0, 14.0


def steady(_second: int) -> float:
    """Shine all day."""
    return 9000.0


def clouds(second: int) -> float:
    """Let a cloud pass every two minutes, within seconds."""
    if second > EVENTS_S:
        return 9000.0
    ramp = (1.0 + math.sin(second * math.tau / 120.0) * 3.0) / 2.0
    return 2000.0 + 9000.0 * min(1.0, max(0.0, ramp))


def dark(_second: int) -> float:
    """Do not shine."""
    return 0.0


# Prices of 5 minutes each: cheap, dear, cheap, dear, then cheap for long.
PRICES = tuple(
    PriceSlot(
        starts=NOON + timedelta(minutes=5 * index),
        ends=NOON + timedelta(minutes=5 * (index + 1)),
        import_per_kwh=0.10 if index % 2 == 0 or index >= 2 else 0.60,
    )
    for index in range(12)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the house does, in which mode, and how often cars may start in it."""

    mode: str
    base_a: Callable[[int], Phases] = quiet
    solar_w: Callable[[int], float] = dark
    starts: int = 1
    """Of each car: a start, and what a pause for safety or for want of sun costs."""


# A hob that is on for 45 s, seven times, may pause a car each time.
_HOBS = 8
CASES = [
    Case(mode="fast"),
    Case(mode="fast", base_a=ovens, starts=_HOBS),
    Case(mode="fast", solar_w=clouds, starts=3),
    Case(mode="fast", base_a=heavy, solar_w=clouds, starts=5),
    Case(mode="solar", solar_w=steady),
    Case(mode="solar", solar_w=clouds, starts=2),
    Case(mode="solar", base_a=ovens, solar_w=steady, starts=3),
    Case(mode="min_solar", solar_w=clouds, starts=2),
    Case(mode="min_solar", base_a=ovens, solar_w=steady, starts=_HOBS),
    Case(mode="cheap", starts=3),
    Case(mode="plan"),
    Case(mode="boost"),
    Case(mode="off", starts=0),
]
FINE = os.environ.get("PHASEWISE_SWEEP") == "fine"
COARSE = [(0, 0.0, 5.0), (10, 0.0, 1.0), (0, 30.0, 1.0), (10, 30.0, 15.0)]
GRID = (
    list(product((0, 1, 2, 4, 7, 10), (0.0, 1.0, 3.0, 10.0, 30.0), (1.0, 5.0, 11.0, 15.0)))
    if FINE
    else COARSE
)


def plant(case: Case, meter_s: int, device_s: float, car_s: float) -> Plant:
    """Build the house: two cars on three phases, one on one."""
    able = Abilities(
        latency_s=max(1.0, device_s), delivery_s=max(10.0, device_s + 5.0), follow_s=max(11.0, car_s + 1.0)
    )
    specs = [charger(name, mode=case.mode, abilities=able) for name in ("left", "middle")]
    specs.append(charger("right", mode=case.mode, abilities=able, phases=(2,)))
    devices = {
        ChargerId(spec.id): Device(
            delay_s=device_s, car=Car(follow_s=car_s, max_a=16.0, phases=(1, 2, 3)[: len(spec.phases)])
        )
        for spec in specs
    }
    site = house(*specs, limit_a=LIMIT_A)
    return Plant(
        site=replace(site),
        policies=load(None),
        devices=devices,
        base_a=case.base_a,
        solar_w=case.solar_w,
        meter_lag_s=meter_s,
        prices=PRICES,
    )


def longest_overload_s(flows: list[Phases]) -> int:
    """Tell how many seconds in a row any phase was above its limit."""
    over = [max(flow_a) > LIMIT_A + 0.2 for flow_a in flows]
    return max((len(list(run)) for is_over, run in groupby(over) if is_over), default=0)


@pytest.mark.parametrize(("meter_s", "device_s", "car_s"), GRID)
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.mode}-{c.base_a.__name__}-{c.solar_w.__name__}")
def test_nothing_swings_nothing_trips(case: Case, meter_s: int, device_s: float, car_s: float) -> None:
    lived = plant(case, meter_s, device_s, car_s).run(EVENTS_S + CALM_S)

    protection = Protection((LIMIT_A,) * 3)
    for flow_a in lived.flows:
        protection.step(flow_a, 1.0)
    late = [second for second, _ in lived.writes if second >= EVENTS_S + CALM_S - SILENT_S]
    assert longest_overload_s(lived.flows) <= REACTION_S + meter_s + device_s + car_s
    assert not protection.tripped
    if device_s <= 1.0 and car_s <= 6.0 and meter_s <= 2:
        assert protection.worst < 0.2
    assert late == []
    assert lived.starts <= 3 * case.starts
    assert len(lived.writes) <= 3 * (4 + 8 * max(1, case.starts))
