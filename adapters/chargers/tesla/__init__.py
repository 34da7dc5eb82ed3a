"""Tesla cars: chargers that limit themselves, and vehicles that tell their state of charge."""

from typing import TYPE_CHECKING

from controller.domain.units import ChargerId, VehicleId
from controller.ports import Charger, Vehicle

if TYPE_CHECKING:
    from adapters.catalog import Surroundings
    from adapters.chargers.tesla.settings import TeslaAccess, TeslaSettings


def build(charger: ChargerId, settings: "TeslaSettings", surroundings: "Surroundings") -> Charger:
    """Build the car as a charger; its modules and httpx are loaded only here."""
    from adapters.chargers.tesla.charger import TeslaCharger  # noqa: PLC0415 - loads httpx

    return TeslaCharger(charger, settings, surroundings)


def build_vehicle(
    vehicle: VehicleId, settings: "TeslaAccess", surroundings: "Surroundings", charger: ChargerId
) -> Vehicle:
    """Build the car as one that only tells its state of charge."""
    from adapters.chargers.tesla.vehicle import TeslaVehicle  # noqa: PLC0415 - loads httpx

    return TeslaVehicle(vehicle, settings, surroundings, charger)
