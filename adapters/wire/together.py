"""Together: what has to run side by side, until the first of it fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*runs: Coroutine[Any, Any, None]) -> None:
    """Run until one fails, end the others, and raise what it raised: as itself, not as a group.

    Supervisors tell a device that is away from a bug by the type of what they catch. Whoever is cancelled
    while one fails is cancelled: a group would raise the failure, and the supervisor would go on for ever.
    """
    task = asyncio.current_task()
    cancelled = 0 if task is None else task.cancelling()
    try:
        async with asyncio.TaskGroup() as tasks:
            # Waited for here: left to the group's end, Python 3.11 counts its own cancellation as ours.
            await asyncio.wait([tasks.create_task(run) for run in runs])
    except BaseExceptionGroup as failed:
        if task is not None and task.cancelling() > cancelled:
            raise asyncio.CancelledError from failed
        first = failed.exceptions[0]
        raise first from first.__cause__
