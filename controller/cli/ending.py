"""Ending: how commands that go on for ever stop when they are told to."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from controller.signals import listening


async def until_signalled(*forever: Coroutine[Any, Any, None]) -> None:
    """Run these side by side until SIGINT or SIGTERM, which is their ordinary end."""
    told = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one) for one in forever]
        with listening({signal.SIGINT: told.set, signal.SIGTERM: told.set}):
            await told.wait()
        for task in running:
            task.cancel()
