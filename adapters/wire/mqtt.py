"""MQTT: one connection to a broker that never makes anybody wait.

paho-mqtt speaks to the broker in a thread of its own; everything that is not a callback of its happens in the
loop. A broker that is away, slow, or talks nonsense costs nothing but its messages.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

from adapters.wire.mqtt_broker import MOST_UNWRITTEN, Broker, client_for
from adapters.wire.mqtt_callbacks import Callbacks
from adapters.wire.mqtt_messages import AT_MOST_ONCE, DEFAULT_BOUND, Message, Subscription
from adapters.wire.mqtt_outbox import Outbox, Publication
from controller.ports import Clock

__all__ = ["Broker", "Connection"]

_log = logging.getLogger(__name__)

ONLINE, OFFLINE = b"online", b"offline"

THREAD_CHECK_S = 5.0
GOODBYE_S = 2.0


class Connection:
    """Publishes and subscribes from the first moment on; `run` keeps the broker connected behind it.

    Guarantees: `publish` and `subscribe` return at once and raise nothing for the broker's sake. After every
    reconnect all filters are subscribed again and the latest value of every retained topic is sent again.
    While we are there, `availability` says `online`; without us the broker says `offline`.

    On one connection publications of one QoS stay in order. None outlives its connection, whatever its QoS:
    what was not acknowledged is dropped, and the name that we keep has the broker throw the old connection
    out, with what it has not read of it, before it accepts the new one. What goes exactly once needs our word
    a second time, so that not even a broker that reads it late passes it on.
    """

    def __init__(self, broker: Broker, clock: Clock, *, availability: str | None = None) -> None:
        self.refused = 0
        """Messages whose topic is not text, or that are too large."""
        named = broker if broker.client_id else replace(broker, client_id=_own_name())
        self._broker, self._clock, self._availability = named, clock, availability
        self._outbox = Outbox()
        self._subscriptions: tuple[Subscription, ...] = ()
        self._missed = 0
        self._connected = False
        self._sessions = 0
        self._up = asyncio.Event()
        self._unacknowledged: set[int] = set()
        self._listening = asyncio.Event()
        self._troubles: set[str] = set()
        self._handed = 0
        self._ended = asyncio.Event()
        self._client: Client | None = client_for(named)
        self._calls = Callbacks(self)

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

    def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        qos: int = AT_MOST_ONCE,
        within_s: float | None = None,
    ) -> None:
        """Hand over a publication; it goes out when the broker can take it.

        Retained: the latest value of the topic, now and after every reconnect; empty removes the topic.
        Otherwise: dropped and counted while the broker is away, and when it takes nothing for `within_s`.
        """
        content = payload if isinstance(payload, bytes) else payload.encode(errors="replace")
        until_mono_s = float("inf") if within_s is None else self._clock.mono_s() + within_s
        self._outbox.put(
            Publication(topic=topic, payload=content, retain=retain, qos=qos, until_mono_s=until_mono_s)
        )
        if not self._connected:
            self._outbox.forget_waiting()
        self.has_written()

    def subscribe(self, *filters: str, bound: int = DEFAULT_BOUND, qos: int = AT_MOST_ONCE) -> Subscription:
        """Listen to topic filters; close what is returned (or leave its `with`) to stop."""
        subscription = Subscription(filters, bound, self._let_go, qos)
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
        if self._client is None:
            self._client, self._calls = client_for(self._broker), Callbacks(self)
        if self._availability is not None:
            self._client.will_set(self._availability, OFFLINE, retain=True)
            self.publish(self._availability, ONLINE, retain=True)
        self._calls.wire(self._client, asyncio.get_running_loop())
        self._client.connect_async(self._broker.host, self._broker.port, self._broker.keepalive_s)
        self._client.loop_start()

    async def tend(self) -> None:
        """See until cancelled that the background goes on."""
        while self._client is not None:
            # Does nothing while paho's thread lives; starts another if a surprise ended it.
            self._client.loop_start()
            await self._clock.sleep(THREAD_CHECK_S)

    async def close(self) -> None:
        """Say goodbye; `open` begins anew."""
        self._calls.leaving = True
        try:
            await self._goodbye()
        finally:
            self._calls.over, self._client = True, None
            self.is_down("closed")
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

    # What the callbacks tell; the first three in paho's thread.

    def hear(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Queue a message for whoever wants it."""
        at_mono_s = self._clock.mono_s()
        arrived = Message(topic=topic, payload=payload, retained=retained, at_mono_s=at_mono_s)
        for subscription in self._subscriptions:
            if subscription.wants(topic):
                subscription.put(arrived)

    def refuse(self) -> None:
        """Count a message that is none."""
        self.refused += 1

    def wants_room(self) -> bool:
        """Tell whether publications wait."""
        return bool(self._outbox)

    def is_up(self) -> None:
        """Say everything again that the broker may have forgotten."""
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
        self._handed = self._calls.written
        self._unacknowledged.clear()
        self._listening.set()
        for subscription in self._subscriptions:
            self._ask_for(subscription)
        self._outbox.resend()
        self.has_written()

    def is_down(self, why: str) -> None:
        """Wait for better times."""
        self._ended.set()
        if self._connected and not self._calls.leaving:
            self.has_trouble("away", f"lost: {why}; trying again")
        self._connected = False
        self._up.clear()
        self._listening.clear()
        self._outbox.forget_waiting()

    def has_trouble(self, kind: str, says: str) -> None:
        """Warn once of each kind of trouble until the broker is back."""
        if kind not in self._troubles:
            self._troubles.add(kind)
            _log.warning("%s %s", self._broker, says)

    def is_acknowledged(self, mid: int) -> None:
        """Take note of a filter to which the broker listens for us."""
        self._unacknowledged.discard(mid)
        if not self._unacknowledged:
            self._listening.set()

    def has_written(self) -> None:
        """Hand paho as much as it can soon write."""
        while (
            self._client is not None
            and self._connected
            and self._handed - self._calls.written < MOST_UNWRITTEN
        ):
            publication = self._outbox.take(self._clock.mono_s())
            if publication is None:
                return
            self._hand(self._client, publication)

    def _hand(self, client: Client, publication: Publication) -> None:
        handed = client.publish(
            publication.topic, publication.payload, qos=publication.qos, retain=publication.retain
        )
        if handed.rc is MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self._missed += 1
            return
        self._handed += 1

    def _ask_for(self, subscription: Subscription) -> None:
        if self._client is None:
            return
        # The broker keeps one QoS for each filter, the latest: whoever wants less must not lower it.
        asked = [(wanted, self._qos_of(wanted)) for wanted in subscription.filters]
        _, mid = self._client.subscribe(asked)
        if mid is not None:
            self._unacknowledged.add(mid)
            self._listening.clear()

    def _qos_of(self, wanted: str) -> int:
        return max(each.qos for each in self._subscriptions if wanted in each.filters)

    def _let_go(self, subscription: Subscription) -> None:
        self._missed += subscription.dropped
        self._subscriptions = tuple(each for each in self._subscriptions if each is not subscription)
        still_wanted = {wanted for each in self._subscriptions for wanted in each.filters}
        idle = [wanted for wanted in subscription.filters if wanted not in still_wanted]
        if idle and self._client is not None and self._connected:
            self._client.unsubscribe(idle)


def _own_name() -> str:
    """Make up who we are: 23 letters and digits, which every broker takes (MQTT 3.1.1, section 3.1.3.1)."""
    return f"phasewise{uuid4().hex[:14]}"
