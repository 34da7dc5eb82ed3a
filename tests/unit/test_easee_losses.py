"""When an Easee charger counts as lost, instant by instant."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.chargers.easee.device import EaseeDevice
from adapters.chargers.easee.messages import Observed, Response
from adapters.chargers.easee.path import Argument, Listener, Manner
from adapters.chargers.easee.settings import EaseeConnection
from controller.errors import DeviceUnreachable
from tests.fakes.clock import FakeClock

KEYS = {
    "serial": "EH1",
    "host": "127.0.0.1",
    "queue": "Q",
    "exchange": "X",
    "user": "guest",
    "password": "guest",
    "beat_s": 10.0,
}


class QuietPath:
    """A way on which nothing is told unless the test tells it."""

    says = "nothing"
    has_account = False
    up = served = True

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.listener: Listener | None = None

    def tells(self, serial: str) -> bool:
        """Tell changes as they come."""
        return bool(serial)

    def as_of(self, serial: str) -> float | None:
        """Be as new as can be."""
        return self._clock.mono_s() if serial else None

    async def ask(self, serial: str) -> Sequence[Observed]:
        """Know nothing."""
        del serial
        return ()

    async def until_up(self) -> None:
        """Be up."""

    async def serve(self, serial: str, listener: Listener) -> None:
        """Listen until cancelled."""
        del serial
        self.listener = listener
        await asyncio.get_running_loop().create_future()

    async def call(self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner) -> Response:
        """Reach nobody."""
        raise DeviceUnreachable(f"{serial}: {id_} {arguments} {how}")

    async def call_aside(
        self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner
    ) -> Response | None:
        """Reach nobody."""
        return await self.call(serial, id_, arguments, how)

    async def look(self) -> Sequence[str]:
        """Find nothing."""
        return ()


def told(path: QuietPath, id_: int, value: object, clock: FakeClock) -> None:
    assert path.listener is not None
    path.listener.observed(Observed(id=id_, value=value, at=clock.now()), 0.0)


@pytest.fixture
def clock() -> FakeClock:
    """Hand out a clock."""
    return FakeClock()


def device_on(path: QuietPath, clock: FakeClock) -> EaseeDevice:
    settings = EaseeConnection.model_validate(KEYS)
    device = EaseeDevice("bay", settings, clock, command=48, knob_ids=(48,), taken=lambda _: None)
    device.path = path
    return device


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
            told(path, id_, value, clock)
        await clock.advance(50.0)
        running.cancel()
    return ", ".join(losses)


async def test_a_charger_that_is_lost_right_after_its_first_word_is_lost(clock: FakeClock) -> None:
    why = await why_lost(clock, (48, 16.0), (250, False))

    assert why == "Easee's cloud has lost it"


async def test_a_charger_that_is_away_from_the_start_is_waited_for(clock: FakeClock) -> None:
    assert await why_lost(clock, (250, False)) == ""
