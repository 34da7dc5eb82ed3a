"""A site at work: chargers that obey and report, meters that see it, tick after tick, for `decide()`."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from controller.domain.readings import (
    Answer,
    ChargerState,
    Draw,
    MeterReading,
    MeterRole,
    Outcome,
    Plug,
)
from controller.domain.shares import Problem
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.snapshot import Memory, MeterPlace, Snapshot
from controller.domain.units import ChargerId, CircuitId, MeterId, Phases
from controller.domain.writes import Decision

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
DRAWS, APART = 5, 3
"""Draws that each charger tells with every tick, and how many seconds apart: they reach over the window."""
OLDEST_S = 1.0
# A car stays a little below its limit; meters and chargers never tell the same figure twice.
BELOW_LIMIT_A = 0.3
NOISE_A = 0.05


def site_of(problem: Problem, mode: str) -> tuple[Site, tuple[MeterPlace, ...]]:
    """Wire a problem as a site where every circuit has its own meter."""
    circuits = tuple(
        Circuit(id=supply.id, parent=supply.parent, limit_a=supply.limit_a, meter=_meter(supply.id))
        for supply in problem.supplies
    )
    chargers = tuple(
        ChargerSpec(
            id=claim.id,
            circuit=claim.circuit,
            phases=claim.phases,
            max_a=min(claim.wanted_a, claim.max_a),
            weight=claim.weight,
            mode=mode,
        )
        for claim in problem.claims
    )
    places = tuple(
        MeterPlace(id=_meter(circuit.id), role=MeterRole.CIRCUIT, circuit=circuit.id) for circuit in circuits
    )
    return Site(id="bench", circuits=circuits, chargers=chargers), places


def _meter(circuit: CircuitId) -> MeterId:
    return MeterId(f"meter of {circuit}")


@dataclass(slots=True, kw_only=True)
class SiteAtWork:
    """Everything outside of `decide()`; what it writes is delivered, obeyed and read back a second later."""

    site: Site
    places: tuple[MeterPlace, ...]
    background_a: Phases
    """What the household puts on the root; every circuit below carries the same, as the instances say."""
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    now_s: float = 1000.0
    memory: Memory = field(default_factory=Memory)
    limit_a: dict[ChargerId, float] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    draws: dict[ChargerId, tuple[Draw, ...]] = field(default_factory=dict)
    age_s: dict[str, float] = field(default_factory=dict)
    """How long before each tick a device was read: each at its own instant, as on a real site."""

    def next_snapshot(self, step_s: float = 1.0) -> Snapshot:
        """Let time pass and read everything afresh."""
        self.now_s += step_s
        states = {charger.id: self._state(charger) for charger in self.site.chargers}
        flows = self._flows()
        meters = {
            place.id: MeterReading(
                id=place.id, at_mono_s=self._read_mono_s(place.id), currents_a=flows[place.circuit]
            )
            for place in self.places
        }
        return Snapshot(
            at=START + timedelta(seconds=self.now_s),
            mono_s=self.now_s,
            site=self.site,
            places=self.places,
            meters=meters,
            chargers=states,
            answers=self.answers,
            memory=self.memory,
        )

    def obey(self, decision: Decision) -> None:
        """Take a decision's writes and memory."""
        self.memory = decision.memory
        self.answers = tuple(
            Answer(write=write.number, outcome=Outcome.DELIVERED, at_mono_s=self.now_s)
            for write in decision.writes
        )
        for write in decision.writes:
            self.limit_a[write.charger] = write.limit_a

    def _state(self, charger: ChargerSpec) -> ChargerState:
        limit_a = self.limit_a.get(charger.id, 0.0)
        drawn_a = max(0.0, limit_a - BELOW_LIMIT_A)
        before = self.draws.get(charger.id, ())[-APART * DRAWS :]
        at_s = self._read_mono_s(charger.id)
        draw = Draw(at_mono_s=at_s, currents_a=self._drawn_a(charger, drawn_a))
        self.draws[charger.id] = draws = (*before, draw)
        return ChargerState(
            id=charger.id,
            at_mono_s=at_s,
            plug=Plug.C if limit_a > 0 else Plug.B,
            limit_a=limit_a,
            draws=draws[::-APART][DRAWS - 1 :: -1],
            session_id="1",
        )

    def _read_mono_s(self, device: str) -> float:
        if device not in self.age_s:
            self.age_s[device] = self.dice.uniform(0.0, OLDEST_S)
        return self.now_s - self.age_s[device]

    def _drawn_a(self, charger: ChargerSpec, drawn_a: float) -> Phases:
        line_a = [0.0, 0.0, 0.0]
        for phase in charger.phases:
            noise_a = self.dice.uniform(-NOISE_A, NOISE_A) if drawn_a else 0.0
            line_a[phase - 1] = drawn_a + noise_a
        return line_a[0], line_a[1], line_a[2]

    def _flows(self) -> dict[CircuitId, Phases]:
        sums = {circuit.id: list(self.background_a) for circuit in self.site.circuits}
        for charger in self.site.chargers:
            drawn_a = self.draws[charger.id][-1].currents_a
            for circuit in self.site.path[charger.circuit]:
                for index in range(3):
                    sums[circuit][index] += drawn_a[index]
        return {circuit: (row[0], row[1], row[2]) for circuit, row in sums.items()}


def at_work(problem: Problem, mode: str) -> SiteAtWork:
    """Start a site at nothing; its chargers have just come back from a restart."""
    site, places = site_of(problem, mode)
    background_a = problem.supplies[0].background_a
    return SiteAtWork(site=site, places=places, background_a=background_a)
