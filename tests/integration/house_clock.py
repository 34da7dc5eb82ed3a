"""A clock for a house whose devices and brokers are real: fast, and never ahead of what could happen."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final

from controller.system_clock import SystemClock

_QUANTUM_S: Final = 0.1


class HouseClock:
    """Implements the Clock port; whoever shares it agrees on time. `running` has to be entered first.

    Time goes on in small steps, and everybody in this process gets a turn between two of them. So an exchange
    over sockets takes the same few steps however busy the machine is: a test takes longer, and sees the same.
    """

    def __init__(self, starts: datetime, speed: float) -> None:
        self.speed = speed
        """Seconds of the house in one real second, at most."""
        self._real, self._starts = SystemClock(), starts
        self._steps = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let time pass for as long as the block lasts."""
        async with asyncio.TaskGroup() as tasks:
            passing = tasks.create_task(self._pass())
            try:
                yield
            finally:
                passing.cancel()

    @contextmanager
    def at(self, speed: float) -> Iterator[None]:
        """Run at another speed for as long as the block lasts."""
        before, self.speed = self.speed, speed
        try:
            yield
        finally:
            self.speed = before

    def now(self) -> datetime:
        """Tell the wall time of the house."""
        return self._starts + timedelta(seconds=self.mono_s())

    def mono_s(self) -> float:
        """Tell the seconds that have passed in the house."""
        return self._steps * _QUANTUM_S

    async def sleep(self, seconds: float) -> None:
        """Wait for seconds of the house."""
        if seconds <= 0.0:
            await self._real.sleep(0.0)
            return
        woken = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (self.mono_s() + seconds, next(self._numbers), woken))
        await woken

    async def _pass(self) -> None:
        while True:
            await self._real.sleep(_QUANTUM_S / self.speed)
            self._steps += 1
            while self._sleepers and self._sleepers[0][0] <= self.mono_s():
                woken = heappop(self._sleepers)[2]
                if not woken.done():
                    woken.set_result(None)
