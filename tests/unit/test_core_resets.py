"""Limits that chargers lift by themselves, at plug-in or a reboot (H8)."""

from dataclasses import replace

from controller.domain.readings import Plug
from controller.domain.reasons import Code
from controller.domain.site import Abilities, Circuit, OnReset
from controller.domain.units import CircuitId
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, A, B, Ticks, even, house, spec


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
