"""Leases (H7): limits with a time to live, what they lapse to, and when they are renewed."""

from dataclasses import replace

import pytest

from controller.domain.readings import Outcome, Plug
from controller.domain.reasons import Code
from controller.domain.site import Abilities, Ghost
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, START_S, A, B, Ticks, even, house, running, spec

LEASED = Abilities(lease_s=60.0, lapses_to_a=10.0)


def leased(worst_a: float = 15.0, abilities: Abilities = LEASED) -> Ticks:
    """Charge with a limit that lapses after a minute to 10 A, on 25 A with a declared worst."""
    site = house(spec(abilities=abilities), worst_background_a=even(worst_a))
    return running(site=site, base_a=even(15.0), seconds=30)


def lasting(ticks: Ticks, seconds: int, *, answered: bool = True) -> list[tuple[float, Kind]]:
    """Let time pass and list what is written."""
    told = []
    for _ in range(seconds):
        ticks.now_s += 1.0
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write, Outcome.DELIVERED if answered else Outcome.UNKNOWN)
        ticks.hear(A, 10.0, 10.0).meter(even(25.0)).tick()
        written = ticks.told()
        told += [written] if written is not None else []
    return told


def test_a_limit_is_leased_where_what_it_lapses_to_fits_beside_the_worst() -> None:
    ticks = Ticks(site=house(spec(abilities=LEASED), worst_background_a=even(15.0)))
    ticks.hear().meter(even(0.0)).tick()

    write = ticks.write()
    assert write is not None
    assert write.lease_s == 60.0


def test_a_limit_is_not_leased_where_all_that_may_lapse_at_once_does_not_fit() -> None:
    site = house(spec(abilities=LEASED), spec(B, abilities=LEASED), worst_background_a=even(15.0))
    ticks = Ticks(site=site)
    ticks.hear().hear(B).meter(even(0.0)).tick()

    write = ticks.write()
    assert write is not None
    assert write.lease_s is None


def test_a_limit_is_not_leased_while_the_households_worst_is_unknown() -> None:
    ticks = Ticks(site=house(spec(abilities=LEASED)))
    ticks.hear().meter(even(0.0)).tick()

    write = ticks.write()
    assert write is not None
    assert write.lease_s is None


def test_a_declared_background_is_the_worst_of_a_circuit_without_a_meter() -> None:
    site = house(spec(abilities=LEASED), meter=None, background_a=even(15.0))

    assert site.unsafe_to_lapse == frozenset()


def test_a_charger_that_left_the_configuration_counts_beside_what_may_lapse() -> None:
    site = house(spec(abilities=LEASED), worst_background_a=even(15.0))
    ghost = Ghost(id=B, circuit=MAIN, phases=(1,), promise_a=6.0)

    assert replace(site, ghosts=(ghost,)).unsafe_to_lapse == {A}


def test_a_lease_is_renewed_well_before_it_ends() -> None:
    ticks = leased()

    told = lasting(ticks, 120)

    assert told
    assert set(told) == {(10.0, Kind.REPEAT)}
    page = ticks.memory.chargers[A].promise
    assert page.lapses_mono_s is not None
    assert page.lapses_mono_s - ticks.now_s > 20.0


def test_a_renewal_is_sent_once_until_it_is_answered() -> None:
    ticks = leased()

    assert 2 <= len(lasting(ticks, 60)) <= 3


def test_a_renewal_that_is_on_its_way_is_not_sent_again() -> None:
    ticks = leased()
    told = []
    for _ in range(40):
        ticks.now_s += 1.0
        ticks.hear(A, 10.0, 10.0).meter(even(25.0)).tick()
        told += [ticks.told()] if ticks.told() else []

    assert told == [(10.0, Kind.REPEAT)]


def test_a_limit_of_which_no_lease_is_known_gets_one() -> None:
    ticks = leased()
    ticks.memory = replace(ticks.memory, chargers={})
    ticks.more["recorded_a"] = {A: 10.0}

    told = lasting(ticks, 15)

    assert told == [(10.0, Kind.REPEAT)]


def test_what_a_lease_falls_back_to_counts_from_the_moment_it_can_lapse() -> None:
    ticks = running(site=house(spec(abilities=LEASED), worst_background_a=even(15.0)), base_a=even(19.0))
    assert ticks.verdict().promise_a == 6.0
    lapses_s = ticks.memory.chargers[A].promise.lapses_mono_s
    assert lapses_s is not None

    ticks.states.clear()

    assert ticks.tick(lapses_s - ticks.now_s - 1.0).chargers[A].promise_a == 6.0
    assert ticks.tick(1.0).chargers[A].promise_a == 10.0


def test_a_lease_that_nobody_read_back_lapses_too() -> None:
    ticks = Ticks(site=house(spec(abilities=LEASED, max_a=7.0), worst_background_a=even(15.0)))
    ticks.more |= {"recorded_a": {A: 0.0}, "recorded_lapses_mono_s": {A: START_S + 900.0}}
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None
    ticks.answer(write)
    ticks.states.clear()
    assert ticks.tick(59.0).chargers[A].promise_a == 7.0

    assert ticks.tick(1.0).chargers[A].promise_a == 10.0


def test_the_lease_of_a_write_whose_answer_was_lost_counts_once_it_reads_back() -> None:
    ticks = Ticks(site=house(spec(abilities=LEASED, max_a=7.0), worst_background_a=even(15.0)))
    ticks.hear().meter(even(0.0)).tick()
    write = ticks.write()
    assert write is not None
    sent_s = ticks.now_s

    ticks.now_s += 1.0
    ticks.answer(write, Outcome.UNKNOWN).hear(A, 7.0, 0.0).meter(even(0.0)).tick()
    ticks.now_s += 11.0
    ticks.hear(A, 7.0, 0.0).meter(even(0.0)).tick()

    assert ticks.memory.chargers[A].promise.lapses_mono_s == sent_s + 60.0


def test_a_renewal_whose_answer_was_lost_does_not_lengthen_the_lease() -> None:
    ticks = leased()
    before_s = ticks.memory.chargers[A].promise.lapses_mono_s
    while ticks.told() is None:
        ticks.now_s += 1.0
        ticks.hear(A, 10.0, 10.0).meter(even(25.0)).tick()
    write = ticks.write()
    assert write is not None

    ticks.now_s += 11.0
    ticks.answer(write, Outcome.UNKNOWN).hear(A, 10.0, 10.0).meter(even(25.0)).tick()

    assert ticks.memory.chargers[A].promise.lapses_mono_s == before_s


def test_a_limit_that_waits_for_room_keeps_its_lease() -> None:
    ticks = leased()
    lapses_s = ticks.memory.chargers[A].promise.lapses_mono_s
    assert lapses_s is not None
    for _ in range(60):
        ticks.now_s += 1.0
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write)
        ticks.hear(A, 10.0, None).meter(even(24.0)).tick()

    assert ticks.reason(Code.WAITS_FOR_ROOM) is not None
    page = ticks.memory.chargers[A].promise
    assert page.lapses_mono_s is not None
    assert page.lapses_mono_s > lapses_s


def test_a_limit_a_little_above_its_share_keeps_its_lease() -> None:
    ticks = leased()
    ticks.site = house(spec(step_a=0.0, abilities=LEASED), worst_background_a=even(15.0))
    lapses_s = ticks.memory.chargers[A].promise.lapses_mono_s
    assert lapses_s is not None
    for _ in range(60):
        ticks.now_s += 1.0
        for write in ticks.decision.writes if ticks.decision else ():
            ticks.answer(write)
        ticks.hear(A, 10.0, 9.0).meter(even(15.0 + 9.0)).tick()

    page = ticks.memory.chargers[A].promise
    assert page.lapses_mono_s is not None
    assert page.lapses_mono_s > lapses_s


def test_a_lease_that_must_not_be_any_more_is_written_without_one() -> None:
    ticks = leased()
    ticks.site = house(spec(abilities=LEASED), worst_background_a=even(16.0))

    told = lasting(ticks, 3)

    assert told[0] == (10.0, Kind.REPEAT)
    assert ticks.memory.chargers[A].promise.lapses_mono_s is None


def test_a_lease_that_may_have_ended_counts_until_another_write_is_in_force() -> None:
    ticks = running(site=house(spec(abilities=LEASED), worst_background_a=even(15.0)), base_a=even(19.0))
    lapses_s = ticks.memory.chargers[A].promise.lapses_mono_s
    assert lapses_s is not None
    ticks.states.clear()
    ticks.now_s = lapses_s
    ticks.tick()

    for _ in range(20):
        ticks.now_s += 1.0
        ticks.hear(A, 6.0, 6.0).meter(even(25.0)).tick()
        assert ticks.verdict().promise_a == 10.0


def test_a_pause_with_a_lease_that_lapses_upward_stays_within_the_fuse() -> None:
    ticks = leased()
    ticks.hear(A, 10.0, 0.0, plug=Plug.A).meter(even(15.0))

    ticks.tick(1.0)

    write = ticks.write()
    assert write is not None
    assert (write.limit_a, write.lease_s) == (0.0, 60.0)


def test_a_renewal_raises_nothing_that_the_ledger_has_no_room_for_any_more() -> None:
    leased_a = Abilities(lease_s=60.0, lapses_to_a=0.0)
    ticks = Ticks(site=house(spec(abilities=leased_a), worst_background_a=even(0.0)))
    ticks.hear(A, 6.0, 6.0).meter(even(6.0)).tick()
    told_a: list[float] = []
    for _ in range(40):
        for write in ticks.decision.writes if ticks.decision is not None else ():
            told_a.append(write.limit_a)
            ticks.answer(write, Outcome.DELIVERED if write.limit_a <= 6.0 else Outcome.UNKNOWN)
        ticks.now_s += 1.0
        # The household grows once the raise has been sent, and lost.
        base_a = 14.0 if 16.0 in told_a else 0.0
        ticks.hear(A, 6.0, 6.0).meter(even(6.0 + base_a)).tick()

    assert told_a.count(16.0) == 1
    assert 6.0 in told_a


@pytest.mark.parametrize(("limit_w", "is_leased"), [(12_000.0, True), (11_000.0, False)])
def test_a_limit_is_not_leased_where_all_that_may_lapse_at_once_is_too_much_power(
    limit_w: float, is_leased: bool
) -> None:
    lapsing = spec(abilities=Abilities(lease_s=60.0, lapses_to_a=16.0))
    site = house(lapsing, worst_background_a=even(0.0), limit_w=limit_w)

    assert (A not in site.unsafe_to_lapse) is is_leased
