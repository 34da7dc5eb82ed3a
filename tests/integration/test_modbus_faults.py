import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.catalog import Surroundings
from adapters.meters.modbus_meter import ModbusMeter, build
from adapters.meters.modbus_settings import ModbusMeterSettings
from controller.domain.readings import MeterReading
from controller.errors import DeviceNonsense, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.meters.modbus_twin import ModbusMeterTwin, ModbusTwin
from simulator.meters.twin_meter import TwinMeter, map_of

CLOCK = SystemClock()
TIMEOUT_S = 0.1


def meter_for(twin: ModbusTwin, meter: str = "grid", **keys: object) -> ModbusMeter:
    settings = ModbusMeterSettings.model_validate(
        {
            "map": "janitza_umg96",
            "host": twin.host,
            "port": twin.port,
            "timeout_s": TIMEOUT_S,
            "period_s": 0.05,
            **keys,
        }
    )
    return build(meter, settings, Surroundings(clock=CLOCK, site=None))


class Published:
    """Collects readings, and lets a test wait for what it wants to see."""

    def __init__(self) -> None:
        self.readings: list[MeterReading] = []

    async def until(self, count: int) -> None:
        """Wait for so many readings."""
        async with asyncio.timeout(5):
            while len(self.readings) < count:
                await CLOCK.sleep(0.005)

    async def until_l1(self, current_a: float) -> None:
        """Wait until L1 reads this."""
        async with asyncio.timeout(5):
            while not self.readings or self.readings[-1].currents_a[0] != pytest.approx(current_a):
                await CLOCK.sleep(0.005)


@asynccontextmanager
async def supervised(meter: ModbusMeter, errors: list[Exception] | None = None) -> AsyncIterator[Published]:
    published = Published()

    async def supervise() -> None:
        while True:
            try:
                await meter.run(published.readings.append)
            except (DeviceUnreachable, DeviceNonsense) as error:
                if errors is not None:
                    errors.append(error)
                await CLOCK.sleep(0.02)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(supervise())
        yield published
        task.cancel()


async def test_readings_follow_what_flows() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.set_reading((10.0, 0.0, 0.0))
        async with supervised(meter_for(twin)) as published:
            await published.until_l1(10.0)
            twin.set_reading((-4.0, 0.0, 0.0))
            await published.until_l1(-4.0)


async def test_a_meter_that_dies_and_comes_back_is_read_again() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.set_reading((10.0, 0.0, 0.0))
        errors: list[Exception] = []
        async with supervised(meter_for(twin), errors) as published:
            await published.until(2)
            await twin.stop()
            async with asyncio.timeout(5):
                while not errors:
                    await CLOCK.sleep(0.01)
            twin.set_reading((12.0, 0.0, 0.0))
            await twin.start()
            await published.until_l1(12.0)

        assert all(isinstance(error, DeviceUnreachable) for error in errors)
        assert f"127.0.0.1:{twin.port}" in str(errors[0])


async def test_dropped_connections_cost_at_most_one_poll() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        errors: list[Exception] = []
        async with supervised(meter_for(twin), errors) as published:
            await published.until(2)
            twin.drop_connections()
            await published.until(6)

        assert errors == []


async def test_a_silent_meter_is_unreachable() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.faults.silent = True

        with pytest.raises(DeviceUnreachable, match=r"unit 1: no answer within 0\.1 s"):
            await meter_for(twin).probe()


async def test_a_meter_under_another_unit_id_is_unreachable() -> None:
    async with ModbusMeterTwin("janitza_umg96", unit_id=2) as twin:
        with pytest.raises(DeviceUnreachable):
            await meter_for(twin).probe()


async def test_an_answer_under_a_foreign_unit_id_is_not_taken() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.faults.answers_as = 2

        with pytest.raises(DeviceUnreachable):
            await meter_for(twin).probe()


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        await twin.stop()

        with pytest.raises(DeviceUnreachable, match="no connection"):
            await meter_for(twin).probe()


async def test_a_busy_meter_is_unreachable_and_says_why() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.faults.exception = 6

        with pytest.raises(DeviceUnreachable, match="Modbus exception 6"):
            await meter_for(twin).probe()


async def test_a_wrong_map_is_nonsense_and_says_why() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        with pytest.raises(DeviceNonsense, match="the meter has no power_w there"):
            await meter_for(twin, map="shelly_pro_3em").probe()


async def test_markers_for_missing_values_are_nonsense() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.faults.missing = True

        with pytest.raises(DeviceNonsense, match="markers for missing values"):
            await meter_for(twin).probe()


async def test_frozen_values_are_noticed_and_forgiven() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        twin.set_reading((10.0, 0.0, 0.0))
        twin.faults.frozen = True
        errors: list[Exception] = []
        async with supervised(meter_for(twin, frozen_after_s=0.2), errors) as published:
            async with asyncio.timeout(5):
                while not errors:
                    await CLOCK.sleep(0.01)
            twin.faults.frozen = False
            twin.set_reading((11.0, 0.0, 0.0))
            await published.until_l1(11.0)

        assert "frozen" in str(errors[0])


async def test_meters_behind_one_gateway_share_its_connection() -> None:
    units = {unit: TwinMeter(meter_map=map_of("janitza_umg96")) for unit in (1, 2, 3)}
    async with ModbusTwin(units) as gateway:
        for unit, twin in units.items():
            twin.set_reading((float(unit), 0.0, 0.0))
        async with (
            supervised(meter_for(gateway, "a", unit_id=1)) as first,
            supervised(meter_for(gateway, "b", unit_id=2)) as second,
            supervised(meter_for(gateway, "c", unit_id=3)) as third,
        ):
            await first.until_l1(1.0)
            await second.until_l1(2.0)
            await third.until_l1(3.0)

            assert gateway.connections == 1
        assert {reading.currents_a[0] for reading in second.readings} == {2.0}


async def test_a_dead_unit_does_not_silence_its_neighbour() -> None:
    units = {unit: TwinMeter(meter_map=map_of("janitza_umg96")) for unit in (1, 2)}
    units[1].faults.silent = True
    async with ModbusTwin(units) as gateway:
        errors: list[Exception] = []
        async with (
            supervised(meter_for(gateway, "dead", unit_id=1), errors),
            supervised(meter_for(gateway, "alive", unit_id=2)) as alive,
        ):
            await alive.until(5)

        assert errors


async def test_the_connection_closes_behind_the_last_meter() -> None:
    async with ModbusMeterTwin("janitza_umg96") as twin:
        async with supervised(meter_for(twin)) as published:
            await published.until(1)
            assert twin.connections == 1
        async with asyncio.timeout(5):
            while twin.connections:
                await CLOCK.sleep(0.005)
