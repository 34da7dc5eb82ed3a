"""Signs of life: the beat of what EVerest enforces, for those who wait for it."""

import asyncio
from collections.abc import Callable


class Signs:
    """Counts signs of life and wakes who waits for the next."""

    def __init__(self) -> None:
        self._count = 0
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Note a sign of life."""
        self._count += 1
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, holds: Callable[[], bool], beats: int) -> None:
        """Wait until at least so many further beats were heard and something holds."""
        enough = self._count + beats
        while self._count < enough or not holds():
            await self._next.wait()
