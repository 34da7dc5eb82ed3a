"""What meters do to the core: H2, H3, H13, gate and trigger; and wall clocks that jump (H11)."""

from dataclasses import replace
from datetime import timedelta
from math import inf, nan
from typing import Any

import pytest

from controller.domain.readings import MeterReading, MeterRole, PersonRequest, Plug
from controller.domain.reasons import Code
from controller.domain.samples import HOLD_S
from controller.domain.site import Abilities
from controller.domain.snapshot import MeterPlace
from controller.domain.units import MeterId, Phases
from controller.domain.writes import Kind
from tests.fakes.ticks import AT, GRID, MAIN, A, B, Ticks, even, house, running, spec

SUN = MeterId("sun")


def oven(ticks: Ticks, flow_a: Phases) -> Ticks:
    """Show more on the meter a second later, the chargers drawing as before."""
    ticks.now_s += 1.0
    for name, state in list(ticks.states.items()):
        ticks.hear(name, state.limit_a, state.draw_a)
    ticks.meter(flow_a).tick()
    return ticks


def test_an_oven_is_answered_on_the_sample_that_shows_it() -> None:
    ticks = running(spec(), base_a=even(9.0))

    oven(ticks, (37.0, 25.0, 25.0))

    assert ticks.told() == (0.0, Kind.URGENT)


def test_an_urgent_cut_takes_the_excess_and_a_margin() -> None:
    ticks = running(spec(), base_a=even(9.0))

    oven(ticks, (29.0, 25.0, 25.0))

    assert ticks.told() == (11.0, Kind.URGENT)


def test_an_urgent_cut_takes_from_one_where_one_suffices() -> None:
    ticks = running(spec(), spec(B), base_a=even(5.0))

    oven(ticks, (27.0, 25.0, 25.0))

    assert ticks.decision is not None
    assert [write.kind for write in ticks.decision.writes].count(Kind.URGENT) == 1


def test_an_urgent_cut_takes_from_the_lowest_priority_first() -> None:
    ticks = running(spec(priority=1, max_a=10.0), spec(B), base_a=even(5.0))
    assert ticks.verdict(B).limit_a == 10.0

    oven(ticks, (27.0, 25.0, 25.0))

    assert ticks.told(B) == (7.0, Kind.URGENT)
    assert ticks.told(A) is None


def test_an_urgent_cut_takes_from_the_fastest_device_of_a_class() -> None:
    slow = Abilities(latency_s=5.0)
    ticks = running(spec(abilities=slow), spec(B), base_a=even(5.0))

    oven(ticks, (27.0, 25.0, 25.0))

    told = ticks.told(B)
    assert told is not None
    assert told[1] is Kind.URGENT


def test_an_urgent_cut_names_circuit_phase_and_excess() -> None:
    ticks = running(spec(), base_a=even(9.0))

    oven(ticks, (25.0, 29.0, 25.0))

    reason = ticks.reason(Code.URGENT)
    assert reason is not None
    assert (reason.by, reason.phase, reason.value) == ("main", 2, 4.0)


def test_no_urgent_cut_waits_for_dwell_or_retries() -> None:
    ticks = running(spec(), base_a=even(9.0))
    memory = replace(ticks.memory.chargers[A], changed_mono_s=ticks.now_s, retry_mono_s=ticks.now_s + 30.0)
    ticks.memory = replace(ticks.memory, chargers={A: memory})

    oven(ticks, (29.0, 25.0, 25.0))

    assert ticks.told() == (11.0, Kind.URGENT)


def test_a_cut_that_was_just_sent_is_judged_by_its_limit_not_by_the_draw_still_falling() -> None:
    ticks = running(spec(), base_a=even(9.0))
    oven(ticks, (29.0, 25.0, 25.0))

    oven(ticks, (29.0, 25.0, 25.0))

    assert ticks.told() is None


def test_a_cut_that_nobody_answers_is_followed_by_a_deeper_one() -> None:
    ticks = running(spec(), base_a=even(9.0))
    oven(ticks, (29.0, 25.0, 25.0))

    ticks.now_s += 3.0
    oven(ticks, (29.0, 25.0, 25.0))

    told = ticks.told()
    assert told is not None
    assert told[1] is Kind.URGENT
    assert told[0] < 11.0


def test_what_a_person_paused_is_not_cut_by_an_overload() -> None:
    ticks = Ticks(site=house(spec(), spec(B)))
    ticks.hear(A, 16.0, None, held="paused by a person").hear(B, 16.0, 16.0).meter(even(30.0)).tick()

    assert ticks.told(A) is None


def test_a_silent_meter_leaves_only_what_a_person_declared_safe() -> None:
    ticks = running(spec(safe_a=6.0), spec(B), base_a=even(5.0))

    ticks.meters.clear()
    ticks.live(3)

    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (6.0, 0.0)


@pytest.mark.parametrize("at_s", [-5.5, 2.0], ids=["too old", "from the future"])
def test_a_sample_from_another_time_is_no_sample(at_s: float) -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter(even(16.0), at_mono_s=ticks.now_s + at_s)

    assert ticks.tick().circuits[MAIN].blind
    assert ticks.told() == (0.0, Kind.CUT)


@pytest.mark.parametrize("current_a", [None, nan, inf])
def test_a_phase_that_is_not_told_leaves_the_circuit_blind(current_a: float | None) -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter((16.0, current_a, 16.0))

    assert ticks.tick().circuits[MAIN].blind


@pytest.mark.parametrize("current_a", [nan, inf])
def test_a_charger_that_tells_no_numbers_counts_as_silent(current_a: float) -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, (current_a, 0.0, 0.0)).meter(even(16.0))

    assert ticks.tick().chargers[A].silent


def test_nothing_rises_behind_a_silent_meter() -> None:
    ticks = Ticks()
    ticks.hear()

    ticks.live(60)

    assert ticks.verdict().limit_a == 0.0


def test_a_meter_that_is_awaited_after_a_start_changes_nothing_yet() -> None:
    ticks = Ticks()
    ticks.hear(A, 16.0, 16.0)
    ticks.tick()
    assert ticks.told() is None

    ticks.hear(A, 16.0, 16.0)
    ticks.tick(4.0)

    assert ticks.told() is None


def test_a_meter_that_is_awaited_in_vain_after_a_start_is_silent() -> None:
    ticks = Ticks()
    ticks.hear(A, 16.0, 16.0)
    ticks.tick()

    ticks.hear(A, 16.0, 16.0)
    ticks.tick(6.0)

    assert ticks.told() == (0.0, Kind.CUT)


def test_a_meter_that_comes_back_starts_its_window_anew() -> None:
    ticks = running(spec(), base_a=even(5.0))
    ticks.meters.clear()
    ticks.live(60)

    ticks.now_s += 1.0
    ticks.hear(A, 0.0, 0.0).meter(even(20.0)).tick()

    assert ticks.verdict().share_a == 0.0


def test_after_the_meter_comes_back_the_cars_get_their_amperes_again() -> None:
    ticks = running(spec(), base_a=even(5.0))
    ticks.meters.clear()
    ticks.live(60)

    ticks.meter(even(5.0))
    ticks.live(60, base_a=even(5.0))

    assert ticks.verdict().limit_a == 16.0


def test_a_draw_that_cannot_be_seen_blocks_raises() -> None:
    ticks = Ticks()
    for _ in range(30):
        ticks.now_s += 1.0
        ticks.hear(A, 13.0, None).meter(even(13.0)).tick()

    assert ticks.told() is None
    assert ticks.reason(Code.WAITS_FOR_ROOM) is not None


@pytest.mark.parametrize("seconds", [1, 30])
def test_a_draw_that_cannot_be_seen_causes_no_cut(seconds: int) -> None:
    ticks = Ticks(more={"recorded_a": {A: 16.0}})
    told = []
    for _ in range(seconds):
        ticks.now_s += 1.0
        ticks.hear(A, 16.0, None).meter(even(21.0)).tick()
        told.append(ticks.told())

    assert set(told) == {None}


def test_a_background_that_lasts_a_window_moves_the_shares() -> None:
    ticks = running(spec(), base_a=even(5.0))

    ticks.live(15, base_a=even(9.5))

    assert ticks.verdict().limit_a == 15.0


def test_a_background_that_passes_moves_no_share() -> None:
    ticks = running(spec(), base_a=even(5.0))

    ticks.live(5, base_a=even(9.0))

    assert ticks.verdict().share_a == 16.0


def test_a_raise_is_judged_by_the_largest_background_of_the_window() -> None:
    ticks = running(spec(), base_a=even(15.0))
    ticks.live(3, base_a=even(15.0))
    assert ticks.verdict().limit_a == 10.0

    ticks.live(6, base_a=even(5.0))

    assert ticks.verdict().limit_a == 10.0


def sunny(**changes: Any) -> Ticks:  # noqa: ANN401 - any field
    """House 20 A, sun 15 A on every phase: the meter shows 5 A."""
    ticks = Ticks(site=house(spec(), **changes))
    return ticks.hear().meter(even(5.0))


def metered(ticks: Ticks, role: MeterRole = MeterRole.SOLAR, sign: float = 1.0) -> Ticks:
    ticks.places = (*ticks.places, MeterPlace(id=SUN, role=role, circuit=MAIN))
    ticks.meters[SUN] = MeterReading(id=SUN, at_mono_s=ticks.now_s, power_w=sign * 15.0 * 690.0)
    return ticks


def test_metered_sun_makes_no_room_for_raising() -> None:
    ticks = metered(sunny())

    ticks.tick()

    assert ticks.told() is None


def test_a_solar_meter_that_falls_silent_makes_no_room_either() -> None:
    ticks = metered(sunny())
    ticks.now_s += 60.0

    ticks.hear().meter(even(5.0)).tick()

    assert ticks.told() is None


def test_an_inverter_that_sleeps_blocks_raises_only_for_a_while() -> None:
    ticks = metered(sunny())
    ticks.now_s += HOLD_S + 1.0

    ticks.hear().meter(even(5.0)).tick()

    assert ticks.told() == (16.0, Kind.RAISE)


def test_a_discharging_battery_makes_no_room_for_raising() -> None:
    ticks = metered(sunny(), MeterRole.BATTERY, -1.0)

    ticks.tick()

    assert ticks.told() is None


def test_a_site_may_opt_out_and_raise_on_its_own_generation() -> None:
    ticks = metered(sunny(generation_makes_room=True))

    ticks.tick()

    assert ticks.told() == (16.0, Kind.RAISE)


def test_unmetered_sun_never_makes_the_background_less_than_nothing() -> None:
    ticks = Ticks(site=house(spec(max_a=32.0)))
    ticks.hear().meter(even(-15.0)).tick()

    assert ticks.told() == (25.0, Kind.RAISE)


def test_a_cloud_is_answered_by_what_then_flows() -> None:
    ticks = running(spec(), base_a=even(-5.0))

    oven(ticks, even(28.0))

    assert ticks.told() == (12.0, Kind.URGENT)


@pytest.mark.parametrize("hours", [-26, 1, 24 * 400])
def test_a_wall_clock_that_jumps_changes_no_write(hours: int) -> None:
    ticks = running(spec(), base_a=even(12.0))
    jumped = running(spec(), base_a=even(12.0))

    jumped.more["at"] = AT + timedelta(hours=hours)

    ticks.live(20, base_a=even(5.0))
    jumped.live(20, base_a=even(5.0))
    assert ticks.verdict() == jumped.verdict()
    assert ticks.memory == jumped.memory


def test_a_boost_ends_by_the_wall_clock() -> None:
    ticks = running(spec(mode="gone"))
    ticks.more["requests"] = {A: PersonRequest(boost_until=AT + timedelta(hours=1))}
    assert ticks.tick(1.0).chargers[A].mode == "fast"

    ticks.more["at"] = AT + timedelta(hours=2)

    assert ticks.tick(1.0).chargers[A].mode == "gone"


def test_a_meter_of_another_circuit_says_nothing_of_this_one() -> None:
    ticks = Ticks(places=())
    ticks.hear(A, 16.0, 16.0, plug=Plug.C).meter(even(16.0), GRID)

    assert ticks.tick().circuits[MAIN].blind
