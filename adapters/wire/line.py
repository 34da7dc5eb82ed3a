"""Line: one request at a time to one device, and a limit never waits long behind a slow question."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from controller.errors import DeviceUnreachable

_URGENT, _ORDINARY = 0, 1


class GaveWayError(DeviceUnreachable):
    """A question was broken off because something urgent had to go out."""


class Line:
    """Hands out turns: urgent ones first, and an ordinary turn in progress soon ends for an urgent one."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._taken = False
        self._holder: asyncio.Timeout | None = None
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait for the line and hold it.

        Raises:
            GaveWayError: this turn was ordinary, took long, and something urgent waited.
        """
        await self._enter(_URGENT if urgent else _ORDINARY)
        try:
            async with asyncio.timeout(None) as scope:
                self._hold(None if urgent else scope)
                yield
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise GaveWayError("broken off: a limit had to go out first") from error
        finally:
            self._leave()

    async def _enter(self, rank: int) -> None:
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (rank, next(self._count), turn))
        self._hurry()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave()  # The turn was handed over in the very moment of the cancellation.
            raise

    def _hold(self, scope: asyncio.Timeout | None) -> None:
        self._holder = scope
        self._hurry()

    def _hurry(self) -> None:
        """Give an ordinary holder only a little longer once something urgent waits."""
        if self._holder is None or self._holder.when() is not None:
            return
        if any(rank == _URGENT and not turn.done() for rank, _, turn in self._queue):
            self._holder.reschedule(asyncio.get_running_loop().time() + self._patience_s)

    def _leave(self) -> None:
        self._holder = None
        while self._queue:
            _, _, turn = heapq.heappop(self._queue)
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False
