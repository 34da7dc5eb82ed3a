"""High Mobility Home Chargers: over the telematics path or REST, both through High Mobility's cloud."""

from typing import TYPE_CHECKING

from controller.domain.units import ChargerId
from controller.errors import SettingsError
from controller.ports import Charger

if TYPE_CHECKING:
    from adapters.catalog import Surroundings
    from adapters.chargers.high_mobility.settings import HighMobilitySettings


def build(charger: ChargerId, settings: "HighMobilitySettings", surroundings: "Surroundings") -> Charger:
    """Build the charger; its modules, httpx and cryptography are loaded only here.

    Raises:
        SettingsError: cryptography is not installed.
        CredentialsError: the key or the certificate is none.
    """
    try:
        from adapters.chargers.high_mobility.charger import (  # noqa: PLC0415 - loads httpx
            HighMobilityCharger,
        )
    except ModuleNotFoundError as error:
        needs = "needs: pip install phasewise[high_mobility]"
        raise SettingsError(f"chargers[{charger}]", "kind", "high_mobility", needs) from error
    return HighMobilityCharger(charger, settings, surroundings)
