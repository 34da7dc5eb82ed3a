"""Signs of life: the beat of what EVerest enforces, for those who wait for it."""

import asyncio
from collections.abc import Callable


class Signs:
    """Remembers when signs of life were heard and wakes who waits for the next."""

    def __init__(self) -> None:
        self._latest_mono_s = float("-inf")
        self._next = asyncio.Event()

    def beat(self, mono_s: float) -> None:
        """Note a sign of life, and when it arrived."""
        self._latest_mono_s = mono_s
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, holds: Callable[[], bool], beats: int, since_mono_s: float) -> None:
        """Wait until so many beats arrived after an instant and something holds."""
        heard = 0
        while heard < beats or not holds():
            await self._next.wait()
            heard += self._latest_mono_s > since_mono_s
