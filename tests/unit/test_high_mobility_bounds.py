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
