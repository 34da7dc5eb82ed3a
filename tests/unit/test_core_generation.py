"""Sun and batteries make no room for raising (H13), metered or not, unless a site opts out."""

from typing import Any

from controller.domain.readings import MeterReading, MeterRole
from controller.domain.samples import HOLD_S
from controller.domain.snapshot import MeterPlace
from controller.domain.units import MeterId
from controller.domain.writes import Kind
from tests.fakes.ticks import MAIN, Ticks, even, house, spec

SUN = MeterId("sun")


def sunny(**changes: Any) -> Ticks:  # noqa: ANN401 - any field
    """House 20 A, sun 15 A on every phase: the meter shows 5 A."""
    ticks = Ticks(site=house(spec(), **changes))
    return ticks.hear().meter(even(5.0))


def metered(ticks: Ticks, role: MeterRole = MeterRole.SOLAR, sign: float = 1.0) -> Ticks:
    ticks.places = (*ticks.places, MeterPlace(id=SUN, role=role, circuit=MAIN))
    ticks.meters[SUN] = MeterReading(id=SUN, at_mono_s=ticks.now_s, power_w=sign * 15.0 * 690.0)
    return ticks


def test_metered_sun_makes_no_room_for_raising() -> None:
    ticks = metered(sunny())

    ticks.tick()

    assert ticks.told() is None


def test_a_solar_meter_that_falls_silent_makes_no_room_either() -> None:
    ticks = metered(sunny())
    ticks.now_s += 60.0

    ticks.hear().meter(even(5.0)).tick()

    assert ticks.told() is None


def test_an_inverter_that_sleeps_blocks_raises_only_for_a_while() -> None:
    ticks = metered(sunny())
    ticks.now_s += HOLD_S + 1.0

    ticks.hear().meter(even(5.0)).tick()

    assert ticks.told() == (16.0, Kind.RAISE)


def test_a_discharging_battery_makes_no_room_for_raising() -> None:
    ticks = metered(sunny(), MeterRole.BATTERY, -1.0)

    ticks.tick()

    assert ticks.told() is None


def test_a_site_may_opt_out_and_raise_on_its_own_generation() -> None:
    ticks = metered(sunny(generation_makes_room=True))

    ticks.tick()

    assert ticks.told() == (16.0, Kind.RAISE)


def test_unmetered_sun_never_makes_the_background_less_than_nothing() -> None:
    ticks = Ticks(site=house(spec(max_a=32.0)))
    ticks.hear().meter(even(-15.0)).tick()

    assert ticks.told() == (25.0, Kind.RAISE)
