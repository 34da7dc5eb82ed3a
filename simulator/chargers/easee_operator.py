"""An operator's part of a broker, and a simulated charger's line to it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage

from adapters.wire.amqp_broker import TROUBLE, Opening, is_ours
from controller.errors import DeviceUnreachable
from controller.ports import Clock

_PAUSE_S: Final = 1.0
_GOODBYE_S: Final = 2.0

Hear = Callable[[AbstractIncomingMessage], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An operator's part of a broker."""

    url: str
    queue: str = "Operator_1.Q"
    exchange: str = "Operator_1.C.X"
    news: str = "Operator_1.X"
    """Where the cloud puts what comes from the chargers."""

    def __str__(self) -> str:
        """Say where it is, without a secret."""
        where = urlsplit(self.url)
        return f"{where.hostname}:{where.port}"

    async def declare(self) -> None:
        """Make its queue and exchanges, as Easee has done long before; the queue is classic and durable."""
        connection = await aio_pika.connect(self.url, connection_class=Opening)
        async with connection:
            channel = await connection.channel()
            queue = await channel.declare_queue(self.queue, durable=True)
            news = await channel.declare_exchange(self.news, "topic", durable=True)
            await channel.declare_exchange(self.exchange, "topic", durable=True)
            await queue.bind(news, "#")

    async def purge(self) -> None:
        """Forget everything that waits in the queue."""
        connection = await aio_pika.connect(self.url, connection_class=Opening)
        async with connection:
            channel = await connection.channel()
            await (await channel.get_queue(self.queue)).purge()


class EaseeLine:
    """Carries one charger's messages to the broker and commands back; finds a broker that was restarted."""

    def __init__(self, operator: Operator, serial: str, hear: Hear, clock: Clock) -> None:
        self._operator, self._serial, self._hear, self._clock = operator, serial, hear, clock
        self._connection: AbstractConnection | None = None
        self._news: AbstractExchange | None = None
        self._cut = asyncio.Event()

    async def open(self) -> None:
        """Reach the broker and listen for commands.

        Raises:
            DeviceUnreachable: nobody is there, or not for us.
        """
        try:
            await self._open()
        except TROUBLE as error:
            if isinstance(error, asyncio.CancelledError) and is_ours():
                raise
            said = str(error) or type(error).__name__
            raise DeviceUnreachable(
                f"no RabbitMQ at {self._operator}, through which simulated Easee chargers speak: "
                f"start one first ({said})"
            ) from error

    async def keep(self, came_back: Callable[[], None]) -> None:
        """Reach the broker again whenever it went away, until cancelled."""
        while True:
            await self._cut.wait()
            await self.close()
            await self._clock.sleep(_PAUSE_S)
            try:
                await self.open()
            except DeviceUnreachable:
                self._cut.set()
                continue
            came_back()

    @property
    def up(self) -> bool:
        """Whether it reaches the broker, and hears commands."""
        return self._news is not None and not self._cut.is_set()

    async def publish(self, key: str, message: aio_pika.Message) -> None:
        """Hand a message to the broker; while that is away it is lost."""
        if self._news is None or not self.up:
            return
        try:
            await self._news.publish(message, key)
        except TROUBLE:
            self._cut.set()
            if is_ours():
                raise

    async def close(self) -> None:
        """Leave the broker, but do not wait for it long."""
        connection, self._connection, self._news = self._connection, None, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await connection.close()
        except TROUBLE:
            if is_ours():
                raise

    async def _open(self) -> None:
        await self._operator.declare()
        connection = self._connection = await aio_pika.connect(self._operator.url, connection_class=Opening)
        cut = self._cut = asyncio.Event()
        connection.close_callbacks.add(lambda *_: cut.set())
        channel = await connection.channel()
        news = await channel.get_exchange(self._operator.news)
        inbox = await channel.declare_queue(exclusive=True)
        await inbox.bind(await channel.get_exchange(self._operator.exchange), f"{self._serial}.C.#")
        await inbox.consume(self._hear, no_ack=True)
        self._news = news
