"""Shared: one connection to a broker, however many devices speak over it.

The first who needs it opens it, the last one closes it; a device that fails ends nothing for the others.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from adapters.wire.mqtt import Broker, Connection
from controller.errors import PhasewiseError
from controller.ports import Clock


class SharedConnection:
    """A connection that is there for as long as somebody keeps it."""

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self.broker, self.clock = broker, clock
        self.connection = Connection(broker, clock)
        self._users = 0
        self._tending = asyncio.Lock()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Connection]:
        """Keep it connected in the background until the block ends."""
        self._users += 1
        if self._users == 1:
            self.connection.open()
        try:
            async with self._tended():
                yield self.connection
        finally:
            self._users -= 1
            if self._users == 0:
                await self.connection.close()

    @asynccontextmanager
    async def _tended(self) -> AsyncIterator[None]:
        failure: PhasewiseError | TimeoutError | None = None
        async with asyncio.TaskGroup() as group:
            tender = group.create_task(self._tend())
            try:
                yield
            except (PhasewiseError, TimeoutError) as error:
                failure = error  # Raised below, so that it does not leave the group as a group.
            finally:
                tender.cancel()
        if failure is not None:
            raise failure

    async def _tend(self) -> None:
        """Take over tending when whoever did it before has ended."""
        async with self._tending:
            await self.connection.tend()


_SHARED: Final[WeakValueDictionary[tuple[Broker, int], SharedConnection]] = WeakValueDictionary()


def shared_connection(broker: Broker, clock: Clock) -> SharedConnection:
    """Find the connection that others already use for the same broker and login, or make it."""
    key = (broker, id(clock))  # The connection holds its clock, so that no other can get this id.
    found = _SHARED.get(key)
    if found is None:
        found = _SHARED[key] = SharedConnection(broker, clock)
    return found
