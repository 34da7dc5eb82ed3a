import asyncio
from types import SimpleNamespace
from typing import cast

from adapters.wire.modbus import Endpoint, Manners, ModbusBus, Request, SerialEndpoint, TcpEndpoint, bus_for
from tests.fakes.clock import FakeClock

REQUEST = Request(unit_id=1, function_code=4, address=0, count=1)


class SwallowingClient:
    """Answers when it is cancelled, as `wait_for` of Python 3.11 does when both happen at once."""

    connected = True

    async def connect(self) -> bool:
        """Be there."""
        return True

    def close(self) -> None:
        """Be gone."""

    async def read_input_registers(self, *_: object, **__: object) -> object:
        """Wait for ever, and take a cancellation for an answer."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return SimpleNamespace(registers=[1], isError=lambda: False)
        return None


async def test_a_cancellation_that_meets_an_answer_is_not_lost() -> None:
    clock = FakeClock()
    endpoint = cast("Endpoint", SimpleNamespace(client=SwallowingClient, rtu_framed=False))
    bus = ModbusBus(endpoint, clock)

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(bus.read(REQUEST, Manners(timeout_s=60.0)))
        await clock.advance(0.0)
        reading.cancel()

    assert reading.cancelled()


def test_devices_of_one_endpoint_share_one_bus() -> None:
    clock = FakeClock()
    line = SerialEndpoint(device="/dev/ttyUSB0")

    first, second = bus_for(line, clock), bus_for(SerialEndpoint(device="/dev/ttyUSB0"), clock)

    assert first is second
    assert bus_for(TcpEndpoint(host="gateway"), clock) is not first
    assert bus_for(line, FakeClock()) is not first
