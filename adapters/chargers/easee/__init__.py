"""Easee chargers and circuits over the operator's AMQP stream."""

from typing import TYPE_CHECKING

from controller.domain.units import ChargerId, CircuitId
from controller.ports import Charger, CircuitLimiter

if TYPE_CHECKING:
    from adapters.catalog import Surroundings
    from adapters.chargers.easee.settings import EaseeCircuitSettings, EaseeSettings


def build(charger: ChargerId, settings: "EaseeSettings", surroundings: "Surroundings") -> Charger:
    """Build the charger; its modules, aio-pika and httpx are loaded only here."""
    from adapters.chargers.easee.charger import EaseeCharger  # noqa: PLC0415 - loads aio-pika

    return EaseeCharger(charger, settings, surroundings)


def build_limiter(
    circuit: CircuitId, settings: "EaseeCircuitSettings", surroundings: "Surroundings"
) -> CircuitLimiter:
    """Build a circuit's limiter; loads the same modules."""
    from adapters.chargers.easee.circuit import EaseeCircuit  # noqa: PLC0415 - loads aio-pika

    return EaseeCircuit(circuit, settings, surroundings)
