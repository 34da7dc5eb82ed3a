"""After a restart (H6): what the journal knew counts until a device was read, leases and all."""

from dataclasses import replace
from typing import Any

from controller.domain.site import Abilities, Limiter
from tests.fakes.garage import GARAGE, garage
from tests.fakes.ticks import MAIN, START_S, A, B, Ticks, even, house, spec

LEASED = Abilities(lease_s=60.0, lapses_to_a=10.0)


def silent(abilities: Abilities = LEASED, worst_a: float = 15.0, **more: Any) -> Ticks:  # noqa: ANN401 - any field
    """Start anew beside a charger that is not heard and was promised 6 A."""
    site = house(spec(abilities=abilities), worst_background_a=even(worst_a))
    return Ticks(site=site, more={"recorded_a": {A: 6.0}, **more})


def test_a_lease_of_before_lapses_when_it_may_end() -> None:
    ticks = silent(recorded_lapses_mono_s={A: START_S + 30.0})

    assert ticks.tick(29.0).chargers[A].promise_a == 6.0
    assert ticks.tick(1.0).chargers[A].promise_a == 10.0


def test_where_limits_are_leased_one_of_which_no_lease_is_known_may_lapse_at_once() -> None:
    assert silent().tick().chargers[A].promise_a == 10.0


def test_where_no_limit_is_leased_the_recorded_promise_counts() -> None:
    assert silent(worst_a=25.0).tick().chargers[A].promise_a == 6.0


def test_a_lease_that_was_given_under_another_configuration_lapses_to_the_nameplate() -> None:
    ticks = silent(Abilities(), recorded_lapses_mono_s={A: START_S + 30.0})

    assert ticks.tick(29.0).chargers[A].promise_a == 6.0
    assert ticks.tick(1.0).chargers[A].promise_a == 32.0


def test_a_charger_that_falls_back_by_itself_may_have_done_so_before_the_start() -> None:
    ticks = silent(Abilities(fallback_a=10.0, fallback_after_s=60.0))

    assert ticks.tick().chargers[A].promise_a == 10.0


def test_a_charger_that_is_heard_after_the_start_has_not_fallen_back() -> None:
    ticks = silent(Abilities(fallback_a=10.0, fallback_after_s=60.0))
    ticks.hear(A, 6.0, 6.0).meter(even(6.0)).tick()

    ticks.live(30, base_a=even(19.0))

    assert ticks.verdict(A).promise_a == 6.0


def test_after_a_restart_a_silent_limiter_counts_at_its_recorded_promise() -> None:
    ticks = garage()
    ticks.hears = False
    ticks.more["recorded_limiters_a"] = {GARAGE: (9.0, 10.0, 11.0)}
    ticks.more["recorded_a"] = {A: 16.0, B: 16.0}

    assert ticks.tick().circuits[GARAGE].promised_a == (9.0, 10.0, 11.0)


def test_after_a_restart_without_a_record_a_limiter_counts_at_its_nameplate() -> None:
    ticks = garage()
    ticks.hears = False
    ticks.states.clear()

    assert ticks.tick().circuits[GARAGE].promised_a == even(32.0)


def test_a_recorded_raise_of_a_limiter_may_still_arrive_after_a_restart() -> None:
    ticks = garage()
    ticks.held_a = even(6.0)
    ticks.more["recorded_limiters_a"] = {GARAGE: even(20.0)}

    assert ticks.tick().circuits[GARAGE].promised_a == even(20.0)


LEASED_LIMITER = Limiter(lease_s=60.0, lapses_to_a=even(15.0))


def leased_garage(**more: Any) -> Ticks:  # noqa: ANN401 - any field
    """Start anew beside a limiter that is not heard and was promised 8 A."""
    ticks = garage(LEASED_LIMITER, worst_background_a=even(0.0))
    roomy = replace(ticks.site.circuits[0], worst_background_a=even(10.0))
    ticks.site = replace(ticks.site, circuits=(roomy, ticks.site.circuits[1]))
    ticks.hears = False
    ticks.more = {"recorded_limiters_a": {GARAGE: even(8.0)}, "recorded_a": {A: 16.0, B: 16.0}, **more}
    return ticks


def test_a_limiters_lease_of_before_lapses_when_it_may_end() -> None:
    ticks = leased_garage(recorded_limiters_lapse_mono_s={GARAGE: START_S + 30.0})

    assert ticks.tick(29.0).circuits[MAIN].promised_a == even(8.0)
    assert ticks.tick(1.0).circuits[MAIN].promised_a == even(15.0)


def test_a_limiter_of_which_no_lease_is_known_may_lapse_at_once() -> None:
    assert leased_garage().tick().circuits[MAIN].promised_a == even(15.0)


def test_a_draw_that_the_meter_may_not_show_yet_makes_no_room() -> None:
    ticks = Ticks(site=house(spec(), spec(B)), more={"recorded_a": {A: 16.0, B: 0.0}})
    ticks.hear(A, 16.0, 16.0).hear(B)
    # The household's 10 A; the car began to draw since.
    ticks.meter(even(10.0), at_mono_s=ticks.now_s - 4.0)

    ticks.tick()

    assert ticks.told(B) is None


def test_once_the_draws_of_a_whole_window_are_known_the_room_is_given() -> None:
    ticks = Ticks(site=house(spec(max_a=10.0), spec(B)), more={"recorded_a": {A: 10.0, B: 0.0}})
    ticks.hear(A, 10.0, 10.0).hear(B, 0.0, 0.0).meter(even(14.0)).tick()

    ticks.live(30, base_a=even(4.0))

    assert ticks.verdict(B).limit_a == 11.0
