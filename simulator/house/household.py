"""Household: appliances that people switch on and off, as a base load."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from controller.domain.units import ZERO, Phases
from simulator.house.programs import Appliance, Burst


class Household:
    """Let every appliance live by its habit, and people switch what they name.

    Each appliance has a random source of its own: switching one by hand does not change another's day. What
    a seed leads to does not depend on the size of the steps taken.
    """

    def __init__(self, appliances: Sequence[Appliance], *, seed: int, hour_at_start: float = 0.0) -> None:
        self._running = {
            appliance.name: _Running(appliance, Random(f"{seed}/{appliance.name}"), hour_at_start)
            for appliance in appliances
        }
        self._due = [(running.changes_at_s, name) for name, running in self._running.items()]
        heapq.heapify(self._due)
        self._total_w = ZERO

    @property
    def on(self) -> tuple[str, ...]:
        """The names of what takes power now."""
        return tuple(name for name, running in self._running.items() if running.power_w > 0.0)

    def knows(self, name: str) -> bool:
        """Tell whether there is an appliance of that name."""
        return name in self._running

    def switch(self, name: str, at_s: float, *, on: bool) -> None:
        """Start an appliance's program from its beginning, or end it.

        Raises:
            KeyError: there is none of that name.
        """
        running = self._running[name]
        if on:
            running.start(at_s)
        else:
            running.stop(at_s)
        # The old entry in the queue stays behind and is recognised by its time.
        heapq.heappush(self._due, (running.changes_at_s, name))
        self._add_up()

    def powers_w(self, at_s: float) -> Phases:
        """Tell the power on each phase."""
        if self._due and self._due[0][0] <= at_s:
            while self._due and self._due[0][0] <= at_s:
                self._change(*heapq.heappop(self._due))
            self._add_up()
        return self._total_w

    def _change(self, due_s: float, name: str) -> None:
        running = self._running[name]
        if running.changes_at_s != due_s:
            return
        running.advance()
        heapq.heappush(self._due, (running.changes_at_s, name))

    def _add_up(self) -> None:
        total_w = [0.0, 0.0, 0.0]
        for running in self._running.values():
            if running.power_w:
                for phase in running.appliance.phases:
                    total_w[phase - 1] += running.power_w / len(running.appliance.phases)
        self._total_w = (total_w[0], total_w[1], total_w[2])


class _Running:
    """One appliance and where it is in its program."""

    def __init__(self, appliance: Appliance, random: Random, hour_at_start: float) -> None:
        self.appliance, self._random, self._hour_at_start = appliance, random, hour_at_start
        self.power_w = 0.0
        self._bursts: Iterator[Burst] | None = None
        self.changes_at_s = 0.0 if appliance.always else self._next_start_s(0.0)

    def start(self, at_s: float) -> None:
        self._bursts, self.changes_at_s = self.appliance.program(self._random), at_s
        self.advance()

    def stop(self, at_s: float) -> None:
        self._bursts, self.power_w = None, 0.0
        self.changes_at_s = self._next_start_s(at_s)

    def advance(self) -> None:
        """Go to the next burst, the first after a rest, or to rest."""
        if self._bursts is None:
            self._bursts = self.appliance.program(self._random)
        burst = next(self._bursts, None)
        if burst is None:
            self.stop(self.changes_at_s)
            return
        self.power_w = burst[0]
        self.changes_at_s += burst[1]

    def _next_start_s(self, after_s: float) -> float:
        if self.appliance.habit is None:
            return float("inf")
        return self.appliance.habit.next_start_s(self._random, after_s, self._hour_at_start)


def moved(appliances: Sequence[Appliance], onto: Mapping[int, int]) -> tuple[Appliance, ...]:
    """Put appliances onto other phases: those of a single-phase site all onto the one it has.

    >>> from simulator.house.appliances import kitchen_and_bath
    >>> {phase for one in moved(kitchen_and_bath(), {1: 1, 2: 1, 3: 1}) for phase in one.phases}
    {1}
    """
    return tuple(
        replace(one, phases=tuple(dict.fromkeys(onto[phase] for phase in one.phases))) for one in appliances
    )
