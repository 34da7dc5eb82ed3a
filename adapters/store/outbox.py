"""Outbox: what waits to be written, bounded; the least important goes first when it is full."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import Connection


class Importance(IntEnum):
    """What is given up first when a database is away for long, in this order."""

    READING = 0
    DECISION = 1
    EVENT = 2
    WRITE = 3
    PRICE = 4
    SESSION = 5
    PERSON = 6
    """What a person asked: never dropped for anything else, and written at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to write, and how; `apply` runs in the writer's thread."""

    importance: Importance
    apply: Callable[[Connection], None]


class Outbox:
    """Holds at most `capacity` entries; putting never waits and never fails."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._queues: Mapping[Importance, deque[Entry]] = {kind: deque() for kind in Importance}
        self.dropped: Counter[Importance] = Counter()

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    @property
    def urgent(self) -> bool:
        """Whether something waits that should not wait for its batch."""
        return bool(self._queues[Importance.PERSON])

    def put(self, entry: Entry) -> None:
        """Add an entry; when full, drop and count the oldest of the least important."""
        self._queues[entry.importance].append(entry)
        self._trim()

    def take(self, count: int) -> tuple[Entry, ...]:
        """Take out up to so many, the most important first, in the order in which they came."""
        taken: list[Entry] = []
        for kind in reversed(Importance):
            queue = self._queues[kind]
            while queue and len(taken) < count:
                taken.append(queue.popleft())
        return tuple(taken)

    def put_back(self, entries: Iterable[Entry]) -> None:
        """Return what could not be written to where it was."""
        for entry in reversed(tuple(entries)):
            self._queues[entry.importance].appendleft(entry)
        self._trim()

    def _trim(self) -> None:
        while len(self) > self._capacity:
            kind = next(kind for kind in Importance if self._queues[kind])
            self._queues[kind].popleft()
            self.dropped[kind] += 1
