"""Lektri.co chargers over their local HTTP interface."""

from typing import TYPE_CHECKING

from controller.domain.units import ChargerId
from controller.ports import Charger

if TYPE_CHECKING:
    from adapters.catalog import Surroundings
    from adapters.chargers.lektrico.settings import LektricoSettings


def build(charger: ChargerId, settings: "LektricoSettings", surroundings: "Surroundings") -> Charger:
    """Build the charger; its modules and httpx are loaded only here."""
    from adapters.chargers.lektrico.charger import LektricoCharger  # noqa: PLC0415 - loads httpx

    return LektricoCharger(charger, settings, surroundings)
