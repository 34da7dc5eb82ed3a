from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.domain.commissioning import Proof, alone, prove
from controller.domain.site import Abilities, ChargerSpec, Circuit, Ghost, Limiter, Site
from controller.domain.units import ChargerId, CircuitId, Phases

MAIN, SHED = CircuitId("main"), CircuitId("shed")

CAUTIOUS = Abilities(fallback_a=6.0, reset_a=6.0)


def even(current_a: float) -> Phases:
    return current_a, current_a, current_a


def main(worst_a: float | None = 10.0, limit_a: float = 25.0) -> Circuit:
    worst = None if worst_a is None else even(worst_a)
    return Circuit(id=MAIN, limit_a=even(limit_a), worst_background_a=worst)


def charger(name: str, **keys: object) -> ChargerSpec:
    wired = ChargerSpec(id=ChargerId(name), circuit=MAIN)
    return replace(wired, **keys)  # type: ignore[arg-type]


def site(*chargers: ChargerSpec, circuit: Circuit | None = None) -> Site:
    return Site(circuits=(circuit or main(),), chargers=chargers)


def flows_a(proof: Proof) -> list[float]:
    return [row.without_us_a for row in proof.rows]


@pytest.mark.parametrize(
    ("abilities", "expected_a"),
    [
        (Abilities(reset_a=6.0), 16.0),
        (Abilities(), 32.0),
        (Abilities(fallback_a=8.0, reset_a=6.0), 8.0),
        (Abilities(fallback_a=0.0, reset_a=20.0), 20.0),
        (Abilities(lease_s=60.0, lapses_to_a=10.0, reset_a=0.0), 10.0),
    ],
)
def test_alone_a_charger_may_come_to_the_worst_of_what_stands_and_what_a_reset_does(
    abilities: Abilities, expected_a: float
) -> None:
    assert alone(charger("a", max_a=16.0, abilities=abilities)) == expected_a


def test_a_site_whose_fallbacks_fit_holds_and_needs_nothing() -> None:
    proof = prove(site(charger("a", abilities=CAUTIOUS), charger("b", abilities=CAUTIOUS)))

    assert flows_a(proof) == [22.0, 22.0, 22.0]
    assert proof.holds
    assert proof.proposals == {}


def test_a_limit_that_is_met_exactly_holds() -> None:
    proof = prove(site(charger("a", abilities=CAUTIOUS), circuit=main(worst_a=19.0)))

    assert proof.holds


def test_a_site_that_does_not_hold_is_told_what_would_make_it() -> None:
    proof = prove(site(charger("a"), charger("b")))

    assert not proof.holds
    assert flows_a(proof) == [74.0, 74.0, 74.0]
    assert proof.proposals == {"a": 7.0, "b": 7.0}


def test_who_has_no_room_for_the_minimum_is_proposed_a_pause() -> None:
    proof = prove(site(charger("a"), circuit=main(worst_a=20.0)))

    assert proof.proposals == {"a": 0.0}


def test_who_is_cautious_already_keeps_what_it_has() -> None:
    proof = prove(site(charger("a", abilities=CAUTIOUS), charger("b")))

    assert proof.proposals == {"b": 9.0}


def test_a_household_that_is_too_much_alone_has_no_proposal() -> None:
    proof = prove(site(charger("a"), circuit=main(worst_a=30.0)))

    assert not proof.holds
    assert proof.proposals == {}


def test_an_undeclared_household_may_fill_its_circuit() -> None:
    proof = prove(site(charger("a", abilities=CAUTIOUS), circuit=main(worst_a=None)))

    assert flows_a(proof) == [31.0, 31.0, 31.0]
    assert any("no worst_background_a is declared" in line for line in proof.assumptions)


def test_a_charger_loads_the_phases_that_it_is_wired_to() -> None:
    proof = prove(site(charger("a", phases=(2,), abilities=CAUTIOUS)))

    assert flows_a(proof) == [10.0, 16.0, 10.0]


def test_a_single_phase_site_has_one_row() -> None:
    house = Site(phases=(1,), circuits=(Circuit(id=MAIN, limit_a=(25.0, 0.0, 0.0)),))

    assert [(row.circuit, row.phase) for row in prove(house).rows] == [("main", 1)]


def test_what_hangs_below_counts_in_every_circuit_above() -> None:
    shed = Circuit(id=SHED, parent=MAIN, limit_a=even(20.0), background_a=even(0.0))
    bench = Circuit(id=CircuitId("bench"), parent=SHED, limit_a=even(16.0), background_a=even(0.0))
    below = charger("a", circuit=bench.id, abilities=CAUTIOUS)

    proof = prove(Site(circuits=(main(), shed, bench), chargers=(below,)))

    assert flows_a(proof) == [16.0, 16.0, 16.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0]


def test_a_limiter_holds_back_what_is_below_it() -> None:
    limiter = Limiter(lease_s=60.0, lapses_to_a=even(8.0), reset_a=even(6.0))
    shed = Circuit(id=SHED, parent=MAIN, limit_a=even(16.0), worst_background_a=even(0.0), limiter=limiter)
    house = Site(circuits=(main(), shed), chargers=(charger("a", circuit=SHED),))

    proof = prove(house)

    assert flows_a(proof) == [18.0, 18.0, 18.0, 8.0, 8.0, 8.0]
    says = "its limiter allows 8/8/8 A by itself; a restart may lift it to 6/6/6 A, its reset current"
    assert f"circuit shed: {says}" in proof.assumptions


def test_a_limiter_counts_at_what_a_restart_may_lift_it_to() -> None:
    limiter = Limiter(lease_s=60.0, lapses_to_a=even(8.0), nameplate_a=even(14.0))
    shed = Circuit(id=SHED, parent=MAIN, limit_a=even(16.0), worst_background_a=even(0.0), limiter=limiter)
    house = Site(circuits=(main(), shed), chargers=(charger("a", circuit=SHED),))

    assert flows_a(prove(house)) == [24.0, 24.0, 24.0, 14.0, 14.0, 14.0]


def test_the_tightest_circuit_decides_what_is_proposed() -> None:
    shed = Circuit(id=SHED, parent=MAIN, limit_a=even(16.0), background_a=even(0.0))
    chargers = (charger("a", circuit=SHED), charger("b", circuit=SHED), charger("c"))
    house = Site(circuits=(main(worst_a=0.0, limit_a=40.0), shed), chargers=chargers)

    assert prove(house).proposals == {"a": 8.0, "b": 8.0, "c": 24.0}


def test_limits_that_are_written_without_a_lease_do_not_lapse() -> None:
    leased = Abilities(lease_s=60.0, lapses_to_a=0.0, reset_a=6.0)
    proof = prove(site(charger("a", abilities=CAUTIOUS), charger("b", abilities=leased)))

    # The nameplate of a alone is too much to let b lapse: it keeps up to its 16 A.
    assert flows_a(proof) == [32.0, 32.0, 32.0]
    assert "keeps its last limit, 16 A at most, since not all that could lapse at once fits" in str(
        proof.assumptions
    )


def test_a_limiter_that_is_written_without_a_lease_does_not_lapse() -> None:
    limiter = Limiter(lease_s=60.0, lapses_to_a=even(8.0), nameplate_a=even(12.0))
    shed = Circuit(id=SHED, parent=MAIN, limit_a=even(16.0), worst_background_a=even(0.0), limiter=limiter)
    house = Site(circuits=(main(), shed), chargers=(charger("a", circuit=SHED), charger("b")))

    assert "circuit shed: its limiter allows 12/12/12 A by itself" in str(prove(house).assumptions)


def test_a_charger_that_left_the_configuration_still_counts() -> None:
    ghost = Ghost(id=ChargerId("old"), circuit=MAIN, phases=(1,), promise_a=16.0)

    proof = prove(replace_ghosts(site(), ghost))

    assert flows_a(proof) == [26.0, 10.0, 10.0]


def replace_ghosts(house: Site, *ghosts: Ghost) -> Site:
    return Site(circuits=house.circuits, chargers=house.chargers, ghosts=ghosts)


def test_every_charger_is_named_with_what_is_assumed_of_it() -> None:
    assumptions = prove(site(charger("a"), charger("b", abilities=CAUTIOUS))).assumptions

    assert assumptions[1:] == (
        (
            "charger a: keeps its last limit, 16 A at most;"
            " plug-in or a restart may lift it to 32 A, its nameplate"
        ),
        "charger b: falls back to 6 A; plug-in or a restart may lift it to 6 A, its reset current",
    )


@settings(max_examples=60, deadline=None)
@given(
    limits_a=st.tuples(st.integers(10, 80), st.integers(6, 63)),
    worst_a=st.integers(0, 40),
    phases=st.lists(st.sampled_from([(1,), (2,), (3,), (1, 2, 3), (3, 1)]), min_size=1, max_size=5),
    in_shed=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_what_is_proposed_makes_the_site_hold(
    limits_a: tuple[int, int], worst_a: int, phases: list[tuple[int, ...]], in_shed: list[bool]
) -> None:
    shed = Circuit(id=SHED, parent=MAIN, limit_a=even(limits_a[1]), background_a=even(0.0))
    chargers = tuple(
        charger(str(number), circuit=SHED if in_shed[number] else MAIN, phases=wired)
        for number, wired in enumerate(phases)
    )
    house = Site(circuits=(main(float(worst_a), limits_a[0]), shed), chargers=chargers)

    proof = prove(house)
    told = tuple(obeying(one, proof.proposals.get(one.id)) for one in chargers)
    after = prove(Site(circuits=house.circuits, chargers=told))

    assert after.holds or worst_a > limits_a[0]
    assert all(value == 0 or value >= 6 for value in proof.proposals.values())


def obeying(spec: ChargerSpec, current_a: float | None) -> ChargerSpec:
    if current_a is None:
        return spec
    return replace(spec, abilities=Abilities(fallback_a=current_a, reset_a=current_a))


@pytest.mark.parametrize(("limit_w", "holds"), [(15_180.0, True), (15_179.0, False)])
def test_a_power_limit_has_to_hold_without_us_too(limit_w: float, holds: bool) -> None:
    circuit = replace(main(), limit_w=limit_w)
    proof = prove(site(charger("a", abilities=CAUTIOUS), charger("b", abilities=CAUTIOUS), circuit=circuit))

    # 10 A of the household and 6 A of each charger on three phases.
    (power,) = proof.powers
    assert (power.without_us_w, power.holds, proof.holds) == (15_180.0, holds, holds)


def test_what_is_proposed_keeps_the_power_limit() -> None:
    circuit = replace(main(worst_a=0.0, limit_a=63.0), limit_w=11_040.0)
    house = site(charger("a"), charger("b"), circuit=circuit)

    assert prove(house).proposals == {"a": 8.0, "b": 8.0}
