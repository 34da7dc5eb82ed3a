"""Urgent cuts (H2): what triggers them, how deep they go, and whom they take from."""

from dataclasses import replace

from controller.domain.readings import Outcome
from controller.domain.reasons import Code
from controller.domain.site import Abilities
from controller.domain.units import Grid, Phases
from controller.domain.writes import Kind
from tests.fakes.ticks import A, B, Ticks, even, house, running, spec


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


def test_a_car_of_lower_priority_is_paused_before_one_of_higher_is_lowered() -> None:
    ticks = running(spec(priority=1, max_a=13.0), spec(B), base_a=even(5.0))
    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (13.0, 7.0)

    oven(ticks, (28.0, 25.0, 25.0))

    assert ticks.told(B) == (0.0, Kind.URGENT)
    assert ticks.told(A) is None


SLOW = Abilities(latency_s=15.0)


def test_a_slow_device_is_not_relied_on_while_a_faster_one_can_give() -> None:
    ticks = running(spec(abilities=SLOW), spec(B, priority=1), base_a=even(5.0))

    oven(ticks, (27.0, 25.0, 25.0))

    told = ticks.told(B)
    assert told is not None
    assert told[1] is Kind.URGENT


def test_a_slow_device_gives_what_faster_ones_cannot() -> None:
    ticks = running(spec(abilities=SLOW), spec(B), base_a=even(5.0))
    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (10.0, 10.0)

    oven(ticks, (39.0, 25.0, 25.0))

    assert ticks.told(B) == (0.0, Kind.URGENT)
    assert ticks.told(A) == (6.0, Kind.URGENT)


def test_a_slow_device_that_was_told_is_given_its_time() -> None:
    ticks = running(spec(abilities=SLOW), base_a=even(9.0))
    oven(ticks, (28.0, 25.0, 25.0))
    assert ticks.told(A) == (12.0, Kind.URGENT)

    oven(ticks, (28.0, 25.0, 25.0))

    assert ticks.told(A) is None


def test_what_a_slow_device_was_told_excuses_no_faster_one() -> None:
    ticks = running(spec(abilities=SLOW), spec(B), base_a=even(5.0))
    speaking = ticks.states.pop(B)
    oven(ticks, (28.0, 25.0, 25.0))
    told = ticks.told(A)
    assert told is not None
    assert told[1] is Kind.URGENT

    ticks.states[B] = replace(speaking, at_mono_s=ticks.now_s)
    oven(ticks, (28.0, 25.0, 25.0))

    assert ticks.told(A) is None
    assert ticks.told(B) == (6.0, Kind.URGENT)


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


def test_a_cloud_is_answered_by_what_then_flows() -> None:
    ticks = running(spec(), base_a=even(-5.0))

    oven(ticks, even(28.0))

    assert ticks.told() == (12.0, Kind.URGENT)


def test_a_pause_that_was_lost_is_said_again_while_the_car_draws() -> None:
    ticks = running(spec(max_a=16.0), base_a=even(9.0))
    oven(ticks, even(40.0))
    assert ticks.told() == (0.0, Kind.URGENT)
    lost = ticks.write()
    assert lost is not None
    ticks.answer(lost, Outcome.UNKNOWN)

    again = []
    for _ in range(12):
        oven(ticks, even(40.0))
        again.append(ticks.told())
        if (said := ticks.write()) is not None:
            ticks.answer(said, Outcome.UNKNOWN)

    assert [number for number, told in enumerate(again, 1) if told == (0.0, Kind.URGENT)] == [5, 10]


def test_a_minimum_that_was_lost_is_said_again_where_nothing_lower_can_be() -> None:
    ticks = running(spec(max_a=16.0, abilities=Abilities(can_pause=False)), base_a=even(9.0))
    oven(ticks, even(40.0))
    lost = ticks.write()
    assert lost is not None
    assert lost.limit_a == 6.0
    ticks.answer(lost, Outcome.UNKNOWN)

    for _ in range(5):
        oven(ticks, even(40.0))

    assert ticks.told() == (6.0, Kind.URGENT)


def test_what_was_planned_for_one_row_counts_once_for_the_next() -> None:
    site = house(spec(max_a=32.0), limit_a=(40.0, 40.0, 40.0), limit_w=19_320.0)
    ticks = running(site=site, base_a=even(0.0))
    ticks.now_s += 1.0
    ticks.hear(A, 28.0, 28.0).meter((52.0, 28.0, 28.0), power_w=24_840.0).tick()

    told = ticks.told()
    assert told is not None
    assert 52.0 - (28.0 - told[0]) <= 40.0


def test_on_it_grids_the_power_of_three_lines_is_not_told_too_high() -> None:
    site = replace(house(spec(max_a=32.0), limit_a=even(63.0), limit_w=10_000.0), grid=Grid.IT)
    ticks = running(site=site, seconds=120)
    assert ticks.verdict().limit_a == 25.0

    ticks.live(60)

    assert ticks.reason(Code.URGENT) is None
    assert ticks.verdict().limit_a == 25.0


def test_who_does_not_obey_and_knows_no_pause_is_told_its_minimum() -> None:
    ticks = running(spec(max_a=16.0, abilities=Abilities(can_pause=False)), base_a=even(9.0))
    ticks.now_s += 20.0
    ticks.hear(A, 10.0, 16.0).meter(even(29.0)).tick()

    assert ticks.told() == (6.0, Kind.URGENT)
