"""The operator's stream, as a simulated Easee charger's cloud speaks it through a real broker."""

from collections.abc import Callable
from datetime import datetime

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_observed import Value
from simulator.chargers.easee_operator import EaseeLine, Operator
from simulator.chargers.easee_words import Sent, observation_body, response_body, sent_of


class EaseeStreamTwin:
    """Publishes what one charger tells, and hands commands to it."""

    def __init__(self, twin: EaseeTwin, operator: Operator) -> None:
        self._twin = twin
        self._line = EaseeLine(operator, twin.device.serial, self._hear, twin.clock)

    async def open(self) -> None:
        """Reach the broker.

        Raises:
            DeviceUnreachable: there is none.
        """
        await self._line.open()

    @property
    def up(self) -> bool:
        """Whether it reaches the broker, and hears commands."""
        return self._line.up

    async def keep(self, came_back: Callable[[], None]) -> None:
        """Reach the broker again whenever it went away, until cancelled."""
        await self._line.keep(came_back)

    async def close(self) -> None:
        """Leave the broker."""
        await self._line.close()

    async def observation(self, twin: EaseeTwin, id_: int, value: Value, at: datetime) -> None:
        """Publish an observation."""
        body = observation_body(twin.faults, twin.device.serial, id_, value, at)
        await self.publish(f"{twin.device.serial}.O.{id_}", body)

    async def response(self, twin: EaseeTwin, sent: Sent, at: datetime, *, accepted: bool) -> None:
        """Publish a response."""
        body = response_body(twin.faults, twin.device.serial, sent, at, accepted=accepted)
        await self.publish(f"{twin.device.serial}.CR.{sent.id}", body)

    async def publish(self, key: str, body: bytes) -> None:
        """Publish anything."""
        faults = self._twin.faults
        headers = {"ArrivalTime": self._twin.clock.now().isoformat()} if faults.arrival_header else {}
        message = aio_pika.Message(
            faults.body or body, headers=dict(headers), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
        )
        await self._line.publish(key, message)

    async def _hear(self, message: AbstractIncomingMessage) -> None:
        sent = sent_of(message.routing_key or "", message.body, message.headers or {}, self._twin.clock.now())
        if sent is not None:
            self._twin.take(sent)
