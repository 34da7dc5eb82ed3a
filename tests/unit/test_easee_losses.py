"""When an Easee charger counts as lost, instant by instant."""

import asyncio

import pytest

from controller.errors import DeviceUnreachable
from tests.fakes.clock import FakeClock
from tests.unit.easee_quiet import QuietPath, device_on, told


@pytest.fixture
def clock() -> FakeClock:
    """Hand out a clock."""
    return FakeClock()


async def why_lost(clock: FakeClock, *values: tuple[int, object]) -> str:
    """Run a device that is told these values a second apart, before its second beat."""
    path = QuietPath(clock)
    device = device_on(path, clock)
    losses: list[str] = []

    async def run() -> None:
        try:
            await device.run(lambda: None)
        except DeviceUnreachable as error:
            losses.append(str(error))

    async with asyncio.TaskGroup() as group:
        running = group.create_task(run())
        for id_, value in values:
            await clock.advance(1.0)
            told(path, id_, value, clock.now())
        await clock.advance(50.0)
        running.cancel()
    return ", ".join(losses)


async def test_a_charger_that_is_lost_right_after_its_first_word_is_lost(clock: FakeClock) -> None:
    why = await why_lost(clock, (48, 16.0), (250, False))

    assert why == "Easee's cloud has lost it"


async def test_a_charger_that_is_away_from_the_start_is_waited_for(clock: FakeClock) -> None:
    assert await why_lost(clock, (250, False)) == ""
