"""A toy house in plain Python: sun, cars that follow late, meters that tell late, a plain sharing.

It closes the loop around the solar policy alone, without promises, fuses and the real plan.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from controller.domain.units import ChargerId
from controller.domain.view import View
from controller.domain.wishes import Budget, Member, Opinion
from policies import ALL
from tests.fakes.policy_views import house, member, spec, state, view

VOLT = 230.0


@dataclass
class ToyCar:
    """One charger with its car; currents in A a phase."""

    id: str
    lines: int = 1
    min_a: float = 6.0
    max_a: float = 16.0
    device_delay_s: float = 1.0
    follow_s: float = 5.0
    takes_a: float = 32.0
    """The car's own limit; 0: full."""
    settings: dict[str, float] = field(default_factory=dict)
    told_a: float = 0.0
    obeyed_a: float = 0.0
    drawn_a: float = 0.0
    changed_s: float = -1e9
    changes: list[tuple[float, float]] = field(default_factory=list)
    _coming: list[tuple[float, float]] = field(default_factory=list)
    _told_meter: deque[float] = field(default_factory=deque)

    @property
    def starts(self) -> int:
        """How often it was told to charge after a pause."""
        told = [0.0, *(current_a for _, current_a in self.changes)]
        return sum(1 for before, after in pairwise(told) if before == 0 < after)

    def tell(self, now_s: float, limit_a: float) -> None:
        """Write a limit the way the plan does: not too often, not for less than a step."""
        raises = limit_a > self.told_a
        if abs(limit_a - self.told_a) < 1.0 or now_s - self.changed_s < (10.0 if raises else 5.0):
            return
        self.told_a, self.changed_s = limit_a, now_s
        self.changes.append((now_s, limit_a))
        self._coming.append((now_s + self.device_delay_s, limit_a))

    def move(self, now_s: float) -> None:
        """Let one second pass."""
        while self._coming and self._coming[0][0] <= now_s:
            self.obeyed_a = self._coming.pop(0)[1]
        aim_a = min(self.obeyed_a, self.takes_a)
        rate_a = self.max_a / self.follow_s
        self.drawn_a += max(-rate_a, min(rate_a, aim_a - self.drawn_a))

    def seen_a(self, lag_s: int) -> float:
        """Tell the draw as the charger tells it, late."""
        self._told_meter.append(self.drawn_a)
        while len(self._told_meter) > lag_s + 1:
            self._told_meter.popleft()
        return self._told_meter[0]


@dataclass
class ToyHouse:
    """The loop, second by second."""

    cars: Sequence[ToyCar]
    sun_w: Callable[[float], float]
    load_w: Callable[[float], float] = lambda _: 300.0
    meter_delay_s: int = 0
    charger_lag_s: int = 1
    grid_w: list[float] = field(default_factory=list)
    memory: dict[str, tuple[float, ...]] = field(default_factory=dict)
    now_s: float = 0.0

    def run(self, seconds: int) -> "ToyHouse":
        """Let time pass."""
        for _ in range(seconds):
            self.now_s += 1.0
            self._second()
        return self

    def _second(self) -> None:
        for car in self.cars:
            car.move(self.now_s)
        cars_w = sum(car.drawn_a * car.lines * VOLT for car in self.cars)
        self.grid_w.append(self.load_w(self.now_s) + cars_w - self.sun_w(self.now_s))
        members = tuple(self._member(car) for car in self.cars)
        opinion = ALL["solar_surplus"].judge(self._view(), members, self.memory)
        self.memory = dict(opinion.memory)
        for index, limit_a in self._shares(opinion).items():
            self.cars[index].tell(self.now_s, limit_a)

    def _member(self, car: ToyCar) -> Member:
        return member("solar_surplus", car.id, settings=car.settings)

    def _view(self) -> View:
        late = max(0, len(self.grid_w) - 1 - self.meter_delay_s)
        site = house(*(spec(c.id, (1, 2, 3)[: c.lines], min_a=c.min_a, max_a=c.max_a) for c in self.cars))
        seen_a = {car.id: car.seen_a(self.charger_lag_s) for car in self.cars}
        states = {
            ChargerId(c.id): state(
                c.id, draw_a=(seen_a[c.id], *((seen_a[c.id],) * 2 if c.lines > 1 else (0.0, 0.0)))
            )
            for c in self.cars
        }
        present_a = {ChargerId(car.id): car.told_a for car in self.cars}
        return view(
            site, mono_s=self.now_s, chargers=states, present_a=present_a, grid_power_w=self.grid_w[late]
        )

    def _shares(self, opinion: Opinion) -> dict[int, float]:
        """Give minima first, then a step at a time to whoever has least, within the budget."""
        wanted = {wish.charger: wish.preferred_a or 0.0 for wish in opinion.wishes}
        shares = {
            index: car.min_a if wanted[ChargerId(car.id)] >= car.min_a else 0.0
            for index, car in enumerate(self.cars)
        }
        budget = opinion.budgets[0] if opinion.budgets else None
        while (index := self._next(shares, wanted, budget)) is not None:
            shares[index] += 1.0
        return shares

    def _next(
        self, shares: dict[int, float], wanted: dict[ChargerId, float], budget: Budget | None
    ) -> int | None:
        used_w = sum(
            shares[index] * car.lines * VOLT
            for index, car in enumerate(self.cars)
            if budget is not None and car.id in budget.chargers
        )
        for index in sorted(shares, key=lambda index: shares[index]):
            car = self.cars[index]
            if not 0 < shares[index] < wanted[ChargerId(car.id)]:
                continue
            bound = budget is not None and car.id in budget.chargers
            if not bound or (budget is not None and used_w + car.lines * VOLT <= (budget.limit_w or 0.0)):
                return index
        return None
