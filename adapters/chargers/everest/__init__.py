"""EVerest's `evse_manager` over MQTT."""

from typing import TYPE_CHECKING

from controller.domain.units import ChargerId
from controller.ports import Charger

if TYPE_CHECKING:
    from adapters.catalog import Surroundings
    from adapters.chargers.everest.settings import EverestSettings


def build(charger: ChargerId, settings: "EverestSettings", surroundings: "Surroundings") -> Charger:
    """Build the charger; its modules and paho are loaded only here."""
    from adapters.chargers.everest.charger import EverestCharger  # noqa: PLC0415 - loads paho

    return EverestCharger(charger, settings, surroundings)
