"""Feed: every tick's report to whoever listens; a slow listener misses ticks and delays nobody."""

import asyncio
import json
from collections.abc import AsyncIterator

from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.loop import Loop
from controller.report import site_report

MOST_LISTENERS = 20
MOST_WAITING = 4
"""A listener that is further behind gets the latest ticks only."""

_END = ""


class Feed:
    """Hands each tick to its listeners as one server-sent event."""

    def __init__(self, loop: Loop) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self._loop = loop
        self.dropped = 0
        """Ticks that listeners were too slow for."""
        loop.listeners.append(self._show)

    @property
    def full(self) -> bool:
        """Whether nobody more can listen."""
        return len(self._listeners) >= MOST_LISTENERS

    async def events(self) -> AsyncIterator[str]:
        """Tell the latest tick, then every tick, until the feed closes."""
        queue: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._listeners.add(queue)
        try:
            if self._loop.latest is not None:
                yield _event(*self._loop.latest)
            while event := await queue.get():
                yield event
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        """End every listener's feed."""
        self._loop.listeners.remove(self._show)
        for queue in self._listeners:
            self._put(queue, _END)

    def _show(self, snapshot: Snapshot, decision: Decision) -> None:
        if self._listeners:
            event = _event(snapshot, decision)
            for queue in self._listeners:
                self._put(queue, event)

    def _put(self, queue: asyncio.Queue[str], event: str) -> None:
        if queue.full():
            queue.get_nowait()
            self.dropped += 1
        queue.put_nowait(event)


def _event(snapshot: Snapshot, decision: Decision) -> str:
    report = json.dumps(site_report(snapshot, decision), separators=(",", ":"), ensure_ascii=False)
    return f"event: tick\ndata: {report}\n\n"
