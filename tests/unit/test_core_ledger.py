"""The ledger, rule by rule, through `decide`: H1, H4, H5, H6, H9, H10, ghosts and what is out of service."""

from dataclasses import replace

import pytest

from controller.domain.readings import Outcome, Plug
from controller.domain.reasons import Code
from controller.domain.site import Abilities, ChargerSpec, Ghost
from controller.domain.snapshot import InFlight, Memory
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, running, spec


def two(limit_a: float = 25.0, **changes: object) -> Ticks:
    """Heard at 0 A each, nothing promised yet."""
    ticks = Ticks(site=house(spec(), spec(B), limit_a=even(limit_a), **changes))
    ticks.meter(even(0.0)).hear(A).hear(B)
    return ticks


def test_raises_of_one_tick_share_the_room_that_there_is() -> None:
    ticks = two(limit_a=20.0)

    decision = ticks.tick()

    assert sum(write.limit_a for write in decision.writes) == 20.0


def test_a_raise_that_was_sent_takes_its_room_before_it_is_answered() -> None:
    ticks = two(limit_a=20.0)
    ticks.hear(B, plug=Plug.A)
    ticks.tick()
    assert ticks.told(A) == (16.0, Kind.RAISE)

    ticks.now_s += 1.0
    ticks.meter(even(0.0)).hear(A).hear(B)
    ticks.tick()

    assert ticks.told(B) is None
    assert ticks.reason(Code.WAITS_FOR_ROOM, B) is not None


def test_an_unconfirmed_cut_counts_at_its_old_value() -> None:
    ticks = two(limit_a=20.0)
    ticks.hear(A, 16.0, 16.0).meter(even(16.0))
    ticks.tick()
    assert ticks.told(A) == (10.0, Kind.CUT)

    ticks.now_s += 1.0
    ticks.meter(even(16.0)).hear(A, 16.0, 16.0).hear(B)
    ticks.tick()

    assert ticks.verdict(A).promise_a == 16.0
    assert ticks.told(B) is None


def test_a_raise_that_takes_all_the_room_says_what_is_still_missing() -> None:
    ticks = Ticks(site=house(spec(), spec(B), limit_a=even(30.0)))
    ticks.hear(A, 16.0, 16.0)
    ticks.now_s += 15.0
    ticks.meter(even(16.0)).hear(A, 16.0, 16.0).hear(B)

    ticks.tick()

    assert ticks.told(B) == (14.0, Kind.RAISE)
    waits = ticks.reason(Code.WAITS_FOR_ROOM, B)
    assert waits is not None
    assert (waits.value, waits.needed) == (0.0, 1.0)


def test_a_cut_that_reads_back_frees_its_room_once_the_draw_is_below() -> None:
    ticks = two(limit_a=20.0)
    ticks.hear(A, 16.0, 16.0).meter(even(16.0))
    ticks.tick()
    cut = ticks.write(A)
    assert cut is not None

    ticks.now_s += 1.0
    ticks.answer(cut).hear(A, 10.0, 10.0).hear(B).meter(even(10.0))
    ticks.tick()

    assert ticks.verdict(A).promise_a == 10.0


def test_a_cut_that_reads_back_frees_its_room_after_the_cars_time_to_follow() -> None:
    ticks = two(limit_a=20.0)
    ticks.more["recorded_a"] = {A: 16.0, B: 0.0}
    ticks.hear(A, 16.0, None).meter(even(16.0))
    ticks.tick()
    cut = ticks.write(A)
    assert cut is not None
    ticks.now_s += 1.0
    ticks.answer(cut).hear(A, 10.0, None).hear(B).meter(even(16.0))
    ticks.tick(10.5)
    ticks.hear(A, 10.0, None).hear(B).meter(even(16.0))
    assert ticks.tick().chargers[A].promise_a == 16.0

    ticks.now_s += 11.0
    ticks.hear(A, 10.0, None).hear(B).meter(even(10.0))

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_a_silent_charger_keeps_its_promise() -> None:
    ticks = running(spec(), spec(B))
    held_a = ticks.verdict(A).promise_a
    assert held_a > 0

    ticks.states.pop(A)
    ticks.live(120)

    assert ticks.verdict(A).promise_a == held_a


def test_a_silent_charger_freezes_only_what_it_occupies() -> None:
    ticks = running(spec(), spec(B), base_a=even(7.0))
    assert (ticks.verdict(A).limit_a, ticks.verdict(B).limit_a) == (9.0, 9.0)

    ticks.states.pop(A)
    ticks.live(120, base_a=even(0.0))

    assert ticks.verdict(B).limit_a == 16.0


def test_a_silent_charger_is_told_nothing() -> None:
    ticks = running(spec(), spec(B))

    ticks.states.pop(A)
    ticks.now_s += 20.0
    ticks.meter(even(12.0)).hear(B, 12.0, 12.0)

    assert all(write.charger == B for write in ticks.tick().writes)


def test_silence_adds_what_the_charger_may_fall_back_to_by_itself() -> None:
    able = Abilities(fallback_a=10.0, fallback_after_s=60.0)
    ticks = running(spec(abilities=able), base_a=even(19.0))
    assert ticks.verdict().promise_a == 6.0

    ticks.states.clear()

    assert ticks.tick(59.0).chargers[A].promise_a == 6.0
    assert ticks.tick(2.0).chargers[A].promise_a == 10.0


def test_behind_silence_a_car_counts_on_every_phase_that_is_wired() -> None:
    ticks = running(spec())
    ticks.hear(A, 16.0, 0.0, plug=Plug.A)
    ticks.tick(1.0)
    for _ in range(30):
        ticks.now_s += 1.0
        ticks.hear(A, 16.0, (16.0, 0.0, 0.0)).meter((16.0, 0.0, 0.0))
        ticks.tick()
    assert ticks.memory.chargers[A].used_phases == (1,)
    assert ticks.decision is not None
    assert ticks.decision.circuits[MAIN].promised_a == (16.0, 0.0, 0.0)

    ticks.states.clear()

    assert ticks.tick(20.0).circuits[MAIN].promised_a == even(16.0)


def test_a_charger_out_of_service_holds_nothing_while_it_is_silent() -> None:
    ticks = running(spec(), spec(B), base_a=even(7.0))
    ticks.states.pop(A)

    ticks.more["out_of_service"] = frozenset({A})
    ticks.live(60, base_a=even(7.0))

    assert ticks.verdict(A).promise_a == 0.0
    assert ticks.verdict(B).limit_a == 16.0


def test_a_charger_out_of_service_counts_again_as_soon_as_it_speaks() -> None:
    ticks = Ticks(more={"out_of_service": frozenset({A})})
    ticks.meter(even(0.0)).hear(A, 16.0, 16.0)

    assert ticks.tick().chargers[A].promise_a == 16.0


def with_ghost(promise_a: float = 10.0, *chargers: ChargerSpec) -> Ticks:
    site = house(*(chargers or (spec(B),)))
    ghost = Ghost(id=A, circuit=MAIN, phases=(1, 2, 3), promise_a=promise_a)
    return Ticks(site=replace(site, ghosts=(ghost,)))


def test_a_charger_that_left_the_configuration_keeps_its_room() -> None:
    ticks = with_ghost(10.0)
    ticks.hear(B).meter(even(0.0))
    ticks.tick()

    ticks.live(60)

    assert ticks.verdict(B).limit_a == 15.0


def test_a_ghost_that_draws_what_it_was_promised_cuts_nobody() -> None:
    ticks = with_ghost(10.0)
    ticks.hear(B, 15.0, 15.0).meter(even(25.0))

    assert ticks.tick().writes == ()


def test_a_ghost_declared_out_of_service_frees_its_room() -> None:
    ticks = with_ghost(10.0)
    ticks.more["out_of_service"] = frozenset({A})
    ticks.hear(B).meter(even(0.0))
    ticks.tick()

    ticks.live(60)

    assert ticks.verdict(B).limit_a == 16.0


def test_a_lost_raise_counts_until_it_was_read_back_after_its_last_delivery() -> None:
    ticks = two()
    ticks.hear(B, plug=Plug.A)
    ticks.tick()
    raised = ticks.write(A)
    assert raised is not None

    ticks.now_s += 3.0
    ticks.answer(raised, Outcome.UNKNOWN).hear(A, plug=Plug.A).meter(even(0.0))
    ticks.tick()
    assert ticks.verdict(A).promise_a == 16.0

    ticks.now_s += 8.0
    ticks.hear(A, plug=Plug.A).hear(B, plug=Plug.A).meter(even(0.0))
    ticks.tick()
    ticks.now_s += 12.0
    ticks.hear(A, plug=Plug.A).hear(B, plug=Plug.A).meter(even(0.0))

    assert ticks.tick().chargers[A].promise_a == 0.0


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SENT])
def test_a_write_that_certainly_changed_nothing_is_forgotten(outcome: Outcome) -> None:
    ticks = two()
    ticks.hear(B, plug=Plug.A)
    ticks.tick()
    raised = ticks.write(A)
    assert raised is not None

    ticks.now_s += 1.0
    ticks.answer(raised, outcome).hear(A, plug=Plug.A).hear(B, plug=Plug.A).meter(even(0.0))

    assert ticks.tick().chargers[A].promise_a == 0.0


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SENT])
def test_a_write_that_was_not_taken_accuses_nobody_of_having_changed_it(outcome: Outcome) -> None:
    ticks = Ticks()
    ticks.meter(even(0.0)).hear()
    ticks.tick()
    raised = ticks.write()
    assert raised is not None

    ticks.now_s += 1.0
    ticks.answer(raised, outcome).hear().meter(even(0.0))
    ticks.tick()

    assert ticks.reason(Code.OTHER_CONTROLLER) is None


def test_a_lost_cut_is_repeated() -> None:
    ticks = running(spec())
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0, plug=Plug.A).meter(even(16.0))
    ticks.tick()
    cut = ticks.write()
    assert cut is not None
    assert cut.limit_a == 0.0

    ticks.now_s += 5.0
    ticks.answer(cut, Outcome.UNKNOWN).hear(A, 16.0, 16.0, plug=Plug.A).meter(even(16.0))
    ticks.tick()
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0, plug=Plug.A).meter(even(16.0))
    ticks.tick()

    assert ticks.told() == (0.0, Kind.REPEAT)


def test_after_a_restart_the_recorded_promise_holds_until_the_charger_was_read() -> None:
    ticks = Ticks(more={"recorded_a": {A: 10.0}})

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_after_a_restart_without_a_record_the_nameplate_holds() -> None:
    assert Ticks().tick().chargers[A].promise_a == 32.0


def test_a_recorded_raise_may_still_arrive_after_a_restart() -> None:
    ticks = Ticks(more={"recorded_a": {A: 16.0}})
    ticks.hear(A, 6.0, 6.0).meter(even(6.0))

    assert ticks.tick().chargers[A].promise_a == 16.0


def test_a_second_controllers_larger_limit_is_budgeted() -> None:
    ticks = running(spec(), base_a=even(15.0))
    assert ticks.verdict().promise_a == 10.0

    ticks.now_s += 1.0
    ticks.hear(A, 14.0, 10.0).meter(even(25.0))

    assert ticks.tick().chargers[A].promise_a >= 14.0


def test_a_second_controller_is_named() -> None:
    ticks = running(spec(), base_a=even(15.0))

    ticks.now_s += 1.0
    ticks.hear(A, 8.0, 8.0).meter(even(23.0))
    ticks.tick()

    reason = ticks.reason(Code.OTHER_CONTROLLER)
    assert reason is not None
    assert (reason.value, reason.needed) == (8.0, 10.0)


def test_a_limit_that_rises_when_a_car_comes_is_no_second_controller() -> None:
    ticks = Ticks()
    ticks.hear(plug=Plug.A, limit_a=16.0).meter(even(0.0)).tick()
    ticks.live(20)
    assert ticks.verdict().limit_a == 0.0

    ticks.now_s += 1.0
    ticks.hear(plug=Plug.B, limit_a=5.0).meter(even(0.0)).tick()

    assert ticks.verdict().promise_a >= 5.0
    assert ticks.reason(Code.OTHER_CONTROLLER) is None


def test_a_device_that_rounds_what_it_reads_back_is_no_second_controller() -> None:
    ticks = running(spec(step_a=0.0), base_a=even(15.02))
    assert ticks.told() is None

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, 10.0).meter(even(25.0))
    ticks.tick()

    assert ticks.reason(Code.OTHER_CONTROLLER) is None


def test_a_draw_above_the_promise_raises_it() -> None:
    ticks = running(spec(), base_a=even(15.0))

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, 13.0).meter(even(28.0))

    assert ticks.tick().chargers[A].promise_a == 13.0
    assert ticks.reason(Code.OVERDRAW) is not None


def test_a_draw_within_the_tolerance_raises_nothing() -> None:
    ticks = running(spec(), base_a=even(15.0))

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, 10.9).meter(even(24.9))

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_a_car_that_never_follows_a_cut_is_never_budgeted_at_it() -> None:
    ticks = running(spec(), spec(B, max_a=6.0))
    budgeted: set[float] = set()

    for second in range(60):
        ticks.now_s += 1.0
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write)
        ticks.hear(A, 8.0, 16.0).hear(B, 6.0, 6.0).meter(even(22.0))
        ticks.tick()
        if second > 2:
            budgeted.add(ticks.verdict(A).promise_a)

    assert min(budgeted) >= 16.0


def test_a_promise_never_forgets_a_write_that_is_on_its_way() -> None:
    ticks = two()
    ticks.tick()
    page = ticks.memory.chargers[A].promise

    assert [type(flight) for flight in page.in_flight] == [InFlight]
    assert ticks.memory != Memory()
