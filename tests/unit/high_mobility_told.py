"""What the tests of a High Mobility charger's answers share: answers that are made up of properties."""

from datetime import UTC, datetime, timedelta

from adapters.chargers.high_mobility.home_charger import HOME_CHARGER
from adapters.chargers.high_mobility.state import Heard, Timeliness, heard
from adapters.wire.autoapi.messages import LEVEL, SET, Message
from adapters.wire.autoapi.properties import Property
from adapters.wire.autoapi.units import CURRENT, Measurement, Quantity
from controller.domain.units import ChargerId

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WHEN = Timeliness(asked=NOON, fresh=timedelta(seconds=60), skew=timedelta(seconds=5))
BAY = ChargerId("bay")


def quantity(value: float, unit: str, measurement: Measurement = CURRENT) -> Quantity:
    return Quantity(value=value, unit=unit, measurement=measurement)


def answer(*properties: Property) -> Message:
    return Message(level=LEVEL, capability=HOME_CHARGER, type=SET, properties=properties)


def told(*properties: Property, when: Timeliness = WHEN) -> Heard:
    return heard(answer(*properties), 1000.0, when)
