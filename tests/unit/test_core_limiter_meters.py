"""Circuit limiters and their meters: awaited after a start, silent, or noisy."""

from dataclasses import replace

from controller.domain.modes import Mode, Policies
from controller.domain.readings import MeterRole
from controller.domain.snapshot import MeterPlace
from controller.domain.units import MeterId
from controller.domain.writes import LimiterWrite
from policies.phase_balance import PhaseBalance
from tests.fakes.garage import GARAGE, garage
from tests.fakes.ticks import A, even

BALANCED = Mode(
    name="fast",
    stack=("phase_balance",),
    settings={"phase_balance": {"limiter_band_a": 2.0, "limiter_raise_s": 15.0, "spread_a": 0.0}},
)


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


def test_a_noisy_background_does_not_make_a_limiter_flap() -> None:
    ticks = garage(background_a=None, meter="sub")
    ticks.places = (*ticks.places, MeterPlace(id=MeterId("sub"), role=MeterRole.CIRCUIT, circuit=GARAGE))
    told: list[LimiterWrite] = []

    for second in range(600):
        ticks.meter(even(5.0 + (0.0, 3.0, 1.5)[second // 7 % 3]), MeterId("sub"))
        told += ticks.pass_s(1, base_a=8.0)

    assert len(told) <= 2
