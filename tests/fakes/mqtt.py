"""An MQTT connection without a broker: what is said to it is heard, what is published is kept."""

from adapters.wire.mqtt_messages import AT_MOST_ONCE, DEFAULT_BOUND, Message, Subscription
from controller.ports import Clock


class FakeMqtt:
    """Implements `Mqtt`; tests `say` what devices publish and look at `published` and `retained`."""

    def __init__(self, clock: Clock) -> None:
        self.published: list[tuple[str, bytes]] = []
        """Everything in order, retained or not."""
        self.retained: dict[str, bytes] = {}
        self.qos_of: dict[str, int] = {}
        """Of the latest publication on a topic."""
        self.subscriptions: list[Subscription] = []
        self._clock = clock

    def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        qos: int = AT_MOST_ONCE,
        within_s: float | None = None,
    ) -> None:
        """Keep a publication."""
        del within_s
        self.qos_of[topic] = qos
        content = payload if isinstance(payload, bytes) else payload.encode()
        self.published.append((topic, content))
        if retain:
            self.retained[topic] = content

    def subscribe(self, *filters: str, bound: int = DEFAULT_BOUND, qos: int = AT_MOST_ONCE) -> Subscription:
        """Listen to what tests say."""
        subscription = Subscription(filters, bound, self.subscriptions.remove, qos)
        self.subscriptions.append(subscription)
        return subscription

    def say(self, topic: str, payload: str | bytes, *, retained: bool = False) -> None:
        """Let a message arrive now."""
        message = Message(
            topic=topic,
            payload=payload if isinstance(payload, bytes) else payload.encode(),
            retained=retained,
            at_mono_s=self._clock.mono_s(),
        )
        for subscription in self.subscriptions:
            if subscription.wants(topic):
                subscription.put(message)
