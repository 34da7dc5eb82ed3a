"""MQTT: one connection to a broker that never makes anybody wait.

paho-mqtt speaks to the broker in a thread of its own. Its callbacks only count, queue and wake the loop;
everything else happens in the loop. A broker that is away, slow, or talks nonsense costs nothing but its
messages.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from adapters.wire.mqtt_broker import Broker, client_for
from adapters.wire.mqtt_messages import DEFAULT_BOUND, Message, Subscription, call_in
from adapters.wire.mqtt_outbox import Outbox, Publication
from controller.ports import Clock

__all__ = ["Broker", "Connection"]

_log = logging.getLogger(__name__)

ONLINE, OFFLINE = b"online", b"offline"

MOST_UNWRITTEN = 200
"""So many publications wait inside paho for the socket; the rest waits in the outbox, where it is bounded."""
LARGEST_MESSAGE = 65_536
"""No device that we listen to says more at once."""
THREAD_CHECK_S = 5.0
GOODBYE_S = 2.0


class Connection:
    """Publishes and subscribes from the first moment on; `run` keeps the broker connected behind it.

    Guarantees: `publish` and `subscribe` return at once and raise nothing for the broker's sake. After every
    reconnect all filters are subscribed again and the latest value of every retained topic is sent again.
    While we are there, `availability` says `online`; without us the broker says `offline`.
    """

    def __init__(self, broker: Broker, clock: Clock, *, availability: str | None = None) -> None:
        self.refused = 0
        """Messages whose topic is not text, or that are too large."""
        self._broker, self._clock, self._availability = broker, clock, availability
        self._outbox = Outbox()
        self._subscriptions: tuple[Subscription, ...] = ()
        self._missed = 0
        self._connected = self._leaving = False
        self._sessions = 0
        self._up = asyncio.Event()
        self._unacknowledged: set[int] = set()
        self._listening = asyncio.Event()
        self._troubles: set[str] = set()
        self._handed = self._written = 0
        self._ended = asyncio.Event()
        self._client: Client | None = self._wired(client_for(broker))

    @property
    def connected(self) -> bool:
        """Whether the broker accepted us and has not been lost since."""
        return self._connected

    @property
    def sessions(self) -> int:
        """How many times the broker has accepted us: a change says that messages may have been missed."""
        return self._sessions

    async def until_connected(self) -> None:
        """Wait until the broker has accepted us."""
        await self._up.wait()

    async def until_listening(self) -> None:
        """Wait until it has also acknowledged every filter: from then on nothing that is said is missed."""
        await self._up.wait()
        await self._listening.wait()

    @property
    def dropped(self) -> int:
        """How many publications and messages did not fit their queue."""
        return self._outbox.dropped + self._missed + sum(each.dropped for each in self._subscriptions)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Hand over a publication; it goes out when the broker can take it.

        Retained: the latest value of the topic, now and after every reconnect; empty removes the topic.
        Otherwise: dropped and counted while the broker is away.
        """
        content = payload if isinstance(payload, bytes) else payload.encode(errors="replace")
        self._outbox.put(Publication(topic=topic, payload=content, retain=retain))
        if not self._connected:
            self._outbox.forget_waiting()
        self._flush()

    def subscribe(self, *filters: str, bound: int = DEFAULT_BOUND) -> Subscription:
        """Listen to topic filters; close what is returned (or leave its `with`) to stop."""
        subscription = Subscription(filters, bound, self._let_go)
        self._subscriptions = (*self._subscriptions, subscription)
        if self._connected:
            self._ask_for(subscription)
        return subscription

    async def run(self) -> None:
        """Connect in the background and stay connected until cancelled; then say goodbye."""
        self.open()
        try:
            await self.tend()
        finally:
            await self.close()

    def open(self) -> None:
        """Begin to connect in the background."""
        self._loop = asyncio.get_running_loop()
        self._leaving = False
        self._client = client = self._client or self._wired(client_for(self._broker))
        if self._availability is not None:
            self.publish(self._availability, ONLINE, retain=True)
        client.connect_async(self._broker.host, self._broker.port, self._broker.keepalive_s)
        client.loop_start()

    async def tend(self) -> None:
        """See until cancelled that the background goes on."""
        while self._client is not None:
            # Does nothing while paho's thread lives; starts another if a surprise ended it.
            self._client.loop_start()
            await self._clock.sleep(THREAD_CHECK_S)

    async def close(self) -> None:
        """Say goodbye; `open` begins anew."""
        self._leaving = True
        try:
            await self._goodbye()
        finally:
            # Now no circle holds the client: its sockets close with its thread, not at some collection.
            self._client = None
            self._is_down("closed")
            self._ended.clear()

    async def _goodbye(self) -> None:
        """Say that we leave, and wait briefly for it to be said."""
        if self._client is None:
            return
        if self._connected and self._availability is not None:
            self._client.publish(self._availability, OFFLINE, retain=True)
        self._client.disconnect()
        if self._connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._ended.wait()

    def _wired(self, client: Client) -> Client:
        if self._availability is not None:
            client.will_set(self._availability, OFFLINE, retain=True)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        return client

    # From here to the next mark: called in paho's thread.

    def _on_connect(
        self,
        client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self._leaving or client is not self._client:
            client.disconnect()
        elif reason.is_failure:
            call_in(self._loop, lambda: self._say("refused", f"refuses us: {reason}"))
        else:
            call_in(self._loop, self._is_up)

    def _on_connect_fail(self, _client: Client, _userdata: Any) -> None:  # noqa: ANN401 - paho's signature
        call_in(self._loop, lambda: self._say("away", "cannot be reached; trying again"))

    def _on_disconnect(
        self,
        client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        call_in(self._loop, lambda: self._is_down(str(reason)) if client is self._client else None)

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        call_in(self._loop, lambda: self._acknowledged(mid))
        if any(reason.is_failure for reason in reasons):
            call_in(self._loop, lambda: self._say("deaf", "does not let us listen to every topic"))

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:  # noqa: ANN401 - paho's
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self.refused += 1
            return
        if len(message.payload) > LARGEST_MESSAGE:
            self.refused += 1
            return
        arrived = Message(
            topic=topic,
            payload=bytes(message.payload),
            retained=message.retain,
            at_mono_s=self._clock.mono_s(),
        )
        for subscription in self._subscriptions:
            if subscription.wants(topic):
                subscription.put(arrived)

    def _on_publish(
        self,
        _client: Client,
        _userdata: Any,  # noqa: ANN401 - paho's signature
        _mid: int,
        _reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        self._written += 1
        if self._outbox:
            call_in(self._loop, self._flush)

    # From here on: in the loop.

    def _is_up(self) -> None:
        _log.log(
            logging.WARNING if self._troubles else logging.INFO,
            "%s: connected%s",
            self._broker,
            " again" if self._troubles else "",
        )
        self._troubles.clear()
        self._connected = True
        self._sessions += 1
        self._up.set()
        self._handed = self._written
        self._unacknowledged.clear()
        self._listening.set()
        for subscription in self._subscriptions:
            self._ask_for(subscription)
        self._outbox.resend()
        self._flush()

    def _is_down(self, why: str) -> None:
        self._ended.set()
        if self._connected and not self._leaving:
            self._say("away", f"lost: {why}; trying again")
        self._connected = False
        self._up.clear()
        self._listening.clear()
        self._outbox.forget_waiting()

    def _say(self, trouble: str, text: str) -> None:
        """Warn once of each kind of trouble until the broker is back."""
        if trouble not in self._troubles:
            self._troubles.add(trouble)
            _log.warning("%s %s", self._broker, text)

    def _ask_for(self, subscription: Subscription) -> None:
        if self._client is None:
            return
        _, mid = self._client.subscribe([(wanted, 0) for wanted in subscription.filters])
        if mid is not None:
            self._unacknowledged.add(mid)
            self._listening.clear()

    def _acknowledged(self, mid: int) -> None:
        self._unacknowledged.discard(mid)
        if not self._unacknowledged:
            self._listening.set()

    def _let_go(self, subscription: Subscription) -> None:
        self._missed += subscription.dropped
        self._subscriptions = tuple(each for each in self._subscriptions if each is not subscription)
        still_wanted = {wanted for each in self._subscriptions for wanted in each.filters}
        idle = [wanted for wanted in subscription.filters if wanted not in still_wanted]
        if idle and self._client is not None and self._connected:
            self._client.unsubscribe(idle)

    def _flush(self) -> None:
        """Hand paho as much as it can soon write."""
        while self._client is not None and self._connected and self._handed - self._written < MOST_UNWRITTEN:
            publication = self._outbox.take()
            if publication is None:
                return
            self._handed += 1
            self._client.publish(publication.topic, publication.payload, retain=publication.retain)
