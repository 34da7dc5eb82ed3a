"""Messages: what arrives over MQTT, and the bounded queues it waits in.

Nothing here knows the library that speaks to the broker; fakes and adapters share these types.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, Self

DEFAULT_BOUND = 1000
AT_MOST_ONCE, EXACTLY_ONCE = 0, 2
"""Quality of service, by its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One publication as it arrived."""

    topic: str
    payload: bytes
    retained: bool
    """The broker kept it from earlier: nobody says it now."""
    at_mono_s: float
    """When it arrived."""


class Mqtt(Protocol):
    """What adapters need of a connection to a broker."""

    def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        qos: int = AT_MOST_ONCE,
        within_s: float | None = None,
    ) -> None:
        """Hand over a publication; returns at once, whatever the broker does."""

    def subscribe(self, *filters: str, bound: int = DEFAULT_BOUND, qos: int = AT_MOST_ONCE) -> "Subscription":
        """Listen to topic filters until the subscription is closed."""


class Subscription:
    """An asynchronous iterator over the messages of some filters.

    It holds at most `bound` messages and drops the oldest; `dropped` counts them. `put` is the only method
    that another thread may call.
    """

    def __init__(
        self,
        filters: tuple[str, ...],
        bound: int = DEFAULT_BOUND,
        on_close: "Callable[[Subscription], None] | None" = None,
        qos: int = AT_MOST_ONCE,
    ) -> None:
        self.filters, self.qos = filters, qos
        self._on_close = on_close
        self.dropped = 0
        """How many messages did not fit."""
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Message] = deque(maxlen=bound)
        self._lock = Lock()
        self._stirred = asyncio.Event()
        self._stirring = False
        self._closed = False

    def wants(self, topic: str) -> bool:
        """Tell whether one of the filters fits a topic."""
        return any(matches(wanted, topic) for wanted in self.filters)

    def put(self, message: Message) -> None:
        """Queue a message from any thread; the oldest makes room."""
        with self._lock:
            self.dropped += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(message)
            if self._stirring:
                return
            self._stirring = True
        # One wake-up for any number of messages, so that a flood cannot pile up in the loop itself.
        call_in(self._loop, self._stir)

    def close(self) -> None:
        """End the iteration; what waits is forgotten."""
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        self._stirred.set()
        if self._on_close is not None:
            self._on_close(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        # A flood must not keep everybody else from running.
        await asyncio.sleep(0)  # noqa: TID251 - yields to the loop, waits for no time
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._stirred.clear()
            await self._stirred.wait()
        return self._waiting.popleft()

    def _stir(self) -> None:
        with self._lock:
            self._stirring = False
        self._stirred.set()


def matches(wanted: str, topic: str) -> bool:
    """Tell whether a topic filter fits a topic (MQTT 3.1.1, section 4.7).

    >>> matches("house/+/power", "house/l1/power"), matches("house/#", "house"), matches("#", "$SYS/uptime")
    (True, True, False)
    """
    filters, levels = wanted.split("/"), topic.split("/")
    if topic.startswith("$") and filters[0] in ("+", "#"):
        return False
    for index, level in enumerate(filters):
        if level == "#":
            return True
        if index >= len(levels) or level not in ("+", levels[index]):
            return False
    return len(filters) == len(levels)


def publishable(topic: str) -> bool:
    """Tell whether a topic may be published to."""
    try:
        size = len(topic.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= 65_535 and not any(sign in topic for sign in "+#\0")  # noqa: PLR2004 - two bytes of length


def call_in(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Call something in the loop from another thread; a loop that has ended needs nothing any more."""
    with suppress(RuntimeError):  # what a closed loop raises
        loop.call_soon_threadsafe(callback)
