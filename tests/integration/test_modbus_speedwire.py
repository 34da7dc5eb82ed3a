import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.catalog import Surroundings
from adapters.meters.sma_speedwire import SpeedwireMeter, SpeedwireSettings, build
from controller.domain.readings import MeterReading
from controller.errors import DeviceNonsense, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.meters.speedwire_twin import SpeedwireTwin

CLOCK = SystemClock()
ANYWHERE = "0.0.0.0"  # noqa: S104 - multicast is only received there
SERIAL = 1900012345


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def meter_on(port: int, **keys: object) -> SpeedwireMeter:
    settings = SpeedwireSettings.model_validate(
        {"port": port, "bind": "127.0.0.1", "unicast": True, "timeout_s": 0.3, **keys}
    )
    return build("grid", settings, Surroundings(clock=CLOCK, site=None))


@asynccontextmanager
async def heard_by(meter: SpeedwireMeter, *twins: SpeedwireTwin) -> AsyncIterator[list[MeterReading]]:
    readings: list[MeterReading] = []
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(meter.run(readings.append))]
        running += [tasks.create_task(twin.run(0.02)) for twin in twins]
        async with asyncio.timeout(5):
            while len(readings) < 3:
                await CLOCK.sleep(0.005)
        yield readings
        for task in running:
            task.cancel()


async def test_telegrams_become_readings() -> None:
    port = free_port()
    async with SpeedwireTwin(port=port) as twin:
        twin.set_reading((10.0, -8.0, 1.0), import_wh=1000.0)
        async with heard_by(meter_on(port), twin) as readings:
            assert readings[-1].currents_a == pytest.approx((10.0, -8.0, 1.0))
            assert readings[-1].import_wh == pytest.approx(1000.0)


async def test_only_the_named_meter_is_heard() -> None:
    port = free_port()
    async with SpeedwireTwin(port=port) as ours, SpeedwireTwin(port=port, serial=7) as neighbour:
        ours.set_reading((10.0, 0.0, 0.0))
        neighbour.set_reading((20.0, 0.0, 0.0))
        async with heard_by(meter_on(port, serial=SERIAL), neighbour, ours) as readings:
            assert {reading.currents_a[0] for reading in readings} == {10.0}


async def test_a_multicast_group_is_joined_on_the_named_interface() -> None:
    port = free_port()
    async with SpeedwireTwin.multicast(port=port) as twin:
        twin.set_reading((10.0, 0.0, 0.0))
        meter = meter_on(port, bind=ANYWHERE, interface="127.0.0.1", unicast=False)
        async with heard_by(meter, twin) as readings:
            assert readings[-1].currents_a[0] == pytest.approx(10.0)


async def test_a_silent_meter_is_unreachable() -> None:
    with pytest.raises(DeviceUnreachable, match=r"no Speedwire telegram of any meter for 0\.05 s"):
        await meter_on(free_port(), timeout_s=0.05).probe()


async def test_telegrams_that_are_cut_short_are_nonsense() -> None:
    port = free_port()
    async with SpeedwireTwin(port=port) as twin, asyncio.TaskGroup() as tasks:
        twin.faults.cut_at = 50
        sending = tasks.create_task(twin.run(0.02))
        with pytest.raises(DeviceNonsense, match="ends inside channel"):
            await meter_on(port, timeout_s=0.1).probe()
        sending.cancel()


async def test_a_probe_names_the_serial_number() -> None:
    port = free_port()
    async with SpeedwireTwin(port=port) as twin, asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(twin.run(0.02))
        probe = await meter_on(port).probe()
        sending.cancel()

    assert str(SERIAL) in probe.found
    assert probe.values["voltage_l1_v"] == 230.0


async def test_an_address_that_is_not_ours_is_unreachable_in_one_line() -> None:
    with pytest.raises(DeviceUnreachable, match=r"cannot listen on 192\.0\.2\.1"):
        await meter_on(free_port(), bind="192.0.2.1").probe()
