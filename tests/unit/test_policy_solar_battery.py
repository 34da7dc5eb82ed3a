"""The house's battery takes its part of the surplus, and is not taken for sun."""

import pytest

from controller.domain.reasons import Code
from tests.fakes.policy_views import member
from tests.unit.solar_opinions import after, code, solar


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
