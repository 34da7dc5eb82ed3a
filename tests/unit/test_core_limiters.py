"""Circuit limiters: the circuit's own device obeys per-phase limits, with a time to live and a fallback."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from controller.domain.modes import Mode, Policies
from controller.domain.readings import Answer, MeterRole, Outcome
from controller.domain.reasons import Code, Reason
from controller.domain.site import Circuit, Limiter
from controller.domain.snapshot import MeterPlace, Snapshot
from controller.domain.units import CircuitId, MeterId, Phases
from controller.domain.view import View
from controller.domain.wishes import LimiterWish, Member, Opinion, Parameter, PolicyMemory
from controller.domain.writes import Kind, LimiterWrite
from policies.phase_balance import PhaseBalance
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


BALANCED = Mode(
    name="fast",
    stack=("phase_balance",),
    settings={"phase_balance": {"limiter_band_a": 2.0, "limiter_raise_s": 15.0, "spread_a": 0.0}},
)


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


def test_a_limiter_is_told_what_its_circuit_leaves() -> None:
    told = garage().pass_s(20)

    assert [(write.limit_a, write.kind) for write in told] == [(even(20.0), Kind.CUT)]


def test_a_limiter_is_told_no_more_than_a_policy_wants() -> None:
    told = garage(policies=wishing((10.0, 16.0, 30.0))).pass_s(20)

    assert told[-1].limit_a == (10.0, 16.0, 20.0)


def test_a_policys_limit_binds_the_shares_below_the_limiter_too() -> None:
    ticks = garage(policies=wishing((10.0, 16.0, 30.0)))

    decision = ticks.tick()

    assert sum(verdict.share_a for verdict in decision.chargers.values()) <= 10.0


def test_the_circuits_above_count_the_smaller_of_limiter_and_children() -> None:
    ticks = garage()
    ticks.held_a = even(9.0)
    ticks.hear(A, 16.0, 0.0).hear(B, 16.0, 0.0)
    for _ in range(30):
        ticks.tick(1.0)
        ticks.hear(A, 16.0, 0.0).hear(B, 16.0, 0.0).meter(even(0.0))
        ticks.answers = [
            Answer(write=w.number, outcome=Outcome.REFUSED, at_mono_s=ticks.now_s)
            for w in (ticks.decision.limiter_writes if ticks.decision else ())
        ]

    assert ticks.decision is not None
    assert ticks.decision.circuits[MAIN].promised_a == even(9.0)


def test_an_unconfirmed_cut_of_a_limiter_counts_at_its_old_value() -> None:
    ticks = garage()
    ticks.hear(A, 16.0, 0.0).hear(B, 16.0, 0.0)

    decision = ticks.tick()

    assert decision.limiter_writes[0].kind is Kind.CUT
    assert decision.circuits[MAIN].promised_a == even(32.0)


def test_a_silent_limiter_is_told_nothing_and_keeps_its_promise() -> None:
    ticks = garage()
    ticks.pass_s(20)
    ticks.hears = False

    ticks.tick(31.0)
    told = ticks.pass_s(5)

    assert told == []
    assert ticks.memory.circuits[GARAGE].limiter is not None


def test_a_limiter_rises_only_as_far_as_the_circuits_above_have_room() -> None:
    ticks = garage()
    ticks.held_a = even(6.0)
    for name in (A, B):
        ticks.hear(name, 16.0, 3.0)

    told = ticks.pass_s(90, base_a=16.0)

    # The meter shows 10 A of household and 6 A of cars; the cars' own limits would let 32 A through.
    assert all(max(write.limit_a) <= 15.0 for write in told)
    assert ticks.decision is not None
    assert max(ticks.decision.circuits[MAIN].promised_a) + 10.0 <= 25.0


def test_without_a_record_no_limiter_rises() -> None:
    ticks = garage()
    ticks.held_a = even(6.0)
    ticks.more["recording"] = False

    assert ticks.pass_s(90) == []


def test_a_limiter_that_is_lowered_on_one_phase_is_not_raised_on_another_by_the_same_write() -> None:
    ticks = garage(policies=wishing((10.0, 20.0, 20.0)))
    ticks.held_a = (20.0, 6.0, 6.0)

    told = ticks.pass_s(1)

    assert told[0].limit_a == (10.0, 6.0, 6.0)


def test_a_limiter_that_awaits_its_meter_after_a_start_is_left_alone() -> None:
    ticks = garage(background_a=None, meter="sub")
    ticks.held_a = even(12.0)

    assert ticks.tick(1.0).limiter_writes == ()


def test_a_limiter_that_awaits_the_meter_of_a_circuit_above_is_left_alone() -> None:
    ticks = garage(policies=Policies(modes={"fast": BALANCED}, registry={"phase_balance": PhaseBalance()}))
    ticks.held_a = even(12.0)
    ticks.hear(A, 12.0, 12.0)
    ticks.meters.clear()

    decision = ticks.tick(1.0)

    assert decision.limiter_writes == ()
    assert decision.writes == ()


def test_a_limiter_whose_meter_was_only_awaited_is_not_cut_by_the_policy_once_it_is_heard() -> None:
    ticks = garage(policies=Policies(modes={"fast": BALANCED}, registry={"phase_balance": PhaseBalance()}))
    ticks.held_a = even(20.0)
    ticks.meters.clear()
    ticks.tick(1.0)

    assert ticks.pass_s(20) == []


def test_behind_a_silent_meter_of_a_circuit_above_a_limiter_leaves_what_is_declared_safe() -> None:
    ticks = garage()
    ticks.held_a = even(20.0)
    ticks.pass_s(1)
    ticks.meters.clear()

    assert [write.limit_a for write in ticks.tick(10.0).limiter_writes] == [even(0.0)]


def test_behind_a_silent_meter_a_limiter_leaves_what_is_declared_safe() -> None:
    ticks = garage(background_a=None, meter="sub")
    chargers = tuple(replace(charger, safe_a=6.0) for charger in ticks.site.chargers)
    ticks.site = replace(ticks.site, chargers=chargers)
    ticks.held_a = even(18.0)
    ticks.tick()

    told = ticks.pass_s(10)

    assert [write.limit_a for write in told] == [even(12.0)]


def refused(ticks: Garage, seconds: int) -> list[float]:
    """Let a limiter refuse everything for a while; list when it was told something."""
    told: list[float] = []
    for _ in range(10 * seconds):
        ticks.now_s += 0.1
        ticks.hear(A).hear(B).meter(even(0.0))
        for write in ticks.tick().limiter_writes:
            told.append(ticks.now_s)
            ticks.answer(write.number, Outcome.REFUSED)
    return told


def test_a_limiter_that_refuses_is_told_again_less_and_less_often() -> None:
    told = refused(garage(), 60)

    pauses_s = [round(later - earlier) for earlier, later in pairwise(told)]
    assert pauses_s == [1, 2, 4, 8, 16]


def test_a_limiter_that_obeys_again_is_told_at_once() -> None:
    ticks = garage()
    refused(ticks, 40)
    ticks.pass_s(40)
    ticks.policies = wishing(even(9.0))

    assert [write.limit_a for write in ticks.pass_s(1)] == [even(9.0)]


def test_a_noisy_background_does_not_make_a_limiter_flap() -> None:
    ticks = garage(background_a=None, meter="sub")
    ticks.places = (*ticks.places, MeterPlace(id=MeterId("sub"), role=MeterRole.CIRCUIT, circuit=GARAGE))
    told: list[LimiterWrite] = []

    for second in range(600):
        ticks.meter(even(5.0 + (0.0, 3.0, 1.5)[second // 7 % 3]), MeterId("sub"))
        told += ticks.pass_s(1, base_a=8.0)

    assert len(told) <= 2


def test_a_limiter_pauses_between_a_change_and_a_raise() -> None:
    ticks = garage()
    ticks.site = replace(
        ticks.site,
        circuits=(ticks.site.circuits[0], replace(ticks.site.circuits[1], background_a=even(10.0))),
    )
    ticks.pass_s(5)
    assert ticks.held_a == even(10.0)
    ticks.site = replace(
        ticks.site,
        circuits=(ticks.site.circuits[0], replace(ticks.site.circuits[1], background_a=even(0.0))),
    )

    assert ticks.pass_s(50) == []
    assert [write.kind for write in ticks.pass_s(20)] == [Kind.RAISE]


def test_behind_a_full_limiter_nothing_rises_while_what_it_lets_through_does_not_fit() -> None:
    ticks = garage(limit_a=even(14.0))
    roomy = replace(ticks.site.circuits[0], limit_a=even(200.0))
    ticks.site = replace(ticks.site, circuits=(roomy, ticks.site.circuits[1]))
    ticks.hear(A, 32.0, 0.0).hear(B)

    ticks.tick()

    assert ticks.verdict(B).share_a > 0.0
    assert ticks.told(B) is None


def test_a_limiters_raise_states_the_promise_that_has_to_be_on_record() -> None:
    ticks = garage()
    ticks.held_a = even(6.0)

    (write,) = ticks.pass_s(1)

    assert (write.kind, write.promise_a) == (Kind.RAISE, even(32.0))
