"""Ending: how commands that go on for ever stop when they are told to."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


async def until_signalled(*forever: Coroutine[Any, Any, None]) -> None:
    """Run these side by side until SIGINT or SIGTERM, which is their ordinary end."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, ValueError, RuntimeError):  # not in the main thread, or no POSIX
            loop.add_signal_handler(number, told.set)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one) for one in forever]
        await told.wait()
        for task in running:
            task.cancel()
