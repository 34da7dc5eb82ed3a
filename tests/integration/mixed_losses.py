"""Each device of the mixed site, lost and back again, the worst way that it knows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from controller.domain.units import ChargerId, CircuitId
from simulator.meters.modbus_twin import ModbusTwin
from tests.integration.mixed_house import BAY, CAR, GARAGE, LEFT, MAIN, STREET, WALL, MixedHouse

Step = Callable[[MixedHouse], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """How something goes away, how it comes back, and who falls silent meanwhile."""

    lose: Step
    heal: Step
    charger: ChargerId | None = None
    circuit: CircuitId | None = None

    def is_noticed(self, living: MixedHouse) -> bool:
        """Tell whether the daemon knows that it is gone."""
        if self.charger is not None:
            return living.verdict(self.charger).silent
        return self.circuit is not None and living.decision.circuits[self.circuit].blind


def _port_closes(charger: ChargerId) -> Loss:
    """Close a charger's port; it comes back restarted, with the limit lost."""

    async def lose(living: MixedHouse) -> None:
        await living.twins[charger].stop()

    async def heal(living: MixedHouse) -> None:
        await living.twins[charger].restart()

    return Loss(lose=lose, heal=heal, charger=charger)


def _cloud_loses_bay() -> Loss:
    """Let the cloud say that it lost the charger; back again, its limit and its circuit's are reset."""

    async def lose(living: MixedHouse) -> None:
        living.twins[BAY].vanish()
        await living.twins[BAY].tell(250, value=False)

    async def heal(living: MixedHouse) -> None:
        await living.twins[BAY].restart()

    return Loss(lose=lose, heal=heal, charger=BAY)


def _meter(index: int, circuit: CircuitId) -> Loss:
    async def lose(living: MixedHouse) -> None:
        await _gateways(living)[index].stop()

    async def heal(living: MixedHouse) -> None:
        await _gateways(living)[index].start()

    return Loss(lose=lose, heal=heal, circuit=circuit)


def _gateways(living: MixedHouse) -> list[ModbusTwin]:
    return [server for server in living.stage.cast.servers if isinstance(server, ModbusTwin)]


def _broker(name: str, charger: ChargerId) -> Loss:
    """Kill a broker as a power cut would, and start it again."""

    def server(living: MixedHouse) -> Any:  # noqa: ANN401 - both are killed and started alike
        return getattr(living, name)

    async def lose(living: MixedHouse) -> None:
        await asyncio.to_thread(server(living).kill)

    async def heal(living: MixedHouse) -> None:
        await asyncio.to_thread(server(living).start)

    return Loss(lose=lose, heal=heal, charger=charger)


LOSSES: Final[Mapping[str, Loss]] = {
    "grid": _meter(0, MAIN),
    "workshop": _meter(1, GARAGE),
    **{charger: _port_closes(charger) for charger in (LEFT, WALL, CAR, STREET)},
    BAY: _cloud_loses_bay(),
    "rabbit": _broker("rabbit", BAY),
    "mosquitto": _broker("mosquitto", STREET),
}
"""By what is lost."""
