import asyncio

import pytest

from adapters.wire.together import together
from controller.errors import DeviceUnreachable


async def _fails() -> None:
    raise DeviceUnreachable("away")


async def _waits() -> None:
    await asyncio.Event().wait()


async def _fails_when_ended(began: asyncio.Event) -> None:
    began.set()
    try:
        await _waits()
    finally:
        await _fails()


async def test_what_fails_is_raised_as_itself_and_leaves_no_cancellation_behind() -> None:
    for _ in range(2):
        with pytest.raises(DeviceUnreachable, match="away"):
            await together(_waits(), _fails())

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_who_is_cancelled_while_one_fails_is_cancelled() -> None:
    began = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(together(_fails_when_ended(began)))
        await began.wait()
        running.cancel()
        await asyncio.wait({running})

    assert running.cancelled()


async def test_what_ends_by_itself_is_waited_for() -> None:
    done: list[int] = []

    async def ends(number: int) -> None:
        done.append(number)

    await together(ends(1), ends(2))

    assert done == [1, 2]
