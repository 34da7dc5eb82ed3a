import asyncio

import pytest

from adapters.wire.line import GaveWayError, Line
from tests.fakes.clock import FakeClock


async def test_urgent_turns_go_before_ordinary_ones() -> None:
    line, order, go_on = Line(patience_s=60.0), list[str](), asyncio.Event()

    async def take(name: str, *, urgent: bool) -> None:
        async with line.turn(urgent=urgent):
            order.append(name)
            await go_on.wait()

    async with asyncio.TaskGroup() as group:
        for name, urgent in (("first", False), ("second", False), ("cut", True)):
            group.create_task(take(name, urgent=urgent))
            await FakeClock.settle()
        go_on.set()

    assert order == ["first", "cut", "second"]


async def test_an_ordinary_turn_that_takes_long_gives_way() -> None:
    line, forever = Line(patience_s=0.0), asyncio.Event()
    gave_way = False

    async def ask() -> None:
        nonlocal gave_way
        try:
            async with line.turn():
                await forever.wait()
        except GaveWayError:
            gave_way = True

    async with asyncio.TaskGroup() as group:
        group.create_task(ask())
        await FakeClock.settle()
        async with line.turn(urgent=True):
            pass

    assert gave_way


async def test_an_urgent_turn_never_gives_way() -> None:
    line, done = Line(patience_s=0.0), asyncio.Event()

    async def cut() -> None:
        async with line.turn(urgent=True):
            await done.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(cut())
        await FakeClock.settle()
        group.create_task(cut())
        await FakeClock.settle()
        done.set()

    async with line.turn():
        assert done.is_set()


async def test_whoever_stops_waiting_does_not_block_the_line() -> None:
    line = Line(patience_s=60.0)

    async def wait() -> None:
        async with line.turn():
            pytest.fail("this turn was never wanted any more")

    async with asyncio.TaskGroup() as group:
        async with line.turn():
            waiting = group.create_task(wait())
            await FakeClock.settle()
            waiting.cancel()
            await FakeClock.settle()
        async with asyncio.timeout(1.0), line.turn():
            pass


async def test_a_turn_handed_over_in_the_moment_of_its_cancellation_is_handed_on() -> None:
    line = Line(patience_s=60.0)

    async def wait() -> None:
        async with line.turn():
            pytest.fail("this turn was never wanted any more")

    async with asyncio.TaskGroup() as group:
        async with line.turn():
            waiting = group.create_task(wait())
            await FakeClock.settle()
        waiting.cancel()  # the turn is its own by now, but it has not run yet
        async with asyncio.timeout(1.0), line.turn():
            pass


async def test_a_failure_inside_a_turn_stays_itself() -> None:
    line = Line(patience_s=60.0)

    with pytest.raises(TimeoutError, match="mine"):
        async with line.turn():
            raise TimeoutError("mine")
