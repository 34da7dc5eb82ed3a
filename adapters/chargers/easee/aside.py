"""Aside: a command from a process that does not follow the stream, beside a daemon that may do so."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import aio_pika
from aiormq.abc import DeliveredMessage

from adapters.chargers.easee.messages import Response, command, encoded, response, route
from adapters.wire.amqp import post
from adapters.wire.amqp_broker import Session, converse
from controller.errors import DeviceNonsense, DeviceUnreachable

if TYPE_CHECKING:
    from adapters.chargers.easee.client import Argument
    from adapters.chargers.easee.device import EaseeDevice

_READ_ALONG: Final = 10_000
"""So many messages may wait in the queue before the response; none of them is taken from anybody."""


async def send_aside(device: "EaseeDevice", id_: int, arguments: Sequence["Argument"]) -> Response | None:
    """Send a command; `None` where somebody consumes the queue, who then hears the response.

    Where nobody does, messages are looked at and given back: only the response itself is acknowledged.

    Raises:
        DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: as for `EaseeDevice.command`.
    """
    session = await converse(await device.stream.broker(), prefetch=_READ_ALONG, lost=lambda: None)
    try:
        answer = _Answer(device.serial, id_)
        if not session.listeners:
            await session.channel.basic_consume(session.queue, answer.hear)
        await _publish(device, session, id_, arguments)
        return None if session.listeners else await answer.within(device.manner.answer_s)
    finally:
        await session.close()


async def _publish(
    device: "EaseeDevice", session: Session, id_: int, arguments: Sequence["Argument"]
) -> None:
    manner, now = device.manner, device.clock.now()
    texts = [encoded(value, words=manner.words) for value in arguments]
    body = command(id_, texts, now + timedelta(seconds=manner.answer_s), now if manner.stamped else None)
    message = aio_pika.Message(
        body,
        content_type="text/plain",
        headers={"OriginApplication": device.stream.origin},
        expiration=manner.answer_s,
    )
    await post(session, f"{device.serial}.C.{id_}", message)


class _Answer:
    """Waits for the response to one command."""

    def __init__(self, serial: str, id_: int) -> None:
        self._serial, self._id = serial, id_
        self._came: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    async def hear(self, message: DeliveredMessage) -> None:
        """Look at a message."""
        where = route(message.routing_key or "")
        if where is None or (where.serial, where.kind, where.id) != (self._serial, "CR", self._id):
            return
        if self._came.done() or message.redelivered:
            return  # It waited in the queue already: an answer to something earlier.
        with suppress(DeviceNonsense):
            self._came.set_result(response(where, message.body))
            await message.channel.basic_ack(message.delivery_tag or 0)

    async def within(self, seconds: float) -> Response:
        """Wait for it."""
        try:
            async with asyncio.timeout(seconds):
                return await self._came
        except TimeoutError as error:
            raise DeviceUnreachable(
                f"{self._serial}: command {self._id} unanswered for {seconds:g} s"
            ) from error
