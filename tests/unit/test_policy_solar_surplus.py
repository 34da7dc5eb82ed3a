"""When one car starts on the surplus, goes on, keeps its minimum and stops."""

import pytest

from controller.domain.readings import Plug
from controller.domain.reasons import Code
from tests.fakes.policy_views import A, B, house, judge, spec, state, view, wish
from tests.unit.solar_opinions import Memory, after, code, preferred, solar


def test_a_car_starts_once_the_surplus_was_enough_for_the_whole_delay() -> None:
    waiting = after(59, -2000.0, [solar()], {})
    started = after(0, -2000.0, [solar()], dict(waiting.memory))

    assert (preferred(waiting), code(waiting)) == (0.0, Code.SURPLUS_WAIT)
    assert (preferred(started), code(started)) == (16.0, Code.SURPLUS)


def test_a_waiting_car_tells_when_it_will_start() -> None:
    said = wish(after(10, -2000.0, [solar()], {}))

    assert said is not None
    assert said.until_mono_s == 1060.0


def test_too_little_surplus_says_how_much_is_missing() -> None:
    said = wish(after(100, -1000.0, [solar()], {}))

    assert said is not None
    assert (said.reason.code, said.reason.value, said.reason.needed) == (Code.SURPLUS_LOW, 1000, 1380)


def test_a_car_on_three_phases_needs_three_times_the_surplus() -> None:
    site = house(spec(phases=(1, 2, 3)))

    said = wish(judge("solar_surplus", view(site, grid_power_w=-2000.0)))

    assert said is not None
    assert said.reason.needed == 4140


def test_a_car_that_uses_one_phase_of_three_needs_the_surplus_of_one() -> None:
    site = house(spec(phases=(1, 2, 3)))

    said = wish(judge("solar_surplus", view(site, phases={A: (2,)}, grid_power_w=-1000.0)))

    assert said is not None
    assert said.reason.needed == 1380


def test_a_car_keeps_its_minimum_while_a_cloud_passes_and_then_stops() -> None:
    started = after(61, -2000.0, [solar()], {})
    drawing = {A: state(draw_a=(6.0, 0.0, 0.0)), B: state("b")}

    clouded = after(299, 1380.0, [solar()], dict(started.memory), chargers=drawing)
    stopped = after(40, 1380.0, [solar()], dict(clouded.memory), chargers=drawing)

    assert (preferred(clouded), code(clouded)) == (6.0, Code.SURPLUS_HOLD)
    assert (preferred(stopped), code(stopped)) == (0.0, Code.SURPLUS_LOW)


def test_the_minimum_fits_into_the_budget_while_a_cloud_passes() -> None:
    started = after(61, -2000.0, [solar()], {})
    drawing = {A: state(draw_a=(6.0, 0.0, 0.0)), B: state("b")}

    clouded = after(100, 1380.0, [solar()], dict(started.memory), chargers=drawing)

    assert clouded.budgets[0].limit_w == 1380.0


def test_between_stop_and_start_threshold_a_car_goes_on_but_does_not_start() -> None:
    between_w = 1200.0
    started = after(61, -2000.0, [solar()], {})
    drawing = {A: state(draw_a=(6.0, 0.0, 0.0)), B: state("b")}

    going = after(900, 1380.0 - between_w, [solar()], dict(started.memory), chargers=drawing)
    fresh = after(900, -between_w, [solar()], {})

    assert (preferred(going), preferred(fresh)) == (16.0, 0.0)


def test_a_stopped_car_rests_before_it_starts_again() -> None:
    quick = solar(hold_s=0.0, rest_s=300.0)
    started = after(61, -2000.0, [quick], {})
    stopped = after(31, 2000.0, [quick], dict(started.memory))

    resting = after(250, -2000.0, [quick], dict(stopped.memory))
    again = after(60, -2000.0, [quick], dict(resting.memory))

    assert (preferred(stopped), preferred(resting), preferred(again)) == (0.0, 0.0, 16.0)


def test_without_a_grid_meter_a_solar_car_pauses_and_says_that_nothing_is_known() -> None:
    started = after(61, -2000.0, [solar()], {})

    blind = after(0, None, [solar()], dict(started.memory))

    assert (preferred(blind), code(blind)) == (0.0, Code.SURPLUS_UNKNOWN)
    assert blind.budgets == ()


def test_without_a_grid_meter_a_car_that_keeps_its_minimum_leaves_the_word_to_the_next_policy() -> None:
    blind = after(0, None, [solar(keep_minimum=1.0)], {})

    assert wish(blind) is None


def test_a_kept_minimum_is_granted_without_any_sun() -> None:
    opinion = after(100, 3000.0, [solar(keep_minimum=1.0)], {})

    assert preferred(opinion) == 16.0
    assert opinion.budgets[0].limit_w == 1380.0


@pytest.mark.parametrize(
    ("grid_w", "name"), [(500.0, "solar_surplus_or_the_minimum"), (-9000.0, "solar_surplus")]
)
def test_what_the_minimum_leaves_is_not_said_to_be_the_suns(grid_w: float, name: str) -> None:
    opinion = after(120, grid_w, [solar(keep_minimum=1.0)], {})

    assert [budget.id for budget in opinion.budgets] == [name]


def test_an_unplugged_charger_is_not_started() -> None:
    empty = {A: state(plug=Plug.A), B: state("b", plug=Plug.A)}

    opinion = after(600, -5000.0, [solar("a"), solar("b")], {}, chargers=empty)

    assert (preferred(opinion, "a"), preferred(opinion, "b")) == (0.0, 0.0)


def test_a_car_that_already_charges_goes_on_when_its_mode_becomes_solar() -> None:
    drawing = {A: state(draw_a=(10.0, 0.0, 0.0)), B: state("b")}

    opinion = after(0, 300.0, [solar()], {}, chargers=drawing, present_a={A: 10.0})

    assert preferred(opinion) == 16.0


def test_a_surplus_at_the_edge_of_a_step_stays_below_it() -> None:
    limits_w, memory = [], Memory()
    for exported_w in (2000.0, 1950.0, 2000.0, 2060.0):
        opinion = after(40, -exported_w, [solar()], memory)
        limits_w.append(opinion.memory["budget"][0])
        memory = dict(opinion.memory)

    assert limits_w == [2000.0, 1950.0, 1950.0, 2060.0]


def test_a_short_move_of_the_surplus_counts_for_nothing() -> None:
    steady = after(100, -2000.0, [solar()], {})
    kettle = after(20, 0.0, [solar()], dict(steady.memory))

    assert kettle.budgets[0].limit_w == 2000.0


def test_timers_from_before_a_restart_of_the_host_begin_anew() -> None:
    started = after(61, -2000.0, [solar()], {"clock": (90_000.0,)})

    restarted = judge("solar_surplus", view(mono_s=5.0, grid_power_w=-2000.0), [solar()], started.memory)

    assert preferred(restarted) == 16.0
    assert restarted.memory["car:a"][1] == 5.0
