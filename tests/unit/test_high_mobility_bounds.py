"""Limits are moved into what a High Mobility charger allows, and never up by what it tells later."""

import pytest

from adapters.chargers.high_mobility.limits import Bounds, checked_limit_a
from controller.domain.site import Abilities, ChargerSpec
from controller.domain.units import CircuitId
from controller.errors import DeviceRefused
from tests.unit.high_mobility_told import BAY

SPEC = ChargerSpec(id=BAY, circuit=CircuitId("main"), max_a=32.0, abilities=Abilities(can_pause=False))


@pytest.mark.parametrize("limit_a", [0.0, 5.0, 33.0, 10.5, float("nan"), float("inf"), -6.0])
def test_a_charger_without_a_pause_is_told_its_range_alone(limit_a: float) -> None:
    with pytest.raises(DeviceRefused):
        checked_limit_a(SPEC, limit_a)


def test_who_found_out_that_it_takes_zero_may_say_so() -> None:
    spec = ChargerSpec(id=BAY, circuit=CircuitId("main"), max_a=32.0, abilities=Abilities(can_pause=True))

    assert checked_limit_a(spec, 0.0) == 0.0


@pytest.mark.parametrize(("limit_a", "within_a"), [(6.0, 8.0), (10.0, 10.0), (25.0, 20.0)])
def test_limits_are_moved_into_what_the_charger_itself_allows(limit_a: float, within_a: float) -> None:
    bounds = Bounds()
    bounds.look(8.0, 20.0)
    bounds.look(None, None)

    assert bounds.within(limit_a, 16.0) == within_a


@pytest.mark.parametrize("present_a", [None, 7.9])
def test_a_minimum_that_the_charger_tells_never_raises_what_it_has(present_a: float | None) -> None:
    bounds = Bounds()
    bounds.look(8.0, 20.0)

    with pytest.raises(DeviceRefused, match="minimum of 8 A"):
        bounds.within(6.0, present_a)


@pytest.mark.parametrize(
    ("maximum_a", "step_a", "limit_a", "within_a"),
    [
        (10.4, 1.0, 16.0, 10.0),
        (10.4, 1.0, 10.0, 10.0),
        (10.4, 0.5, 16.0, 10.0),
        (10.4, 0.1, 16.0, 10.4),
        (10.4, 0.0, 16.0, 10.4),
        (6.9, 1.0, 16.0, 6.0),
        (0.0, 1.0, 16.0, 16.0),
    ],
)
def test_a_maximum_is_rounded_down_to_a_step(
    maximum_a: float, step_a: float, limit_a: float, within_a: float
) -> None:
    assert Bounds(None, maximum_a, step_a=step_a).within(limit_a, 16.0) == within_a


def test_a_minimum_is_rounded_up_to_a_step() -> None:
    assert Bounds(8.4, 20.0).within(6.0, 16.0) == 9.0


def test_a_minimum_that_is_rounded_up_never_raises_what_it_has() -> None:
    with pytest.raises(DeviceRefused, match=r"minimum of 8\.4 A"):
        Bounds(8.4, 20.0).within(6.0, 8.5)


@pytest.mark.parametrize(("maximum_a", "min_a"), [(1.0, 6.0), (5.9, 6.0), (9.0, 10.0)])
@pytest.mark.parametrize("present_a", [None, 16.0])
def test_a_maximum_below_the_least_that_may_be_written_leaves_nothing_to_write(
    maximum_a: float, min_a: float, present_a: float | None
) -> None:
    with pytest.raises(DeviceRefused, match="own maximum"):
        Bounds(0.1, maximum_a, min_a=min_a).within(min_a, present_a)


def test_a_pause_is_no_matter_of_bounds() -> None:
    assert Bounds(0.1, 1.0).within(0.0, 16.0) == 0.0
