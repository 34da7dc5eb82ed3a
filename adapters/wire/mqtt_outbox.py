"""Outbox: what is still to be published, bounded whatever the broker does.

Of a retained topic only the latest value matters: it replaces the one before and is remembered, so that a
broker that comes back without its memory is told everything again. What is not retained is worth nothing
later: it waits in a short queue while the broker is there, and is dropped when it is not.
"""

from collections import deque
from dataclasses import dataclass, replace

from adapters.wire.mqtt_messages import AT_MOST_ONCE, publishable

MOST_RETAINED = 20_000
MOST_WAITING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One thing to publish."""

    topic: str
    payload: bytes
    retain: bool
    qos: int = AT_MOST_ONCE
    until_mono_s: float = float("inf")
    """Whoever wants it said has given it up after this."""


class Outbox:
    """Latest retained values and a short queue of the rest; `dropped` counts what did not fit."""

    def __init__(self, most_retained: int = MOST_RETAINED, most_waiting: int = MOST_WAITING) -> None:
        self.dropped = 0
        self._most_retained = most_retained
        self._retained: dict[str, Publication] = {}
        self._unsent: dict[str, None] = {}
        self._waiting: deque[Publication] = deque(maxlen=most_waiting)

    def __len__(self) -> int:
        return len(self._unsent) + len(self._waiting)

    def put(self, publication: Publication) -> None:
        """Keep a publication until it can be sent; a topic that no broker takes is dropped."""
        if not publishable(publication.topic):
            self.dropped += 1
            return
        if publication.retain:
            self._remember(publication)
            return
        self.dropped += len(self._waiting) == self._waiting.maxlen
        self._waiting.append(publication)

    def take(self, mono_s: float = float("-inf")) -> Publication | None:
        """Hand out the next publication: answers before state, state in the order of its first change.

        What was given up before this instant is dropped instead.
        """
        while self._waiting:
            publication = self._waiting.popleft()
            if mono_s <= publication.until_mono_s:
                return publication
            self.dropped += 1
        if not self._unsent:
            return None
        topic = next(iter(self._unsent))
        del self._unsent[topic]
        return self._retained[topic]

    def forget_waiting(self) -> None:
        """Drop what is not retained: the broker is gone."""
        self.dropped += len(self._waiting)
        self._waiting.clear()

    def resend(self) -> None:
        """Mark every remembered value as unsent: the broker may have forgotten them."""
        self._unsent = dict.fromkeys(self._retained)

    def _remember(self, publication: Publication) -> None:
        if publication.topic not in self._retained and not self._has_room():
            self.dropped += 1
            return
        self._retained[publication.topic] = replace(publication, until_mono_s=float("inf"))
        self._unsent[publication.topic] = None

    def _has_room(self) -> bool:
        if len(self._retained) >= self._most_retained:
            # Topics that were taken off the broker (by an empty payload) are remembered only for as long as
            # there is room: a broker may have missed it.
            gone = [topic for topic, latest in self._retained.items() if not latest.payload]
            for topic in gone:
                del self._retained[topic]
                self._unsent.pop(topic, None)
        return len(self._retained) < self._most_retained
