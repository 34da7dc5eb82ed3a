"""Cars: how a battery on wheels follows the current that it is offered."""

import math
from collections import deque
from dataclasses import dataclass

from controller.domain.units import MIN_CURRENT_A, ZERO, Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class CarModel:
    """What a kind of car does; the defaults are an ordinary 11 kW car."""

    name: str = "hatchback"
    phases: int = 3
    """How many phases the onboard charger uses, from the cable's L1 on."""
    onboard_a: float = 16.0
    """The most it draws on each of its phases."""
    capacity_wh: float = 58_000.0
    least_a: float = MIN_CURRENT_A
    """Below this it draws nothing; a car that limits itself goes lower than any pilot."""
    follow_s: float = 5.0
    """Time from a new offer to the car's first move; IEC 61851-1 allows 5 s, some need 6 s more."""
    wake_s: float = 3.0
    """Extra time before the first ampere after a pause; sleepy cars need a minute."""
    ramp_a_per_s: float = 4.0
    """How fast the draw rises."""
    fall_a_per_s: float = 20.0
    """How fast the draw falls."""
    bias_a: float = 0.0
    """Draws this much more than it aims at; negative for a car that stays below its offer."""
    taper_from_pct: float = 95.0
    """State of charge where the draw starts to fall (constant voltage)."""
    taper_to_a: float = 3.0
    """The draw just before full; cars go below 6 A here although they were offered more."""
    efficiency: float = 0.9
    """Share of the energy from the cable that arrives in the battery."""


class Car:
    """One car at a connector.

    It obeys the offer of `follow_s` ago, rises by `ramp_a_per_s`, sleeps below `least_a`, tapers near full
    and never draws more than its onboard charger can (apart from its bias).
    """

    def __init__(self, model: CarModel, *, soc_pct: float = 40.0) -> None:
        self.model = model
        self.stored_wh = model.capacity_wh * soc_pct / 100.0
        self.drawn_wh = 0.0
        """Energy taken from the cable since it was built."""
        self.draw_a = 0.0
        """The current on each phase in use now."""
        self.lines = model.phases
        """How many phases it uses here; whoever plugs it into a smaller connector lowers this."""
        self._obeys_a = 0.0
        self._heard: deque[tuple[float, float]] = deque()
        self._at_s = 0.0
        self._awake_at_s = math.inf

    @property
    def soc_pct(self) -> float:
        """State of charge."""
        return 100.0 * self.stored_wh / self.model.capacity_wh

    @property
    def full(self) -> bool:
        """Whether nothing more fits in."""
        return self.stored_wh >= self.model.capacity_wh

    def step(self, offered_a: float, voltage_v: float, dt_s: float) -> Phases:
        """Live on under an offer and return what is drawn on the device's L1, L2, L3.

        `voltage_v` is what one ampere on one phase in use weighs in watts.
        """
        self._at_s += dt_s
        self._hear(offered_a)
        self._move(self._target_a(), dt_s)
        self._charge(voltage_v, dt_s)
        return self.currents_a

    @property
    def currents_a(self) -> Phases:
        """What is drawn now, in the device's own order."""
        if self.draw_a == 0.0:
            return ZERO
        a, phases = self.draw_a, self.lines
        return (a, a if phases > 1 else 0.0, a if phases > 2 else 0.0)  # noqa: PLR2004 - three lines

    def _hear(self, offered_a: float) -> None:
        last_a = self._heard[-1][1] if self._heard else self._obeys_a
        if offered_a != last_a:
            self._heard.append((self._at_s + self.model.follow_s, offered_a))
        while self._heard and self._heard[0][0] <= self._at_s:
            self._obey(self._heard.popleft()[1])

    def _obey(self, offered_a: float) -> None:
        least_a = self.model.least_a
        if offered_a < least_a:
            self._awake_at_s = math.inf
        elif self._obeys_a < least_a:
            self._awake_at_s = self._at_s + self.model.wake_s
        self._obeys_a = offered_a

    def _target_a(self) -> float:
        if self._at_s < self._awake_at_s or self.full:
            return 0.0
        return max(0.0, min(self._obeys_a, self.model.onboard_a, self._taper_a()) + self.model.bias_a)

    def _taper_a(self) -> float:
        model = self.model
        if self.soc_pct <= model.taper_from_pct:
            return model.onboard_a
        done = (self.soc_pct - model.taper_from_pct) / (100.0 - model.taper_from_pct)
        return model.onboard_a + (model.taper_to_a - model.onboard_a) * done

    def _move(self, target_a: float, dt_s: float) -> None:
        if target_a >= self.draw_a:
            self.draw_a = min(target_a, self.draw_a + self.model.ramp_a_per_s * dt_s)
        else:
            self.draw_a = max(target_a, self.draw_a - self.model.fall_a_per_s * dt_s)

    def _charge(self, voltage_v: float, dt_s: float) -> None:
        if self.draw_a == 0.0:
            return
        drawn_wh = self.draw_a * self.lines * voltage_v * dt_s / 3600.0
        self.drawn_wh += drawn_wh
        self.stored_wh = min(self.model.capacity_wh, self.stored_wh + drawn_wh * self.model.efficiency)


ORDINARY = CarModel()
ONE_PHASE = CarModel(name="city car", phases=1, onboard_a=32.0, capacity_wh=40_000.0, ramp_a_per_s=2.0)
TWO_PHASE = CarModel(name="plug-in hybrid", phases=2, onboard_a=16.0, capacity_wh=13_000.0, follow_s=2.0)
SLEEPY = CarModel(name="sleeper", wake_s=45.0, follow_s=11.0, capacity_wh=77_000.0)
MODEST = CarModel(name="modest saloon", bias_a=-1.2, ramp_a_per_s=1.0, capacity_wh=75_000.0)
GREEDY = CarModel(name="old roadster", bias_a=0.6, phases=1, onboard_a=20.0, capacity_wh=30_000.0)
SELF_LIMITING = CarModel(name="long-range saloon", least_a=1.0, wake_s=6.0, capacity_wh=75_000.0)
MODELS = (ORDINARY, ONE_PHASE, TWO_PHASE, SLEEPY, MODEST, GREEDY)
