"""Referee: watches what truly flows, and how long anything is above its limit after it could be known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.domain.snapshot import Snapshot
from controller.domain.units import Phases
from controller.domain.writes import Decision, Kind
from simulator.breaker import Protection
from simulator.house.house import House
from simulator.meters.quantities import Quantities

# What the demo promises: inside the fuse again so soon after the sample that shows the step.
LONGEST_S = 10.0
MOST_OF_FUSE = 0.2


@dataclass(slots=True)
class _Spell:
    """One phase above its limit."""

    since_s: float
    shown_s: float | None = None
    """When a sample of the meter first showed it."""


@dataclass(slots=True, kw_only=True)
class Score:
    """What was seen so far."""

    watched_s: float = 0.0
    worst_s: float = 0.0
    """Longest time above a limit after the sample that showed it."""
    spells: int = 0
    """How often a phase was above its limit."""
    peak_a: float = 0.0
    writes: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    charged_wh: float = 0.0
    solar_wh: float = 0.0


class Referee:
    """A gauge at the root that nobody's controller reads."""

    def __init__(self, house: House, curve: str = "gG") -> None:
        self._house = house
        self.limit_a: Phases = house.site.circuits[0].limit_a
        self.protection = Protection(self.limit_a, curve)
        self.score = Score()
        self._spells: dict[int, _Spell] = {}
        self._last_s = house.at_s

    @property
    def passed(self) -> bool:
        """Whether everything stayed as promised."""
        return self.score.worst_s <= LONGEST_S and self.protection.worst < MOST_OF_FUSE

    @property
    def state(self) -> Mapping[int, float]:
        """How much of the overload that melts each fuse is used up now, 0 to 1."""
        return {phase: pole.state for phase, pole in self.protection.poles.items()}

    def set_quantities(self, quantities: Quantities) -> None:
        """See what flows after a step of the house."""
        at_s = self._house.at_s
        dt_s, self._last_s = at_s - self._last_s, at_s
        one, two, three = (current_a or 0.0 for current_a in quantities.currents_a)
        self.protection.step((one, two, three), dt_s)
        self.score.watched_s += dt_s
        self.score.peak_a = max(self.score.peak_a, one, two, three)
        for phase, current_a in enumerate((one, two, three), start=1):
            self._judge(phase, current_a, at_s)
        self._count(dt_s)

    def hear(self, snapshot: Snapshot, decision: Decision) -> None:
        """See what the controller saw and did at a tick."""
        for write in decision.writes:
            self.score.writes[write.kind] += 1
        for phase, spell in self._spells.items():
            if spell.shown_s is None and self._shows(snapshot, phase):
                spell.shown_s = self._house.at_s

    def _shows(self, snapshot: Snapshot, phase: int) -> bool:
        meter = snapshot.site.circuits[0].meter
        reading = None if meter is None else snapshot.meters.get(meter)
        current_a = None if reading is None else reading.currents_a[phase - 1]
        return current_a is not None and current_a > self.limit_a[phase - 1]

    def _judge(self, phase: int, current_a: float, at_s: float) -> None:
        spell = self._spells.get(phase)
        if current_a <= self.limit_a[phase - 1]:
            self._spells.pop(phase, None)
            return
        if spell is None:
            self._spells[phase] = _Spell(at_s)
            self.score.spells += 1
        elif spell.shown_s is not None:
            self.score.worst_s = max(self.score.worst_s, at_s - spell.shown_s)

    def _count(self, dt_s: float) -> None:
        charging_w = sum(bay.flow.power_w for bay in self._house.bays.values())
        self.score.charged_wh += charging_w * dt_s / 3600.0
        self.score.solar_wh += self._house.solar_flow.power_w * dt_s / 3600.0
