"""Twin: what every simulated device on a real socket has in common."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from types import TracebackType
from typing import Final, Self, TypeVar

_KEPT: Final = 1000

_Call = TypeVar("_Call")


class Twin(ABC):
    """Starts, vanishes, and may come back on the same port; `async with` does both ends."""

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    @abstractmethod
    async def start(self) -> None:
        """Begin to serve."""

    @abstractmethod
    async def stop(self) -> None:
        """Vanish: nothing listens any more, every connection ends."""


class Calls(deque[_Call]):
    """What a twin was asked, latest last."""

    def __init__(self) -> None:
        super().__init__(maxlen=_KEPT)
        self._news = asyncio.Event()

    def note(self, call: _Call) -> None:
        """Keep a call that arrived."""
        self.append(call)
        self._news.set()

    async def upcoming(self) -> _Call:
        """Wait for the next call."""
        self._news.clear()
        await self._news.wait()
        return self[-1]
