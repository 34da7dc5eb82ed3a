"""Limits that chargers lift by themselves, at plug-in or a reboot (H8)."""

from dataclasses import replace
from typing import Any

from controller.domain.readings import Plug
from controller.domain.reasons import Code
from controller.domain.sentences import sentence
from controller.domain.site import Abilities, Circuit, OnReset
from controller.domain.units import ChargerId, CircuitId
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, A, B, C, Ticks, even, house, spec


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


def charging(*names: ChargerId, limit_a: float = 25.0, **changes: Any) -> Ticks:  # noqa: ANN401 - any field
    """Let cars charge on a circuit that keeps room for a reset to 16 A."""
    able = Abilities(reset_a=16.0)
    chargers = [spec(name, abilities=able, **changes) for name in names]
    ticks = Ticks(site=house(*chargers, limit_a=even(limit_a), on_reset=OnReset.RESERVE))
    for name in names:
        ticks.hear(name)
    ticks.meter(even(0.0)).tick()
    return ticks


def test_shares_and_the_reserve_fit_beside_each_other_and_are_reached() -> None:
    ticks = charging(A, B).live(60)

    assert [ticks.verdict(name).share_a for name in (A, B)] == [9.0, 9.0]
    assert [ticks.verdict(name).limit_a for name in (A, B)] == [9.0, 9.0]
    assert ticks.reason(Code.WAITS_FOR_ROOM) is None


def test_what_the_reserve_leaves_is_said() -> None:
    ticks = charging(A, B).live(60)

    assert sentence(ticks.verdict(A)).endswith("; main L1 leaves 9 A beside its reserve for a reset")


def test_who_does_not_fit_beside_the_reserve_gets_its_turn() -> None:
    ticks = charging(A, B, C)
    ticks.timing = replace(ticks.timing, min_on_s=60.0)
    served: set[ChargerId] = set()

    for _ in range(40):
        ticks.live(10)
        served |= {name for name in (A, B, C) if ticks.verdict(name).limit_a > 0}

    assert served == {A, B, C}


def test_any_single_reset_beside_the_limits_in_force_stays_within_the_fuse() -> None:
    ticks = charging(A, B, C, limit_a=40.0).live(120)
    limits_a = {name: ticks.verdict(name).limit_a for name in (A, B, C)}

    assert min(limits_a.values()) > 0
    for held_a in limits_a.values():
        assert sum(limits_a.values()) - held_a + 16.0 <= 40.0


def test_among_many_the_largest_reset_fits_beside_everybody() -> None:
    names = [ChargerId(f"x{number:02}") for number in range(14)]
    ticks = charging(*names, limit_a=130.0).live(120)

    limits_a = [ticks.verdict(name).limit_a for name in names]
    assert 130.0 - 16.0 - 14.0 < sum(limits_a) <= 130.0 - 16.0
    assert all(ticks.reason(Code.WAITS_FOR_ROOM, name) is None for name in names)


def test_a_charger_that_is_switched_off_needs_no_reserve() -> None:
    ticks = charging(A, B)
    ticks.states.pop(B)
    ticks.more["out_of_service"] = frozenset({B})
    ticks.live(120)

    assert ticks.verdict(A).limit_a == 16.0


def test_a_silent_charger_needs_as_much_as_it_may_still_rise() -> None:
    ticks = charging(A, B).live(60)
    assert ticks.verdict(B).promise_a == 9.0

    ticks.states.pop(B)
    ticks.live(120)

    assert ticks.verdict(A).limit_a == 25.0 - 16.0


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
