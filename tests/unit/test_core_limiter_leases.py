"""Circuit limiters with a time to live: when it is given, renewed, and what it lapses to."""

from dataclasses import replace

from controller.domain.site import Ghost, Limiter
from controller.domain.units import ChargerId
from controller.domain.writes import Kind
from tests.fakes.garage import garage, wishing
from tests.fakes.ticks import MAIN, A, B, even

LEASED = Limiter(lease_s=60.0, lapses_to_a=even(6.0))


def test_a_limiter_is_leased_where_its_fallback_fits_everywhere_above() -> None:
    ticks = garage(LEASED, worst_background_a=even(0.0))
    ticks.site = replace(
        ticks.site,
        circuits=(replace(ticks.site.circuits[0], worst_background_a=even(19.0)), ticks.site.circuits[1]),
    )

    assert ticks.pass_s(1)[0].lease_s == 60.0


def test_a_limiter_is_not_leased_where_its_fallback_does_not_fit_above() -> None:
    ticks = garage(LEASED, worst_background_a=even(0.0))

    assert ticks.pass_s(1)[0].lease_s is None


def test_a_limiters_lease_is_renewed_well_before_it_ends_and_without_a_burst() -> None:
    ticks = garage(LEASED, worst_background_a=even(0.0))
    ticks.site = replace(
        ticks.site,
        circuits=(replace(ticks.site.circuits[0], worst_background_a=even(19.0)), ticks.site.circuits[1]),
    )

    told = ticks.pass_s(120)

    assert 3 <= len(told) <= 6
    assert {write.kind for write in told[1:]} == {Kind.REPEAT}


def test_what_a_limiter_falls_back_to_counts_from_the_moment_it_can_lapse() -> None:
    ticks = garage(replace(LEASED, lapses_to_a=even(15.0)), worst_background_a=even(0.0))
    ticks.site = replace(
        ticks.site,
        circuits=(replace(ticks.site.circuits[0], worst_background_a=even(10.0)), ticks.site.circuits[1]),
        chargers=ticks.site.chargers,
    )
    ticks.policies = wishing(even(8.0))
    ticks.pass_s(30)
    for name in (A, B):
        ticks.hear(name, 16.0, 0.0)
    assert ticks.tick().circuits[MAIN].promised_a == even(8.0)

    ticks.hears = False
    ticks.tick(61.0)

    assert ticks.tick().circuits[MAIN].promised_a == even(15.0)


def test_a_limiter_is_not_leased_where_what_left_the_configuration_needs_the_room() -> None:
    ticks = garage(LEASED, worst_background_a=even(0.0))
    above = replace(ticks.site.circuits[0], worst_background_a=even(19.0))
    ghost = Ghost(id=ChargerId("old"), circuit=MAIN, phases=(1,), promise_a=6.0)
    ticks.site = replace(ticks.site, circuits=(above, ticks.site.circuits[1]), ghosts=(ghost,))

    assert ticks.pass_s(1)[0].lease_s is None


def test_what_left_the_configuration_behind_a_limiter_counts_once_with_it() -> None:
    ticks = garage(LEASED, worst_background_a=even(0.0))
    above = replace(ticks.site.circuits[0], worst_background_a=even(19.0))
    ghost = Ghost(id=ChargerId("old"), circuit=ticks.site.circuits[1].id, phases=(1,), promise_a=16.0)
    ticks.site = replace(ticks.site, circuits=(above, ticks.site.circuits[1]), ghosts=(ghost,))

    assert ticks.pass_s(1)[0].lease_s == 60.0
