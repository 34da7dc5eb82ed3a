"""Leases (H7) and limits that chargers lift by themselves (H8)."""

from dataclasses import replace

from controller.domain.readings import Outcome, Plug
from controller.domain.reasons import Code
from controller.domain.site import Abilities, Circuit, Ghost, OnReset
from controller.domain.units import CircuitId
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, running, spec

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
    ticks.more["recorded_a"] = {A: 0.0}
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

    ticks.now_s += 11.0
    ticks.answer(write, Outcome.UNKNOWN).hear(A, 7.0, 0.0).meter(even(0.0)).tick()

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


def test_a_pause_with_a_lease_that_lapses_upward_stays_within_the_fuse() -> None:
    ticks = leased()
    ticks.hear(A, 10.0, 0.0, plug=Plug.A).meter(even(15.0))

    ticks.tick(1.0)

    write = ticks.write()
    assert write is not None
    assert (write.limit_a, write.lease_s) == (0.0, 60.0)


def reset(ticks: Ticks, to_a: float = 32.0) -> Ticks:
    """Plug in a car that lifts its charger's limit to the nameplate and takes it."""
    ticks.now_s += 1.0
    for name, state in list(ticks.states.items()):
        if name != B:
            ticks.hear(name, state.limit_a, state.draw_a)
    ticks.hear(B, to_a, min(to_a, 16.0)).meter(even(31.0)).tick()
    return ticks


def two(on_reset: OnReset = OnReset.REACT, limit_a: float = 25.0) -> Ticks:
    able = Abilities(reset_a=16.0)
    site = house(spec(), spec(B, abilities=able), limit_a=even(limit_a), on_reset=on_reset)
    ticks = Ticks(site=site)
    ticks.hear().hear(B, plug=Plug.A).meter(even(0.0)).tick()
    return ticks.live(60)


def test_a_circuit_that_reacts_cuts_a_reset_as_soon_as_it_is_seen() -> None:
    ticks = reset(two())

    assert ticks.decision is not None
    assert any(write.kind is Kind.URGENT for write in ticks.decision.writes)


def test_a_reset_is_promised_at_once() -> None:
    assert reset(two()).verdict(B).promise_a == 32.0


def test_a_circuit_that_reserves_keeps_room_for_the_largest_single_reset() -> None:
    ticks = two(OnReset.RESERVE)

    assert ticks.verdict(A).limit_a == 25.0 - 16.0


def test_a_reserve_is_never_kept_for_every_charger_at_once() -> None:
    able = Abilities(reset_a=16.0)
    others = [spec(name, abilities=able, max_a=6.0) for name in ("b", "c", "d")]  # type: ignore[arg-type] # names
    site = house(spec(), *others, limit_a=even(40.0), on_reset=OnReset.RESERVE)
    ticks = Ticks(site=site)
    for charger in site.chargers:
        ticks.hear(charger.id, plug=Plug.C if charger.id == A else Plug.A)
    ticks.meter(even(0.0)).tick()

    ticks.live(60)

    assert ticks.verdict(A).limit_a == 16.0


def test_a_reset_within_the_reserve_overloads_nothing() -> None:
    ticks = two(OnReset.RESERVE)

    flow_a = 9.0 + 16.0

    assert flow_a <= 25.0
    assert ticks.verdict(A).promise_a + 16.0 <= flow_a


def test_behind_a_gate_the_circuit_above_counts_no_more_than_the_limiter_lets_through() -> None:
    garage = Circuit(id=CircuitId("garage"), parent=MAIN, limit_a=even(32.0), background_a=even(0.0))
    site = house(spec(), spec(B, circuit=garage.id))
    gated = replace(garage, on_reset=OnReset.GATE)
    ticks = Ticks(site=replace(site, circuits=(*site.circuits, gated)))
    ticks.hear(A).hear(B, 32.0, 0.0).meter(even(0.0)).tick()

    assert ticks.decision is not None
    assert ticks.decision.circuits[MAIN].promised_a[0] >= 32.0
    assert ticks.reason(Code.WAITS_FOR_ROOM) is not None
