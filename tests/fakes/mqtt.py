"""An MQTT connection without a broker: what is said to it is heard, what is published is kept."""

from adapters.wire.mqtt_messages import DEFAULT_BOUND, Message, Subscription
from controller.ports import Clock


class FakeMqtt:
    """Implements `Mqtt`; tests `say` what devices publish and look at `published` and `retained`."""

    def __init__(self, clock: Clock) -> None:
        self.published: list[tuple[str, bytes]] = []
        """Everything in order, retained or not."""
        self.retained: dict[str, bytes] = {}
        self.subscriptions: list[Subscription] = []
        self._clock = clock

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Keep a publication."""
        content = payload if isinstance(payload, bytes) else payload.encode()
        self.published.append((topic, content))
        if retain:
            self.retained[topic] = content

    def subscribe(self, *filters: str, bound: int = DEFAULT_BOUND) -> Subscription:
        """Listen to what tests say."""
        subscription = Subscription(filters, bound, self.subscriptions.remove)
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
