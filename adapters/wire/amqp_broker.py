"""AMQP brokers: where one is, who we are there, and how a conversation with it begins."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

import aio_pika
from aio_pika.abc import AbstractConnection
from aiormq.abc import AbstractChannel
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)

from controller.errors import CredentialsError, DeviceUnreachable

# What goes wrong reaches the log in our words, once; theirs may hold an address with its password.
for _name in ("aio_pika", "aiormq.connection"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

CONNECT_S = 10.0
HEARTBEAT_S = 15
"""A connection that carried nothing for three of these is dead."""
GOODBYE_S = 2.0

STRANGERS = (AuthenticationError, ProbableAuthenticationError, ChannelAccessRefused, ConnectionNotAllowed)
"""How a broker says that it does not accept who we are."""

TROUBLE = (AMQPError, OSError, TimeoutError, RuntimeError, asyncio.CancelledError)
"""What aio-pika raises when a connection ends; it reports some ends as a cancellation."""


class Opening(aio_pika.Connection):
    """A connection that is closed when it cannot be opened.

    The library leaves that to whoever collects garbage, which may be another thread, where it cannot be done.
    """

    async def connect(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the library's
        """Reach the broker."""
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One queue to listen to and one exchange to speak to."""

    host: str
    port: int = 5671
    tls: bool = True
    ca_file: str = ""
    """Certificates to trust instead of the system's."""
    virtual_host: str = "/"
    queue: str
    exchange: str
    user: str
    password: str = field(repr=False)

    def __str__(self) -> str:
        """Name it without a secret."""
        return f"amqp{'s' if self.tls else ''}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One open conversation with a broker."""

    connection: AbstractConnection
    channel: AbstractChannel
    """As the library beneath aio-pika has it: one task a message less."""
    exchange: aio_pika.abc.AbstractExchange
    queue: str
    waiting: int
    """How many messages were in the queue when it was found."""
    listeners: int
    """How many others consume it."""

    async def close(self) -> None:
        """Say goodbye, but not for long."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self.connection.close()
        except (AMQPError, OSError, TimeoutError, RuntimeError):
            return  # It is gone either way.


async def converse(broker: Broker, *, prefetch: int, lost: Callable[[], None]) -> Session:
    """Open a conversation; `lost` is called when it ends, whoever ends it. Nothing is consumed yet.

    Raises:
        DeviceUnreachable: nobody there, or the queue or exchange is not there.
        CredentialsError: not with this user name and password.
    """
    connection: AbstractConnection | None = None
    try:
        async with asyncio.timeout(CONNECT_S):
            connection = await _connected(broker)
            connection.close_callbacks.add(lambda *_: lost())
            return await _prepared(connection, broker, prefetch, lost)
    except BaseException as error:
        if connection is not None:
            await connection.close()
        ours = _in_our_words(broker, error)
        if ours is error:
            raise
        raise ours from error


async def _connected(broker: Broker) -> AbstractConnection:
    # Reading the system's certificates takes long on a small machine; the loop must not wait for it.
    trust = await asyncio.to_thread(ssl.create_default_context, cafile=broker.ca_file or None)
    return await aio_pika.connect(
        host=broker.host,
        port=broker.port,
        login=broker.user,
        password=broker.password,
        virtualhost=broker.virtual_host,
        ssl=broker.tls,
        ssl_context=trust if broker.tls else None,
        timeout=CONNECT_S,
        heartbeat=HEARTBEAT_S,
        connection_class=Opening,
    )


async def _prepared(
    connection: AbstractConnection, broker: Broker, prefetch: int, lost: Callable[[], None]
) -> Session:
    channel = await connection.channel(on_return_raises=True)
    channel.close_callbacks.add(lambda *_: lost())
    under = await channel.get_underlay_channel()
    under.on_consumer_cancel_callbacks.add(lambda *_: lost())  # The queue was deleted.
    await channel.set_qos(prefetch_count=prefetch)
    # Never declared, only looked up: whoever owns the broker decides what kind of queue it is.
    queue = await channel.get_queue(broker.queue)
    exchange = await channel.get_exchange(broker.exchange)
    found = queue.declaration_result
    return Session(
        connection=connection,
        channel=under,
        exchange=exchange,
        queue=broker.queue,
        waiting=found.message_count or 0,
        listeners=found.consumer_count or 0,
    )


def _in_our_words(broker: Broker, error: BaseException) -> BaseException:
    if isinstance(error, STRANGERS):
        return CredentialsError(f"{broker}: does not accept the user name or password")
    if isinstance(error, asyncio.CancelledError) and is_ours():
        return error
    if isinstance(error, TROUBLE):
        return DeviceUnreachable(f"{broker}: {_reason(error)}")
    return error


def is_ours() -> bool:
    """Tell whether a cancellation is meant for this task; the library raises others of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _reason(error: BaseException) -> str:
    """Tell what a library said, in one line and never an address."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    said = str(error).splitlines()[0:1]
    return said[0][:120] if said and "@" not in said[0] else type(error).__name__
