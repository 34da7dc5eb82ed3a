"""A garage with a limiter of its own that obeys, and a policy that wishes for its limit."""

from dataclasses import replace
from typing import Any

from controller.domain.modes import Mode, Policies
from controller.domain.readings import Answer, Outcome
from controller.domain.reasons import Code, Reason
from controller.domain.site import Circuit, Limiter
from controller.domain.snapshot import Snapshot
from controller.domain.units import CircuitId, Phases
from controller.domain.view import View
from controller.domain.wishes import LimiterWish, Member, Opinion, Parameter, PolicyMemory
from controller.domain.writes import LimiterWrite
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, spec

GARAGE = CircuitId("garage")


class Wishing:
    """Wants a per-phase limit for the garage."""

    name: str = "wishing"
    parameters: tuple[Parameter, ...] = ()

    def __init__(self, limit_a: Phases) -> None:
        self.limit_a = limit_a

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Say it."""
        del view, members, memory
        reason = Reason(code=Code.PHASE_BALANCE, by=self.name)
        return Opinion(limiters=(LimiterWish(circuit=GARAGE, limit_a=self.limit_a, reason=reason),))


def wishing(limit_a: Phases) -> Policies:
    """Make every charger a member of a policy that wants a limit."""
    mode = Mode(name="fast", stack=("wishing",), settings={})
    return Policies(modes={"fast": mode}, registry={"wishing": Wishing(limit_a)})


class Garage(Ticks):
    """A house of 25 A with a garage whose own device obeys."""

    held_a: Phases = even(32.0)
    hears: bool = True

    def snapshot(self) -> Snapshot:
        """Add what the limiter was read back at."""
        limiters = {GARAGE: (self.now_s, self.held_a)} if self.hears else {}
        return replace(super().snapshot(), limiters=limiters)

    def pass_s(self, seconds: int, base_a: float = 0.0) -> list[LimiterWrite]:
        """Let an obedient limiter live; list what it was told."""
        told: list[LimiterWrite] = []
        for _ in range(seconds):
            self.now_s += 1.0
            for state in list(self.states.values()):
                self.hear(state.id, state.limit_a, state.draw_a)
            self.meter(even(base_a))
            decision = self.tick()
            for write in decision.limiter_writes:
                told.append(write)
                self.held_a = write.limit_a
                self.answers.append(
                    Answer(write=write.number, outcome=Outcome.DELIVERED, at_mono_s=self.now_s + 0.5)
                )
        return told


def garage(limiter: Limiter | None = None, policies: Policies | None = None, **changes: Any) -> Garage:  # noqa: ANN401 - any field
    """Put charger a and b into a garage of 20 A that has its own device."""
    below = Circuit(
        id=GARAGE,
        parent=MAIN,
        limit_a=even(20.0),
        background_a=even(0.0),
        limiter=limiter or Limiter(),
    )
    site = house(spec(A, circuit=GARAGE), spec(B, circuit=GARAGE))
    site = replace(site, circuits=(*site.circuits, replace(below, **changes)))
    ticks = Garage(site=site) if policies is None else Garage(site=site, policies=policies)
    ticks.hear(A).hear(B).meter(even(0.0))
    return ticks
