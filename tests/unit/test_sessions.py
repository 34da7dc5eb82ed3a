from dataclasses import replace
from datetime import timedelta

import pytest

from controller.domain.readings import Plug
from controller.domain.snapshot import Snapshot
from controller.sessions import Session, Sessions
from controller.sources import NOTHING, UNKNOWN, Mix, mix_of, source_mix
from tests.fakes.recorded_house import NOON, SUN, charger, meter, snapshot


def fed(*ticks: Snapshot, sessions: Sessions | None = None) -> tuple[Sessions, list[Session]]:
    """Feed ticks; tell the accumulator and the sessions that ended."""
    book = sessions or Sessions()
    return book, [session for tick in ticks for session in book.feed(tick)]


def empty(after_s: float) -> Snapshot:
    """Look at an empty garage."""
    return snapshot(after_s, charger(after_s, plug=Plug.A))


def drawing(after_s: float, power_w: float = 3600.0, grid_w: float = 3600.0, sun_w: float = 0.0) -> Snapshot:
    """Look at a car that draws, at a charger without a counter."""
    return snapshot(after_s, charger(after_s, power_w=power_w), grid_w=grid_w, sun_w=sun_w)


def counting(after_s: float, session_wh: float | None, session_id: str | None = None) -> Snapshot:
    """Look at a charger that counts, fed by the grid."""
    state = charger(after_s, power_w=3600.0, session_wh=session_wh, session_id=session_id)
    return snapshot(after_s, state, grid_w=3600.0)


def parts_wh(sessions: tuple[Session, ...] | list[Session]) -> Mix:
    """Tell the energy of the only session by source, without the noise of adding floats."""
    (session,) = sessions
    mix = session.energy_wh
    return Mix(
        solar=round(mix.solar, 6),
        battery=round(mix.battery, 6),
        grid=round(mix.grid, 6),
        unknown=round(mix.unknown, 6),
    )


def only(sessions: list[Session]) -> Session:
    """Tell the only session."""
    (session,) = sessions
    return session


def test_a_session_lasts_from_plug_in_to_plug_out() -> None:
    _, ended = fed(empty(0), drawing(10), drawing(20), empty(30))

    assert only(ended).started == NOON + timedelta(seconds=10)
    assert only(ended).ended == NOON + timedelta(seconds=30)


def test_power_over_time_is_energy_where_there_is_no_counter() -> None:
    book, _ = fed(empty(0), drawing(10), drawing(20), drawing(30))

    assert book.open[0].total_wh == pytest.approx(20.0)


def test_currents_serve_where_no_power_is_told() -> None:
    states = [replace(charger(at_s, power_w=6900.0), power_w=None) for at_s in (10.0, 20.0)]

    book, _ = fed(empty(0), *(snapshot(state.at_mono_s - 1000.0, state, grid_w=9e3) for state in states))

    assert book.open[0].total_wh == pytest.approx(6900.0 / 360.0)


def test_the_charger_s_own_counter_goes_before_its_power() -> None:
    book, _ = fed(empty(0), counting(10, 0.0), counting(20, 7.0))

    assert book.open[0].total_wh == 7.0


def test_energy_is_shared_out_by_what_feeds_the_site() -> None:
    book, _ = fed(empty(0), drawing(10), drawing(20, grid_w=900.0, sun_w=2700.0))

    assert parts_wh(book.open) == Mix(grid=2.5, solar=7.5)


def test_a_coarse_counter_is_judged_by_all_the_time_since_its_last_step() -> None:
    sunny = replace(counting(20, 0.0), meters=drawing(20, grid_w=0.0, sun_w=3600.0).meters)

    book, _ = fed(empty(0), counting(10, 0.0), sunny, counting(30, 100.0))

    assert book.open[0].energy_wh.solar == pytest.approx(50.0)
    assert book.open[0].energy_wh.grid == pytest.approx(50.0)


def test_a_pause_in_the_sun_does_not_make_the_night_s_energy_solar() -> None:
    paused = [snapshot(at_s, charger(at_s, power_w=0.0, session_wh=0.0), sun_w=5e3) for at_s in (10.0, 50.0)]

    book, _ = fed(empty(0), *paused, counting(60, 10.0))

    assert parts_wh(book.open) == Mix(grid=10.0)


def test_a_silent_grid_meter_makes_the_source_unknown_and_not_nothing() -> None:
    stale = replace(drawing(20), meters={})

    book, _ = fed(empty(0), drawing(10), stale)

    assert parts_wh(book.open) == Mix(unknown=10.0)
    assert book.open[0].unpriced_wh == pytest.approx(10.0)
    assert book.open[0].cost is None


def test_grid_energy_costs_the_price_of_its_slot() -> None:
    hour_s = 3600.0
    book, _ = fed(drawing(hour_s - 20), drawing(hour_s - 10), drawing(hour_s), drawing(hour_s + 10))

    # 10 Wh at 0.30 before the hour, 20 Wh at 0.10 from the hour on.
    assert book.open[0].cost == pytest.approx(0.010 * 0.30 + 0.020 * 0.10)


def test_solar_energy_costs_nothing() -> None:
    book, _ = fed(empty(0), drawing(10), drawing(20, grid_w=0.0, sun_w=3600.0))

    assert book.open[0].cost == 0.0


def test_energy_without_a_price_is_told_apart() -> None:
    book, _ = fed(empty(0), *(replace(drawing(at_s), prices=()) for at_s in (10, 20)))

    assert book.open[0].cost is None
    assert book.open[0].unpriced_wh == pytest.approx(10.0)


def test_a_counter_that_goes_back_begins_anew() -> None:
    book, _ = fed(empty(0), counting(10, 0.0), counting(20, 50.0), counting(30, 4.0))

    assert book.open[0].total_wh == pytest.approx(54.0)


def test_a_counter_that_still_shows_the_car_before_is_not_counted() -> None:
    book, _ = fed(empty(0), counting(10, 12_000.0), counting(20, 3.0))

    assert book.open[0].total_wh == pytest.approx(3.0)


def test_a_counter_that_is_missing_for_a_moment_counts_once() -> None:
    book, _ = fed(empty(0), counting(10, 0.0), counting(20, None), counting(30, 20.0))

    assert book.open[0].total_wh == pytest.approx(20.0)


def test_a_counter_that_comes_late_does_not_count_twice() -> None:
    book, _ = fed(empty(0), drawing(10), drawing(20), counting(30, 20.0))

    assert book.open[0].total_wh == pytest.approx(20.0)


def test_energy_that_flowed_before_we_looked_has_an_unknown_source() -> None:
    book, _ = fed(counting(10, 3000.0))

    assert book.open[0].energy_wh == Mix(unknown=3000.0)


def test_what_flowed_in_a_long_pause_counts_with_an_unknown_source() -> None:
    book, _ = fed(empty(0), counting(10, 0.0), counting(500, 400.0))

    assert parts_wh(book.open) == Mix(unknown=400.0)


def test_power_is_not_guessed_over_a_long_pause() -> None:
    book, _ = fed(empty(0), drawing(10), drawing(500))

    assert book.open[0].energy_wh == NOTHING


def test_another_session_of_the_charger_ends_the_one_before() -> None:
    book, ended = fed(empty(0), counting(10, 0.0, "a"), counting(20, 9.0, "a"), counting(30, 2.0, "b"))

    assert only(ended).total_wh == pytest.approx(9.0)
    assert [session.session_id for session in book.open] == ["b"]


def test_a_silent_charger_keeps_its_session() -> None:
    unknown = snapshot(20, charger(20, plug=Plug.UNKNOWN))

    book, ended = fed(empty(0), drawing(10), unknown, replace(drawing(30), chargers={}))

    assert not ended
    assert len(book.open) == 1


def test_a_fault_of_the_charger_does_not_end_the_session() -> None:
    _, ended = fed(empty(0), drawing(10), snapshot(20, charger(20, plug=Plug.F)))

    assert not ended


def test_the_largest_line_current_is_kept() -> None:
    book, _ = fed(empty(0), drawing(10, power_w=6900.0), drawing(20, power_w=690.0))

    assert book.open[0].peak_a == pytest.approx(10.0)


def test_a_session_goes_on_over_a_restart() -> None:
    before, _ = fed(empty(0), counting(10, 0.0), counting(20, 10.0))
    after = Sessions()
    after.resume(before.open)

    _, ended = fed(counting(30, 25.0), counting(40, 30.0), empty(50), sessions=after)

    assert only(ended).started == NOON + timedelta(seconds=10)
    assert parts_wh(ended) == Mix(grid=15.0, unknown=15.0)


def test_a_car_that_left_during_a_restart_ends_its_session_where_it_was_seen_last() -> None:
    before, _ = fed(empty(0), counting(10, 0.0), counting(20, 10.0))
    after = Sessions()
    after.resume(before.open)

    _, ended = fed(empty(500), sessions=after)

    assert only(ended).ended == NOON + timedelta(seconds=20)


def test_a_counter_that_went_back_over_a_restart_is_another_car() -> None:
    before, _ = fed(empty(0), counting(10, 0.0), counting(20, 10.0))
    after = Sessions()
    after.resume(before.open)

    _, ended = fed(counting(500, 4.0), sessions=after)

    assert only(ended).total_wh == pytest.approx(10.0)
    assert after.open[0].total_wh == pytest.approx(4.0)


def test_the_last_count_of_the_charger_belongs_to_the_session() -> None:
    gone = replace(charger(30, plug=Plug.A), session_wh=12.0)

    _, ended = fed(empty(0), counting(10, 0.0), counting(20, 10.0), snapshot(30, gone, grid_w=500.0))

    assert only(ended).total_wh == pytest.approx(12.0)


def test_battery_discharge_is_a_source_and_charging_is_none() -> None:
    assert mix_of(grid_w=0.0, solar_w=1e3, battery_w=-1e3, charging_w=0.0) == Mix(solar=0.5, battery=0.5)
    assert mix_of(grid_w=0.0, solar_w=1e3, battery_w=500.0, charging_w=0.0) == Mix(solar=1.0)


def test_what_no_meter_sees_is_unknown() -> None:
    assert mix_of(grid_w=1e3, solar_w=0.0, battery_w=0.0, charging_w=4e3) == Mix(grid=0.25, unknown=0.75)


def test_nothing_at_all_is_unknown() -> None:
    assert mix_of(grid_w=-5.0, solar_w=0.0, battery_w=0.0, charging_w=0.0) == UNKNOWN


def test_silent_panels_make_the_whole_mix_unknown() -> None:
    tick = drawing(10)
    silent = replace(tick, meters={**tick.meters, SUN: meter(0.0, 3000.0, SUN)})

    assert source_mix(silent) == UNKNOWN


def test_a_meter_that_tells_only_its_phases_is_summed() -> None:
    tick = drawing(10, grid_w=0.0)
    phases = replace(meter(10.0, None), powers_w=(1200.0, 1200.0, 1200.0))

    assert source_mix(replace(tick, meters={**tick.meters, phases.id: phases})) == Mix(grid=1.0)
