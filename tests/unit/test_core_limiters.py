"""Circuit limiters: the circuit's own device obeys per-phase limits; what it is told, and what counts."""

from dataclasses import replace
from itertools import pairwise

from controller.domain.readings import Answer, Outcome
from controller.domain.writes import Kind
from tests.fakes.garage import GARAGE, Garage, garage, wishing
from tests.fakes.ticks import MAIN, A, B, even


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
