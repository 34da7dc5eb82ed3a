from typing import Any

import pytest

from controller.domain.readings import Plug
from controller.domain.reasons import Code
from controller.domain.wishes import Member, Opinion
from tests.fakes.policy_views import A, B, house, judge, member, spec, state, view, wish

Memory = dict[str, tuple[float, ...]]
BOTH = house(spec("a"), spec("b"))


def solar(charger: str = "a", **settings: float) -> Member:
    return member("solar_surplus", charger, settings)


def after(
    seconds: float,
    grid_w: float | None,
    members: list[Member],
    memory: Memory,
    **changes: Any,  # noqa: ANN401 - any field of a view
) -> Opinion:
    """Judge every second for so long, with everything constant; starts at the latest instant known."""
    start_s = memory.get("clock", (1000.0,))[0]
    opinion = Opinion(memory=memory)
    for second in range(int(seconds) + 1):
        now_s = start_s + second
        seen = view(BOTH, mono_s=now_s, grid_power_w=grid_w, **changes)
        opinion = judge("solar_surplus", seen, members, opinion.memory)
    return Opinion(
        wishes=opinion.wishes,
        budgets=opinion.budgets,
        memory={**opinion.memory, "clock": (start_s + seconds + 1,)},
    )


def preferred(opinion: Opinion, charger: str = "a") -> float | None:
    said = wish(opinion, charger)
    return said.preferred_a if said is not None else None


def code(opinion: Opinion, charger: str = "a") -> Code | None:
    said = wish(opinion, charger)
    return said.reason.code if said is not None else None


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


def test_what_solar_cars_draw_counts_as_surplus() -> None:
    drawing = {A: state(draw_a=(8.0, 0.0, 0.0)), B: state("b")}

    opinion = after(0, 0.0, [solar("a")], {}, chargers=drawing, present_a={A: 8.0})

    assert opinion.budgets[0].limit_w == 8.0 * 230.0


def test_what_other_cars_draw_does_not() -> None:
    drawing = {A: state(), B: state("b", draw_a=(16.0, 0.0, 0.0))}

    opinion = after(0, -500.0, [solar("a")], {}, chargers=drawing)

    assert opinion.budgets[0].limit_w == 500.0


def test_two_cars_never_start_on_the_same_surplus() -> None:
    opinion = after(100, -2000.0, [solar("a"), solar("b")], {})

    assert (preferred(opinion, "a"), preferred(opinion, "b")) == (16.0, 0.0)
    assert wish(opinion, "b").reason.value == 2000 - 1380  # type: ignore[union-attr] # it stands there


def test_a_car_about_to_start_has_its_part_kept_for_it() -> None:
    opinion = after(30, -2000.0, [solar("a"), solar("b")], {})

    assert (code(opinion, "a"), code(opinion, "b")) == (Code.SURPLUS_WAIT, Code.SURPLUS_LOW)


def test_two_cars_share_a_surplus_that_is_enough_for_both() -> None:
    opinion = after(100, -3000.0, [solar("a"), solar("b")], {})

    (budget,) = opinion.budgets
    assert (preferred(opinion, "a"), preferred(opinion, "b")) == (16.0, 16.0)
    assert (budget.chargers, budget.limit_w) == ((A, B), 3000.0)


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


def test_kept_minima_come_off_the_surplus_before_others_start() -> None:
    opinion = after(100, -2000.0, [solar("a"), solar("b", keep_minimum=1.0)], {})

    assert preferred(opinion, "a") == 0.0
    assert preferred(opinion, "b") == 16.0


def test_a_full_car_does_not_hold_the_surplus_back_from_the_next() -> None:
    opinion = after(100, -2000.0, [solar("a"), solar("b")], {})

    late = after(150, -2000.0, [solar("a"), solar("b")], dict(opinion.memory))

    # The first draws nothing and is found idle, the second is given the surplus.
    assert preferred(late, "b") == 16.0
    assert A not in late.budgets[0].chargers


def test_an_unplugged_charger_is_not_started() -> None:
    empty = {A: state(plug=Plug.A), B: state("b", plug=Plug.A)}

    opinion = after(600, -5000.0, [solar("a"), solar("b")], {}, chargers=empty)

    assert (preferred(opinion, "a"), preferred(opinion, "b")) == (0.0, 0.0)


def test_the_next_car_need_not_rest_from_the_one_before() -> None:
    started = after(61, -2000.0, [solar()], {})
    gone = after(5, -2000.0, [solar()], dict(started.memory), chargers={A: state(plug=Plug.A)})

    plugged = after(61, -2000.0, [solar()], dict(gone.memory))

    assert preferred(plugged) == 16.0


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


@pytest.mark.parametrize(
    ("battery_w", "soc_pct", "settings", "surplus_w"),
    [
        (1500.0, 50.0, {}, 1000.0),  # what the battery takes is its own
        (1500.0, 50.0, {"battery_first": 0.0}, 2500.0),  # the car goes first
        (1500.0, 10.0, {"battery_first": 0.0}, 1000.0),  # not below the reserve
        (1500.0, None, {"battery_first": 0.0}, 1000.0),  # nor when nobody knows
        (-800.0, 50.0, {}, 200.0),  # what it gives is not sun
        (-800.0, 50.0, {"battery_first": 0.0}, 200.0),
        (500.0, 50.0, {"battery_w": 1200.0}, 300.0),  # room kept free for it
        (500.0, 97.0, {"battery_w": 1200.0}, 1000.0),  # not when it is full
    ],
)
def test_the_battery_takes_its_part(
    battery_w: float, soc_pct: float | None, settings: dict[str, float], surplus_w: float
) -> None:
    opinion = after(
        0,
        -1000.0,
        [member("solar_surplus", settings=settings)],
        {},
        battery_power_w=battery_w,
        battery_soc_pct=soc_pct,
    )

    assert opinion.memory["budget"] == (surplus_w,)


@pytest.mark.parametrize(("imported_w", "surplus_w"), [(1000.0, 1000.0), (3000.0, -3000.0)])
def test_a_battery_that_charges_while_the_site_imports_makes_room_only_with_the_rest(
    imported_w: float, surplus_w: float
) -> None:
    asked = [solar(battery_first=0.0)]

    opinion = after(0, imported_w, asked, {}, battery_power_w=3000.0, battery_soc_pct=50.0)

    assert opinion.memory["budget"] == (surplus_w,)


def test_a_car_that_waits_only_for_the_battery_says_so() -> None:
    opinion = after(100, -500.0, [solar()], {}, battery_power_w=2000.0, battery_soc_pct=50.0)

    assert code(opinion) is Code.BATTERY_FIRST


def test_a_battery_that_falls_silent_leaves_the_surplus_unknown() -> None:
    started = after(61, -2000.0, [solar()], {}, battery_power_w=0.0)

    silent = after(0, -2000.0, [solar()], dict(started.memory), battery_power_w=None)

    assert code(silent) is Code.SURPLUS_UNKNOWN


def test_a_car_whose_draw_is_unseen_counts_at_its_limit_once_that_has_lasted() -> None:
    unseen = {A: state(draw_a=None), B: state("b")}
    before = after(61, -2000.0, [solar()], {}, chargers=unseen, present_a={A: 0.0})

    told = after(29, -2000.0, [solar()], dict(before.memory), chargers=unseen, present_a={A: 8.0})
    lasted = after(70, -160.0, [solar()], dict(told.memory), chargers=unseen, present_a={A: 8.0})

    assert told.budgets[0].limit_w == 2000.0
    assert lasted.budgets[0].limit_w == 2000.0


def test_a_silent_charger_is_a_load_like_any_other_and_leaves_the_budget() -> None:
    only_b = {B: state("b")}

    opinion = after(0, -2000.0, [solar("a"), solar("b")], {}, chargers=only_b, present_a={A: 16.0})

    assert opinion.budgets[0].chargers == (B,)
    assert opinion.budgets[0].limit_w == 2000.0


def test_timers_from_before_a_restart_of_the_host_begin_anew() -> None:
    started = after(61, -2000.0, [solar()], {"clock": (90_000.0,)})

    restarted = judge("solar_surplus", view(mono_s=5.0, grid_power_w=-2000.0), [solar()], started.memory)

    assert preferred(restarted) == 16.0
    assert restarted.memory["car:a"][1] == 5.0
