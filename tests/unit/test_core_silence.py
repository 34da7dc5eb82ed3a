"""What is not heard keeps its promise (H4, H6): silent chargers, ghosts, those not yet read at a start."""

from dataclasses import replace

from controller.domain.readings import Plug
from controller.domain.sentences import sentence
from controller.domain.site import Abilities, ChargerSpec, Ghost
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, running, spec


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
    assert "it is declared out of service" in sentence(ticks.verdict(A))
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


def test_after_a_restart_the_recorded_promise_holds_until_the_charger_was_read() -> None:
    ticks = Ticks(more={"recorded_a": {A: 10.0}})

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_after_a_restart_without_a_record_the_nameplate_holds() -> None:
    assert Ticks().tick().chargers[A].promise_a == 32.0


def test_a_recorded_raise_may_still_arrive_after_a_restart() -> None:
    ticks = Ticks(more={"recorded_a": {A: 16.0}})
    ticks.hear(A, 6.0, 6.0).meter(even(6.0))

    assert ticks.tick().chargers[A].promise_a == 16.0


def test_behind_a_silence_another_car_may_have_come() -> None:
    ticks = one_phase_car()
    ticks.states.pop(A)
    ticks.live(60)

    ticks.hear(A, 16.0, (16.0, 0.0, 0.0)).meter((16.0, 0.0, 0.0)).tick(1.0)

    assert ticks.memory.chargers[A].used_phases is None


def test_a_charger_that_knows_its_session_keeps_the_car_it_had() -> None:
    ticks = one_phase_car(session_id="7")
    ticks.states.pop(A)
    ticks.live(60)

    ticks.hear(A, 16.0, (16.0, 0.0, 0.0), session_id="7").meter((16.0, 0.0, 0.0)).tick(1.0)

    assert ticks.memory.chargers[A].used_phases == (1,)


def one_phase_car(session_id: str | None = None) -> Ticks:
    """Let a car that uses L1 alone charge until that is known."""
    ticks = Ticks(site=house(spec()))
    for _ in range(90):
        ticks.hear(A, 16.0, (16.0, 0.0, 0.0), session_id=session_id).meter((16.0, 0.0, 0.0)).tick(1.0)
    assert ticks.memory.chargers[A].used_phases == (1,)
    return ticks


def test_a_draw_with_a_part_that_is_no_number_blinds_nobody_else() -> None:
    ticks = running(spec(max_a=10.0), spec(B, max_a=10.0))

    ticks.now_s += 1.0
    ticks.hear(A, 10.0, (10.0, float("nan"), 10.0)).hear(B, 10.0, 10.0).meter(even(20.0)).tick()

    assert ticks.decision is not None
    assert not ticks.decision.circuits[MAIN].blind
