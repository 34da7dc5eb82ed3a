"""Leaving: what stands without us is lowered where it is not safe alone, and never raised."""

from dataclasses import replace

import pytest

from controller.domain.farewell import farewell, safe_currents
from controller.domain.readings import Outcome
from controller.domain.site import Abilities, Ghost
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, running, spec


def leaving(ticks: Ticks) -> dict[str, float]:
    return {write.charger: write.limit_a for write in farewell(ticks.snapshot())}


def test_limits_that_fit_beside_the_declared_worst_stay() -> None:
    ticks = running(site=house(spec(), worst_background_a=even(9.0)))

    assert leaving(ticks) == {}


def test_limits_that_do_not_fit_beside_the_declared_worst_are_lowered() -> None:
    ticks = running(site=house(spec(), worst_background_a=even(15.0)))

    assert leaving(ticks) == {A: 10.0}


def test_without_a_declared_worst_nothing_is_left_behind() -> None:
    assert leaving(running(spec())) == {A: 0.0}


def test_what_a_person_declared_safe_stays() -> None:
    assert leaving(running(spec(safe_a=6.0))) == {A: 6.0}


def test_a_charger_that_cannot_pause_is_left_at_its_minimum() -> None:
    assert leaving(running(spec(abilities=Abilities(can_pause=False)))) == {A: 6.0}


@pytest.mark.parametrize("limit_a", [0.0, 6.0, 8.0, 16.0, 32.0])
@pytest.mark.parametrize("worst_a", [0.0, 10.0, 19.0, 25.0])
def test_the_farewell_never_raises(limit_a: float, worst_a: float) -> None:
    ticks = Ticks(site=house(spec(safe_a=10.0), spec(B), worst_background_a=even(worst_a)))
    ticks.hear(A, limit_a, 0.0).hear(B, 16.0, 0.0).meter(even(0.0))

    assert leaving(ticks).get(A, 0.0) <= limit_a


def test_what_a_person_paused_at_the_charger_is_left_alone() -> None:
    ticks = Ticks()
    ticks.hear(A, 16.0, 0.0, held="paused by a person").meter(even(0.0))

    assert leaving(ticks) == {}


def test_a_silent_chargers_promise_is_kept_free() -> None:
    ticks = running(site=house(spec(), spec(B), worst_background_a=even(5.0)), base_a=even(5.0))
    assert ticks.verdict(A).promise_a == 10.0

    ticks.states.pop(A)

    assert leaving(ticks).get(B, 10.0) <= 10.0


def test_a_charger_out_of_service_is_told_nothing() -> None:
    ticks = running(spec())
    ticks.states.clear()
    ticks.more["out_of_service"] = frozenset({A})

    assert leaving(ticks) == {}


def test_a_controller_that_no_longer_trusts_itself_leaves_safe_currents() -> None:
    ticks = running(spec(safe_a=6.0), spec(B), base_a=even(5.0))

    writes = safe_currents(ticks.snapshot())

    assert {write.charger: write.limit_a for write in writes} == {A: 6.0, B: 0.0}
    assert {write.kind for write in writes} == {Kind.CUT}


def test_the_farewell_is_numbered_after_every_write_before() -> None:
    ticks = running(spec())
    ticks.memory = replace(ticks.memory, next_write=77)

    assert [write.number for write in farewell(ticks.snapshot())] == [77]


def test_a_cut_that_was_lost_is_said_again_at_the_end() -> None:
    ticks = running(site=house(spec(), worst_background_a=even(15.0)))
    ticks.now_s += 1.0
    ticks.hear(A, 16.0, 16.0).meter(even(31.0)).tick()
    lost = ticks.write()
    assert lost is not None
    assert lost.limit_a <= 10.0
    ticks.answer(lost, Outcome.UNKNOWN).hear(A, 16.0, 16.0).tick(1.0)

    assert leaving(ticks) == {A: 10.0}


def test_what_left_the_configuration_is_kept_free_at_the_end() -> None:
    ghost = Ghost(id=B, circuit=MAIN, phases=(1, 2, 3), promise_a=10.0)
    site = replace(house(spec(), worst_background_a=even(5.0)), ghosts=(ghost,))
    ticks = Ticks(site=site).hear(A, 16.0, 16.0).meter(even(16.0))

    assert leaving(ticks) == {A: 10.0}
    ticks.more["out_of_service"] = frozenset({B})
    assert leaving(ticks) == {}


def test_what_a_charger_goes_to_by_itself_is_kept_free_at_the_end() -> None:
    falls = Abilities(fallback_a=16.0)
    site = house(spec(abilities=falls), spec(B), worst_background_a=even(0.0))
    ticks = Ticks(site=site).hear(A, 6.0, 6.0).hear(B, 16.0, 16.0).meter(even(22.0))

    assert leaving(ticks) == {B: 9.0}
