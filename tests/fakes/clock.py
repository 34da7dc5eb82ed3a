"""A clock that only moves when a test moves it."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Implements the Clock port; `await clock.advance(5)` wakes sleepers in order."""

    def __init__(
        self, start: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC), mono_s: float = 1000.0
    ) -> None:
        self._start, self._start_s, self._mono_s = start, mono_s, mono_s
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """Tell wall time; it moves with the monotonic one."""
        return self._start + timedelta(seconds=self._mono_s - self._start_s)

    def mono_s(self) -> float:
        """Tell monotonic seconds."""
        return self._mono_s

    def jump(self, seconds: float) -> None:
        """Let wall time jump without monotonic time passing (H11)."""
        self._start += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody advances the clock far enough."""
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._mono_s + max(0.0, seconds), self._count, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move on, waking every sleeper at its own instant and letting tasks run in between."""
        end = self._mono_s + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            self._mono_s = max(self._mono_s, at)
            if not future.done():
                future.set_result(None)
            await self.settle()
        self._mono_s = end
        await self.settle()

    @staticmethod
    async def settle() -> None:
        """Let every task that can run, run."""
        for _ in range(20):
            await asyncio.sleep(0)  # noqa: TID251 - yields to the event loop, waits for no time
