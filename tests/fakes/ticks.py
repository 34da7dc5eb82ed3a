"""Ticks: one site, tick by tick, with every reading and answer as the test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from controller.domain.decision import decide
from controller.domain.modes import Mode, Policies
from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    MeterRole,
    Outcome,
    Plug,
)
from controller.domain.reasons import Code, Reason
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot, Timing
from controller.domain.units import ChargerId, CircuitId, MaybePhases, MeterId, Phases
from controller.domain.writes import ChargerVerdict, Decision, Kind, Write

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
START_S = 1000.0
MAIN, GRID = CircuitId("main"), MeterId("grid")
A, B, C = ChargerId("a"), ChargerId("b"), ChargerId("c")
# Everybody wants the maximum: no policy stands between the test and the core.
PLAIN = Policies(modes={"fast": Mode(name="fast", stack=(), settings={})}, registry={})


def even(current_a: float) -> Phases:
    """Put the same current on every phase."""
    return current_a, current_a, current_a


_FUSE_A, _NOTHING_A = even(25.0), even(0.0)


def spec(name: ChargerId = A, **changes: Any) -> ChargerSpec:  # noqa: ANN401 - any field
    """Describe a charger of 6 to 16 A on the main circuit."""
    return replace(ChargerSpec(id=name, circuit=MAIN), **changes)


def house(*chargers: ChargerSpec, limit_a: Phases = _FUSE_A, **changes: Any) -> Site:  # noqa: ANN401 - any field
    """Build a house of one fuse with the grid's meter."""
    main = replace(Circuit(id=MAIN, limit_a=limit_a, meter=GRID), **changes)
    return Site(circuits=(main,), chargers=chargers or (spec(),))


@dataclass
class Ticks:
    """A site and what it hears; `tick` decides and carries the memory on."""

    site: Site = field(default_factory=house)
    places: tuple[MeterPlace, ...] = (MeterPlace(id=GRID, role=MeterRole.CIRCUIT, circuit=MAIN),)
    policies: Policies = PLAIN
    timing: Timing = field(default_factory=Timing)
    now_s: float = START_S
    memory: Memory = field(default_factory=Memory)
    meters: dict[MeterId, MeterReading] = field(default_factory=dict)
    states: dict[ChargerId, ChargerState] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    """Any other field of the snapshot."""
    decision: Decision | None = None

    def meter(self, currents_a: MaybePhases, name: MeterId = GRID, **changes: Any) -> "Ticks":  # noqa: ANN401 - any field
        """Let a meter tell its currents now."""
        reading = MeterReading(id=name, at_mono_s=self.now_s, currents_a=currents_a)
        self.meters[name] = replace(reading, **changes)
        return self

    def hear(
        self,
        name: ChargerId = A,
        limit_a: float | None = 0.0,
        draw_a: float | Phases | None = 0.0,
        **changes: Any,  # noqa: ANN401 - any field
    ) -> "Ticks":
        """Let a charger tell its limit and its draw now; a car is there."""
        draws: tuple[Draw, ...] = ()
        if draw_a is not None:
            before = self.states[name].draws if name in self.states else ()
            draws = (*before, Draw(at_mono_s=self.now_s, currents_a=self._drawn(name, draw_a)))[-30:]
        state = ChargerState(id=name, at_mono_s=self.now_s, plug=Plug.C, limit_a=limit_a, draws=draws)
        self.states[name] = replace(state, **changes)
        return self

    def _drawn(self, name: ChargerId, draw_a: float | Phases) -> Phases:
        if isinstance(draw_a, tuple):
            return draw_a
        phases = self.site.charger[name].phases if name in self.site.charger else (1, 2, 3)
        drawn = [draw_a if phase in phases else 0.0 for phase in (1, 2, 3)]
        return drawn[0], drawn[1], drawn[2]

    def answer(self, write: Write | int, outcome: Outcome = Outcome.DELIVERED) -> "Ticks":
        """Let a write end."""
        number = write if isinstance(write, int) else write.number
        self.answers.append(Answer(write=number, outcome=outcome, at_mono_s=self.now_s))
        return self

    def snapshot(self) -> Snapshot:
        """Freeze what is heard so far."""
        values: dict[str, Any] = {"at": AT + timedelta(seconds=self.now_s - START_S), **self.more}
        return Snapshot(
            mono_s=self.now_s,
            site=self.site,
            timing=self.timing,
            places=self.places,
            meters=dict(self.meters),
            chargers=dict(self.states),
            answers=tuple(self.answers),
            memory=self.memory,
            **values,
        )

    def tick(self, after_s: float = 0.0) -> Decision:
        """Decide on what was heard so far, after some time."""
        self.now_s += after_s
        self.decision = decide(self.snapshot(), self.policies)
        self.memory, self.answers = self.decision.memory, []
        return self.decision

    def live(
        self,
        seconds: int,
        *,
        base_a: Phases = (0.0, 0.0, 0.0),
        deaf: Sequence[ChargerId] = (),
        follows: bool = True,
    ) -> "Ticks":
        """Let honest devices live second by second: they obey at once, their cars take what is offered."""
        for _ in range(seconds):
            self.now_s += 1.0
            for charger in self.site.chargers:
                state = self.states.get(charger.id)
                if state is not None and charger.id not in deaf:
                    limit_a = self._held_a(charger.id, state)
                    takes = follows and state.plug.car
                    self.hear(charger.id, limit_a, limit_a if takes else 0.0, plug=state.plug)
            if GRID in self.meters:
                self.meter(self._flow_a(base_a))
            self.tick()
        return self

    def _held_a(self, name: ChargerId, state: ChargerState) -> float:
        held_a = state.limit_a or 0.0
        for write in self.decision.writes if self.decision is not None else ():
            if write.charger == name:
                self.answer(write)
                held_a = write.limit_a
        return held_a

    def _flow_a(self, base_a: Phases) -> Phases:
        flow = list(base_a)
        for state in self.states.values():
            for index, drawn_a in enumerate(state.draw_a or ()):
                flow[index] += drawn_a
        return flow[0], flow[1], flow[2]

    def write(self, name: ChargerId = A) -> Write | None:
        """Find what a charger was told in the last tick."""
        assert self.decision is not None
        return next((write for write in self.decision.writes if write.charger == name), None)

    def told(self, name: ChargerId = A) -> tuple[float, Kind] | None:
        """Tell the limit and kind that a charger was sent in the last tick."""
        write = self.write(name)
        return None if write is None else (write.limit_a, write.kind)

    def verdict(self, name: ChargerId = A) -> ChargerVerdict:
        """Tell what the last tick decided for a charger."""
        assert self.decision is not None
        return self.decision.chargers[name]

    def reason(self, code: Code, name: ChargerId = A) -> Reason | None:
        """Find a reason of the last tick by its code."""
        return next((reason for reason in self.verdict(name).reasons if reason.code is code), None)


def running(*chargers: ChargerSpec, base_a: Phases = _NOTHING_A, seconds: int = 60, **changes: Any) -> Ticks:  # noqa: ANN401 - any field
    """Start a house whose chargers have long reached their shares."""
    site = changes.pop("site", None) or house(*chargers)
    ticks = Ticks(site=site, **changes)
    for charger in site.chargers:
        ticks.hear(charger.id)
    ticks.meter(base_a)
    ticks.tick()
    return ticks.live(seconds, base_a=base_a)
