"""How often a High Mobility charger is asked: as often as its rarest property, and less while it is busy."""

import math

import pytest

from adapters.chargers.high_mobility.pace import Pace, slowest_s
from adapters.wire.autoapi.properties import Availability, Property
from adapters.wire.autoapi.units import FREQUENCY
from tests.unit.high_mobility_told import answer, quantity


def availability(name: str, value: float, unit: str) -> Property:
    rate = quantity(value, unit, FREQUENCY)
    told = Availability(update_rate="trip", rate_limit=rate, applies_per="app")
    return Property(name=name, availability=told)


def test_the_rarest_property_sets_the_pace() -> None:
    message = answer(
        availability("chargingStatus", 64.0, "hertz"), availability("chargeCurrent", 2.0, "times_per_minute")
    )

    assert slowest_s(message) == pytest.approx(30.0)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_rate_that_would_silence_a_charger_is_no_rate(value: float) -> None:
    assert slowest_s(answer(availability("chargingStatus", value, "hertz"))) is None


@pytest.mark.parametrize(
    ("value", "unit", "told_s", "interval_s"),
    [
        (2.0, "times_per_hour", 1800.0, 1800.0),
        (1.0, "times_per_hour", 3600.0, 3600.0),
        (20.0, "times_per_day", 4320.0, 3600.0),
        (1e-6, "hertz", 1_000_000.0, 3600.0),
        (5e-324, "hertz", math.inf, 3600.0),
    ],
)
def test_the_stricter_a_rate_the_longer_the_wait_up_to_an_hour(
    value: float, unit: str, told_s: float, interval_s: float
) -> None:
    slowest = slowest_s(answer(availability("chargingStatus", value, unit)))

    assert (slowest, Pace(poll_s=10.0, slowest_s=slowest).interval_s) == (told_s, interval_s)


def test_a_busy_charger_is_asked_once_an_hour_at_least() -> None:
    pace = Pace(poll_s=10.0, slowest_s=3600.0)
    pace.went(is_had=False)

    assert pace.interval_s == 3600.0


def test_a_busy_charger_is_asked_less_and_less_until_it_answers() -> None:
    pace = Pace(poll_s=10.0)
    intervals_s = []
    for _ in range(5):
        pace.went(is_had=False)
        intervals_s.append(pace.interval_s)
    pace.went(is_had=True)

    assert (intervals_s, pace.interval_s) == ([20.0, 40.0, 80.0, 80.0, 80.0], 10.0)
