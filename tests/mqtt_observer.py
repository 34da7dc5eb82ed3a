"""An MQTT client that is not ours: what it sees is what other people's programs see."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_S = 15.0


class Observer:
    """Listens to everything and remembers it in order."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes, bool]] = []
        self.latest: dict[str, bytes] = {}
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._subscribed = asyncio.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe

    async def connect(self, port: int, *filters: str) -> None:
        """Connect and return once the broker listens to our filters."""
        await asyncio.to_thread(self._client.connect, "127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([(wanted, 0) for wanted in filters])
        async with asyncio.timeout(PATIENCE_S):
            await self._subscribed.wait()

    async def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        # Its callbacks hold us and we hold it: without them its sockets close now, not at some collection.
        self._client.on_message = self._client.on_subscribe = None

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Say something."""
        self._client.publish(topic, payload, retain=retain)

    async def until(self, fulfilled: Callable[[], bool]) -> None:
        """Wait until something holds; looked at whenever a message arrives."""
        async with asyncio.timeout(PATIENCE_S):
            while not fulfilled():
                self._changed.clear()
                await self._changed.wait()

    async def until_says(self, topic: str, payload: bytes) -> None:
        """Wait until the latest on a topic is this."""
        await self.until(lambda: self.latest.get(topic) == payload)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._keep, message.topic, bytes(message.payload), message.retain)

    def _on_subscribe(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._subscribed.set)

    def _keep(self, topic: str, payload: bytes, retained: bool) -> None:
        self.seen.append((topic, payload, retained))
        self.latest[topic] = payload
        self._changed.set()


@asynccontextmanager
async def observing(port: int, *filters: str) -> AsyncIterator[Observer]:
    """Listen to a broker for a while."""
    observer = Observer()
    await observer.connect(port, *(filters or ("#",)))
    try:
        yield observer
    finally:
        await observer.close()


@asynccontextmanager
async def running(*services: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run services that only end when cancelled."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(service) for service in services]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
