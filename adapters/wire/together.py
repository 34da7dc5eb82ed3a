"""Together: what has to run side by side, until the first of it fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*runs: Coroutine[Any, Any, None]) -> None:
    """Run until one fails, end the others, and raise what it raised: as itself, not as a group.

    Supervisors tell a device that is away from a bug by the type of what they catch.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            for run in runs:
                tasks.create_task(run)
    except BaseExceptionGroup as failed:
        first = failed.exceptions[0]
        raise first from first.__cause__
