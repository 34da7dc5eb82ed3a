"""How often a High Mobility charger is asked: as often as its rarest property, and less while it is busy."""

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


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-300])
def test_a_rate_that_would_silence_a_charger_is_no_rate(value: float) -> None:
    assert slowest_s(answer(availability("chargingStatus", value, "hertz"))) is None


def test_a_busy_charger_is_asked_less_and_less_until_it_answers() -> None:
    pace = Pace(poll_s=10.0)
    intervals_s = []
    for _ in range(5):
        pace.went(is_had=False)
        intervals_s.append(pace.interval_s)
    pace.went(is_had=True)

    assert (intervals_s, pace.interval_s) == ([20.0, 40.0, 80.0, 80.0, 80.0], 10.0)
