"""An Easee charger on a way on which only the test speaks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

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
        self.answers = False
        """Whether commands are taken."""
        self.commands: list[tuple[Argument, ...]] = []
        self.cloud: tuple[Observed, ...] = ()
        """What is known when it is asked for."""
        self.listener: Listener | None = None

    def tells(self, serial: str) -> bool:
        """Tell changes as they come."""
        return bool(serial)

    def as_of(self, serial: str) -> float | None:
        """Be as new as can be."""
        return self._clock.mono_s() if serial else None

    async def ask(self, serial: str) -> Sequence[Observed]:
        """Know what the test says."""
        del serial
        return self.cloud

    async def until_up(self) -> None:
        """Be up."""

    async def serve(self, serial: str, listener: Listener) -> None:
        """Listen until cancelled."""
        del serial
        self.listener = listener
        await asyncio.get_running_loop().create_future()

    async def call(self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner) -> Response:
        """Reach nobody, or somebody who takes it."""
        self.commands.append(tuple(arguments))
        if self.answers:
            return Response(id=id_, accepted=True)
        raise DeviceUnreachable(f"{serial}: {id_} {arguments} {how}")

    async def call_aside(
        self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner
    ) -> Response | None:
        """Reach nobody."""
        return await self.call(serial, id_, arguments, how)

    async def look(self) -> Sequence[str]:
        """Find nothing."""
        return ()


def told(path: QuietPath, id_: int, value: object, at: datetime, age_s: float = 0.0) -> None:
    """Tell an observation."""
    assert path.listener is not None
    path.listener.observed(Observed(id=id_, value=value, at=at), age_s)


def device_on(path: QuietPath, clock: FakeClock, lifted: tuple[float, ...] | None = None) -> EaseeDevice:
    """Build what follows it."""
    settings = EaseeConnection.model_validate(KEYS)
    device = EaseeDevice(
        "bay", settings, clock, command=48, knob_ids=(48,), taken=lambda _: None, lifted=lifted
    )
    device.path = path
    return device
