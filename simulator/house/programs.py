"""Programs: what an appliance is, and what it takes over time.

A program is an endless or finite row of bursts (power, seconds). Figures are usual nameplates.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

Burst = tuple[float, float]
"""Power in W, and for how many seconds."""

Program = Callable[[Random], Iterator[Burst]]

FLAT = (1.0,) * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How often something is switched on, and at which hours of the local day."""

    starts_a_day: float
    hours: tuple[float, ...] = FLAT
    """24 weights."""

    def next_start_s(self, random: Random, at_s: float, hour_at_start: float) -> float:
        """Draw the next start after `at_s` from a Poisson process that follows the hours (by thinning)."""
        peak = max(self.hours)
        peak_per_s = self.starts_a_day * peak / sum(self.hours) / 3600.0
        while True:
            at_s += random.expovariate(peak_per_s)
            hour = int(hour_at_start + at_s / 3600.0) % 24
            if random.random() * peak < self.hours[hour]:
                return at_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """One thing at one or three phases."""

    name: str
    program: Program
    phases: tuple[int, ...] = (1,)
    """Grid phases; the power is split evenly."""
    habit: Habit | None = None
    """`None`: only when somebody switches it on."""
    always: bool = False
    """Runs from the start: fridge, standby, heating."""


def steady(power_w: float, seconds: float) -> Program:
    """Build something that runs at one power: a kettle, a hair dryer. The time varies by a third."""

    def bursts(random: Random) -> Iterator[Burst]:
        yield power_w, seconds * random.uniform(0.67, 1.33)

    return bursts


def thermostat(
    power_w: float, *, on_s: float, off_s: float, heat_up_s: float = 0.0, lasts_s: float | None = None
) -> Program:
    """Build something that heats up, then switches on and off; endless without `lasts_s`."""

    def bursts(random: Random) -> Iterator[Burst]:
        if heat_up_s > 0.0:
            yield power_w, heat_up_s
        passed_s = 0.0
        while lasts_s is None or passed_s < lasts_s:
            rest_s, work_s = (span_s * random.uniform(0.75, 1.25) for span_s in (off_s, on_s))
            yield 0.0, rest_s
            yield power_w, work_s
            passed_s += rest_s + work_s

    return bursts


def course(*bursts: Burst) -> Program:
    """Build a fixed course: a washing machine heats, turns, spins."""

    def bursts_at_its_pace(random: Random) -> Iterator[Burst]:
        pace = random.uniform(0.9, 1.1)
        for power_w, seconds in bursts:
            yield power_w, seconds * pace

    return bursts_at_its_pace


def restless(low_w: float, high_w: float, change_s: float, lasts_s: float | None = None) -> Program:
    """Build small things that come and go: light, screens, chargers."""

    def bursts(random: Random) -> Iterator[Burst]:
        passed_s = 0.0
        power_w = random.uniform(low_w, high_w)
        while lasts_s is None or passed_s < lasts_s:
            seconds = random.expovariate(1.0 / change_s) + 1.0
            yield power_w, seconds
            passed_s += seconds
            step_w = random.gauss(0.0, (high_w - low_w) / 12.0)
            power_w = min(high_w, max(low_w, power_w + step_w))

    return bursts


def scaled(program: Program, factor: float) -> Program:
    """Build the same course at a share of its power: what a smaller supply can have."""

    def bursts(random: Random) -> Iterator[Burst]:
        for power_w, seconds in program(random):
            yield power_w * factor, seconds

    return bursts
