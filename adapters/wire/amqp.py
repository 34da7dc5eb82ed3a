"""AMQP: one conversation with a broker for all that share its queue; acknowledged only once it was heard.

Whoever needs the link calls `serve`; one of them leads, the others wait in its place. So no task outlives its
owner, and a supervisor that restarts one device does not disturb the rest.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import aio_pika
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import AMQPError, PublishError

from adapters.wire.amqp_broker import Broker, Session, converse, is_ours
from controller.errors import CredentialsError, DeviceError, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")

PREFETCH: Final = 500
"""So many messages may be on their way to us unacknowledged: the bound of what we hold in memory."""
ACK_EVERY: Final = PREFETCH // 4
ACK_S: Final = 0.25
QUIET_S: Final = 2.0
"""A backlog of which nothing came for so long is over, whatever its count said."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came."""

    key: str
    body: bytes
    headers: Mapping[str, object]


Hear = Callable[[Delivery], None]


class AmqpLink:
    """Consumes one queue for everybody in this process and publishes to one exchange.

    Guarantees: one consumer, manual acknowledgement after `hear` returned, no more than `PREFETCH` messages
    unacknowledged. After a loss everybody who serves is told by DeviceUnreachable; attempts to come back are
    spaced by growing pauses however many ask.
    """

    def __init__(self, find: Callable[[], Awaitable[Broker]], hear: Hear, clock: Clock) -> None:
        self._find, self._hear, self._clock = find, hear, clock
        self._session: Session | None = None
        self._leading = asyncio.Lock()
        self._users = self._losses = self._epoch = 0
        self._why: DeviceError | CredentialsError = DeviceUnreachable("never connected")
        self._is_lost = False
        self._came_up = asyncio.Event()
        self._backlog = self._unacked = 0
        self._last_tag: int | None = None
        self._heard_mono_s = self._opened_mono_s = self._not_before_mono_s = float("-inf")
        self._pause_s = FIRST_PAUSE_S
        self.connections = 0
        """How many conversations were opened."""

    @property
    def up(self) -> bool:
        """Whether the broker is there and the queue is being consumed."""
        return self._session is not None and not self._is_lost

    @property
    def live(self) -> bool:
        """Whether what arrives is news: the queue's backlog has been worked off."""
        if self._backlog > 0 and self._clock.mono_s() - self._heard_mono_s > QUIET_S:
            self._backlog = 0
        return self.up and self._backlog <= 0

    @property
    def served(self) -> bool:
        """Whether anybody keeps the queue consumed, or tries to."""
        return self._users > 0

    async def until_up(self) -> None:
        """Wait until the queue is consumed."""
        while not self.up:
            self._came_up.clear()
            await self._came_up.wait()

    async def serve(self) -> None:
        """Keep the queue consumed until cancelled.

        Raises:
            DeviceUnreachable: the broker is away or went away.
            CredentialsError: it does not accept us.
        """
        self._users += 1
        try:
            await self._take_turn()
        finally:
            self._users -= 1
            if not self._users:
                await self._hang_up()

    async def publish(self, key: str, body: bytes, *, headers: Mapping[str, str], expires_s: float) -> None:
        """Hand a message to the broker; it dies undelivered after `expires_s`.

        Raises:
            DeviceUnreachable: no broker, or it did not confirm; the message may arrive yet.
            DeviceRefused: the broker knows nobody who would get it.
        """
        session = self._session
        if session is None or self._is_lost:
            raise DeviceUnreachable("no connection to the broker")
        message = aio_pika.Message(
            body, content_type="text/plain", headers=dict(headers), expiration=expires_s
        )
        await post(session, key, message)

    async def _take_turn(self) -> None:
        losses = self._losses
        async with self._leading:
            if self._losses != losses:
                raise DeviceUnreachable(str(self._why))
            try:
                await self._lead()
            except (DeviceError, CredentialsError) as error:
                self._losses += 1
                self._why = error
                self._back_off()
                await self._hang_up()
                raise

    async def _lead(self) -> None:
        if not self.up:
            await self._open()
        while not self._is_lost:
            await self._clock.sleep(ACK_S)
            await self._acknowledge()
        raise DeviceUnreachable("the connection to the broker was lost")

    async def _open(self) -> None:
        await self._hang_up()
        await self._wait_for_turn()
        broker = await self._find()
        session = await converse(broker, prefetch=PREFETCH, lost=self._watch())
        self._backlog = session.waiting
        self._opened_mono_s = self._heard_mono_s = self._clock.mono_s()
        self.connections += 1
        if session.listeners:
            _log.warning(
                "%s: %d others consume the queue %s: each message reaches only one of us",
                broker,
                session.listeners,
                broker.queue,
            )
        await self._consume(session, broker)
        self._session = session
        self._came_up.set()

    async def _consume(self, session: Session, broker: Broker) -> None:
        is_consuming = False
        try:
            await session.channel.basic_consume(session.queue, self._on_message)
            is_consuming = True
        except (AMQPError, OSError, RuntimeError) as error:
            raise DeviceUnreachable(f"{broker}: does not let us consume {broker.queue}") from error
        finally:
            if not is_consuming:
                await session.close()

    async def _wait_for_turn(self) -> None:
        await self._clock.sleep(max(0.0, self._not_before_mono_s - self._clock.mono_s()))

    def _back_off(self) -> None:
        now_s = self._clock.mono_s()
        if now_s - self._opened_mono_s > LONGEST_PAUSE_S:
            self._pause_s = FIRST_PAUSE_S
        self._not_before_mono_s = now_s + self._pause_s
        self._pause_s = min(2.0 * self._pause_s, LONGEST_PAUSE_S)

    def _watch(self) -> Callable[[], None]:
        """Make the callback by which this conversation, and no later one, says that it is over."""
        self._epoch += 1
        epoch, self._is_lost = self._epoch, False

        def lost() -> None:
            if self._epoch == epoch:
                self._is_lost = True

        return lost

    async def _on_message(self, message: DeliveredMessage) -> None:
        headers = message.header.properties.headers
        self._hear(Delivery(message.routing_key or "", message.body, headers or {}))
        self._heard_mono_s = self._clock.mono_s()
        self._backlog -= 1
        self._last_tag = message.delivery_tag
        self._unacked += 1
        if self._unacked >= ACK_EVERY:
            await self._acknowledge()

    async def _acknowledge(self) -> None:
        """Acknowledge everything up to the last message that was heard."""
        last, self._last_tag, self._unacked = self._last_tag, None, 0
        session = self._session
        if last is None or session is None or self._is_lost:
            return
        try:
            await session.channel.basic_ack(last, multiple=True)
        except (AMQPError, OSError, RuntimeError):
            self._is_lost = True  # It will be delivered again.

    async def _hang_up(self) -> None:
        await self._acknowledge()
        session, self._session = self._session, None
        if session is None:
            return
        self._is_lost = True
        await session.close()


async def post(session: Session, key: str, message: aio_pika.Message) -> None:
    """Publish and wait for the broker's confirmation; errors as for `AmqpLink.publish`."""
    try:
        await session.exchange.publish(message, key, mandatory=True)
    except PublishError as error:
        raise DeviceRefused(f"the broker delivers {key} to nobody") from error
    except (AMQPError, OSError, RuntimeError, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and is_ours():
            raise
        raise DeviceUnreachable(f"the broker did not take {key}: {type(error).__name__}") from error
