"""Aside: a command from a process that does not follow the stream, beside a daemon that may do so."""

import asyncio
from contextlib import suppress
from typing import Final

import aio_pika
from aiormq.abc import DeliveredMessage

from adapters.chargers.easee.messages import Response, response, route
from adapters.wire.amqp import post
from adapters.wire.amqp_broker import Broker, converse
from controller.errors import DeviceNonsense, DeviceUnreachable

_READ_ALONG: Final = 10_000
"""So many messages may wait in the queue before the response; none of them is taken from anybody."""


async def send_aside(broker: Broker, key: str, body: bytes, origin: str, answer_s: float) -> Response | None:
    """Send a command; `None` where somebody consumes the queue, who then hears the response.

    Where nobody does, messages are looked at and given back: only the response itself is acknowledged.

    Raises:
        DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: it may not have been taken.
    """
    session = await converse(broker, prefetch=_READ_ALONG, lost=lambda: None)
    try:
        answer = _Answer(key)
        if not session.listeners:
            await session.channel.basic_consume(session.queue, answer.hear)
        message = aio_pika.Message(
            body, content_type="text/plain", headers={"OriginApplication": origin}, expiration=answer_s
        )
        await post(session, key, message)
        return None if session.listeners else await answer.within(answer_s)
    finally:
        await session.close()


class _Answer:
    """Waits for the response to one command."""

    def __init__(self, key: str) -> None:
        self._key, self._response_key = key, key.replace(".C.", ".CR.")
        self._came: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    async def hear(self, message: DeliveredMessage) -> None:
        """Look at a message."""
        where, wanted = route(message.routing_key or ""), route(self._response_key)
        if where is None or where != wanted:
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
            raise DeviceUnreachable(f"{self._key} unanswered for {seconds:g} s") from error
