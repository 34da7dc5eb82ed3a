"""The plan: dead band, dwell, raise step, what is never written, and who may not be overruled."""

from dataclasses import replace
from itertools import pairwise

import pytest

from controller.domain.readings import Outcome, PersonRequest, Plug
from controller.domain.reasons import Code
from controller.domain.sentences import clause
from controller.domain.site import Abilities
from controller.domain.snapshot import Timing
from controller.domain.writes import Kind
from tests.fakes.ticks import A, B, Ticks, even, house, running, spec


def test_urgent_cuts_are_numbered_before_cuts_and_cuts_before_raises() -> None:
    site = house(spec(), spec(B), spec("c"), limit_a=even(40.0))  # type: ignore[arg-type] # a name
    ticks = Ticks(site=site)
    ticks.hear(A, 0.0, 0.0, plug=Plug.C).hear(B, 16.0, 0.0, plug=Plug.A)
    ticks.hear("c", 32.0, 32.0).meter(even(42.0))  # type: ignore[arg-type] # a name

    kinds = [write.kind for write in ticks.tick().writes]

    assert kinds == sorted(kinds, key=list(Kind).index)
    assert kinds[0] is Kind.URGENT


def test_a_change_within_the_dead_band_is_not_worth_a_write() -> None:
    ticks = running(spec(step_a=0.1), base_a=even(12.0), seconds=20)
    before = ticks.memory.next_write

    ticks.live(30, base_a=even(11.5))

    assert ticks.memory.next_write == before


def test_what_is_left_within_the_dead_band_is_given_once_things_have_settled() -> None:
    ticks = running(spec(step_a=0.1), base_a=even(12.0))

    ticks.live(90, base_a=even(11.5))

    assert ticks.verdict().limit_a == 13.5


def test_a_full_step_below_is_worth_a_cut() -> None:
    ticks = running(spec(), base_a=even(12.0))

    ticks.live(30, base_a=even(12.9))

    assert ticks.verdict().limit_a == 12.0


def test_ordinary_cuts_keep_a_pause_between_them() -> None:
    ticks = running(spec())
    ticks.more["requests"] = {}
    memory = replace(ticks.memory.chargers[A], changed_mono_s=ticks.now_s)
    ticks.memory = replace(ticks.memory, chargers={A: memory})

    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0, ceiling_a=10.0).meter(even(16.0)).tick()

    assert ticks.told() is None
    assert ticks.reason(Code.WAITS_FOR_DWELL) is not None


def test_raises_keep_a_pause_between_them() -> None:
    ticks = Ticks(site=house(spec(max_a=32.0), limit_a=even(40.0)))
    ticks.hear(A, 6.0, 6.0).meter(even(6.0)).tick()
    raised_s = [ticks.now_s]

    for _ in range(60):
        ticks.live(1)
        raised_s += [ticks.now_s] if ticks.told() else []

    assert len(raised_s) >= 3
    assert all(later - earlier >= 10.0 for earlier, later in pairwise(raised_s))


def test_a_raise_takes_no_more_than_a_step_at_once() -> None:
    ticks = Ticks(site=house(spec(max_a=32.0), limit_a=even(40.0)))
    ticks.hear(A, 6.0, 6.0).meter(even(6.0))

    ticks.tick()

    assert ticks.told() == (16.0, Kind.RAISE)


def test_a_start_goes_to_its_share_at_once() -> None:
    ticks = Ticks(site=house(spec(max_a=32.0), limit_a=even(40.0)))
    ticks.hear().meter(even(0.0))

    ticks.tick()

    assert ticks.told() == (32.0, Kind.RAISE)


def test_a_car_that_was_just_plugged_in_waits_for_no_dwell() -> None:
    ticks = running(spec())
    ticks.hear(A, 16.0, 0.0, plug=Plug.A)
    ticks.tick(1.0)
    ticks.live(3)
    assert ticks.verdict().limit_a == 0.0

    ticks.now_s += 1.0
    ticks.hear(A, 0.0, 0.0).meter(even(0.0)).tick()

    assert ticks.told() == (16.0, Kind.RAISE)


def test_a_raise_waits_until_the_last_write_was_answered() -> None:
    ticks = Ticks(site=house(spec(max_a=32.0), limit_a=even(40.0)), timing=Timing(raise_gap_s=0.0))
    ticks.hear(A, 6.0, 6.0).meter(even(6.0)).tick()

    ticks.now_s += 1.0
    ticks.hear(A, 6.0, 6.0).meter(even(6.0)).tick()

    assert ticks.told() is None
    assert ticks.reason(Code.WAITS_FOR_ANSWER) is not None


def test_without_a_record_nothing_rises() -> None:
    ticks = Ticks(more={"recording": False})
    ticks.hear().meter(even(0.0)).tick()

    assert ticks.told() is None
    assert ticks.reason(Code.NO_RECORD) is not None


def test_without_a_record_cuts_go_on() -> None:
    ticks = running(spec())

    ticks.more["recording"] = False
    ticks.live(15, base_a=even(15.0))

    assert ticks.verdict().limit_a == 9.0


def test_without_a_record_an_urgent_cut_goes_out() -> None:
    ticks = running(spec(), base_a=even(9.0), more={})
    ticks.more["recording"] = False

    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter(even(28.0)).tick()

    assert ticks.told() == (12.0, Kind.URGENT)


def test_a_refused_write_is_not_repeated_at_once() -> None:
    ticks = Ticks()
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None

    ticks.now_s += 15.0
    ticks.answer(write, Outcome.REFUSED).hear().meter(even(0.0)).tick()

    assert ticks.told() is None


def test_a_persons_pause_at_the_charger_is_never_overwritten() -> None:
    ticks = running(spec())
    held = {"held": "paused by a person"}
    told = []

    for second in range(60):
        ticks.now_s += 1.0
        ticks.hear(A, 0.0, 0.0, **held).meter(even(5.0 if second < 30 else 28.0)).tick()
        told.append(ticks.told())

    assert set(told) == {None}


def test_what_a_person_paused_keeps_its_promise() -> None:
    ticks = Ticks(site=house(spec(), spec(B)))
    ticks.hear(A, 16.0, 0.0, held="paused by a person").hear(B).meter(even(0.0)).tick()

    ticks.live(0)

    assert ticks.verdict(B).share_a == 9.0


def test_a_charger_with_a_schedule_of_its_own_keeps_its_minimum_on_offer() -> None:
    ticks = running(spec())

    ticks.now_s += 10.0
    ticks.hear(A, 16.0, 0.0, held="schedule until 22:00").meter(even(0.0)).tick()

    assert ticks.told() == (6.0, Kind.CUT)


@pytest.mark.parametrize("base_a", [float(amps) for amps in range(26)])
def test_one_to_five_amperes_are_never_written(base_a: float) -> None:
    ticks = running(spec(), spec(B), seconds=20)

    told: set[float] = set()
    for _ in range(20):
        ticks.live(1, base_a=even(base_a))
        assert ticks.decision is not None
        told |= {write.limit_a for write in ticks.decision.writes}

    assert not {limit_a for limit_a in told if 0.0 < limit_a < 6.0}


def test_an_urgent_cut_keeps_to_whole_steps_at_or_above_the_minimum() -> None:
    ticks = running(spec(step_a=4.0), base_a=even(9.0))
    assert ticks.verdict().limit_a == 16.0

    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter(even(33.0)).tick()

    assert ticks.told() == (8.0, Kind.URGENT)


def test_tenths_of_amperes_are_written_as_they_are_said() -> None:
    ticks = running(spec(step_a=0.1), base_a=even(9.9))

    assert ticks.states[A].limit_a == 15.1


def test_a_charger_that_cannot_pause_is_told_its_minimum() -> None:
    ticks = running(spec(abilities=Abilities(can_pause=False)))

    ticks.live(15, base_a=even(24.0))

    assert ticks.verdict().limit_a == 6.0
    assert ticks.verdict().share_a == 6.0


def test_a_charger_whose_own_limit_binds_is_offered_no_more() -> None:
    ticks = Ticks()
    ticks.hear(A, 0.0, 0.0, ceiling_a=13.0, ceiling_by="cable").meter(even(0.0)).tick()

    assert ticks.told() == (13.0, Kind.RAISE)
    assert ticks.reason(Code.DEVICE_CEILING) is not None


def test_a_request_for_a_charger_that_is_unknown_changes_nothing() -> None:
    ticks = running(spec())
    ticks.more["requests"] = {B: PersonRequest(mode="fast")}

    assert ticks.tick(1.0).writes == ()


def test_constant_inputs_lead_to_silence() -> None:
    ticks = running(spec(), spec(B), base_a=even(7.0), seconds=60)
    before = ticks.memory.next_write

    ticks.live(300, base_a=even(7.0))

    assert ticks.memory.next_write == before


def test_a_little_above_its_share_keeps_nobody_else_from_starting_for_long() -> None:
    ticks = Ticks(site=house(spec(step_a=0.1), spec(B, min_a=10.0), limit_a=even(20.0)))
    ticks.hear(A, 10.9, 10.9).hear(B).meter(even(10.9)).tick()

    ticks.live(180)

    assert ticks.verdict(B).limit_a >= 10.0


def test_a_mode_that_was_picked_and_is_no_more_leaves_the_configured_one_in_force() -> None:
    ticks = running(spec())
    ticks.more["requests"] = {A: PersonRequest(mode="sunny")}

    ticks.live(20)

    assert (ticks.verdict().mode, ticks.verdict().limit_a) == ("fast", 16.0)
    reason = ticks.reason(Code.MODE_UNKNOWN)
    assert reason is not None
    assert clause(reason) == "the mode sunny is not known any more"
