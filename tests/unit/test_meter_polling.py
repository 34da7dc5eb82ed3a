import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.meters.decode import Understanding
from adapters.meters.map_file import ModbusMap, load_built_in
from adapters.meters.modbus_meter import ModbusMeter
from adapters.meters.modbus_settings import ModbusMeterSettings
from adapters.meters.rhythm import Rhythm
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from controller.errors import DeviceNonsense, DeviceUnreachable
from simulator.meters.encode import encode, fixed_registers
from simulator.meters.quantities import Quantities
from tests.fakes.clock import FakeClock
from tests.fakes.modbus_bus import FakeBus

CONTROL = (0, 18)
COUNTERS = 72


class Bench:
    """An SDM630 on a fake bus."""

    def __init__(self, map_name: str = "eastron_sdm630", **keys: object) -> None:
        self.clock = FakeClock()
        found = load_built_in(map_name)
        assert isinstance(found, ModbusMap)
        self.map = found
        self.bus = FakeBus({**fixed_registers(found)}, self.clock)
        self.flow(10.0)
        settings = ModbusMeterSettings.model_validate({"map": map_name, "host": "fake", **keys})
        self.meter = ModbusMeter(
            settings=settings,
            meter_map=found,
            understanding=Understanding(id=MeterId("grid"), lag_s=settings.lag_s),
            bus=self.bus,
            clock=self.clock,
        )
        self.readings: list[MeterReading] = []

    def flow(self, current_a: float) -> None:
        """Let a current flow on L1."""
        quantities = Quantities(currents_a=(current_a, 0.0, 0.0), import_wh=5000.0, export_wh=7000.0)
        self.bus.words.update(encode(self.map, quantities))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the meter."""
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.meter.run(self.readings.append))
            await self.clock.settle()
            yield
            task.cancel()

    def polls(self) -> int:
        """Count the requests for what every poll needs."""
        return sum(request.address == CONTROL[0] for request in self.bus.asked)


async def test_a_meter_publishes_at_its_rhythm() -> None:
    bench = Bench()

    async with bench.running():
        await bench.clock.advance(3.0)

    assert [reading.at_mono_s for reading in bench.readings] == [1000.0, 1001.0, 1002.0, 1003.0]


async def test_a_late_beat_is_skipped_and_the_rhythm_kept() -> None:
    clock = FakeClock()
    rhythm = Rhythm(clock, 1.0)

    await clock.advance(2.5)
    async with asyncio.TaskGroup() as tasks:
        beat = tasks.create_task(rhythm.next_beat())
        await clock.advance(0.49)
        assert not beat.done()
        await clock.advance(0.01)
        assert beat.done()


async def test_a_reading_is_as_old_as_its_request_and_the_lag() -> None:
    bench = Bench(lag_s=0.4)
    bench.bus.takes_s = 0.2

    async with bench.running():
        await bench.clock.advance(0.5)

    assert bench.readings[0].at_mono_s == pytest.approx(999.6)


async def test_counters_are_read_seldom_and_stay_known_in_between() -> None:
    bench = Bench(counters_period_s=10)

    async with bench.running():
        await bench.clock.advance(19.5)

    assert sum(request.address == COUNTERS for request in bench.bus.asked) == 2
    assert bench.readings[0].import_wh is None
    assert {(r.import_wh, r.export_wh) for r in bench.readings[1:]} == {(5000.0, 7000.0)}


async def test_a_meter_without_counters_still_tells_its_currents() -> None:
    bench = Bench()
    for address in range(72, 76):
        del bench.bus.words[4, address]

    async with bench.running():
        await bench.clock.advance(5.0)

    assert len(bench.readings) == 6
    assert bench.readings[-1].import_wh is None


async def test_one_missed_poll_is_let_pass() -> None:
    bench = Bench()

    async with bench.running():
        bench.bus.errors = [DeviceUnreachable("lost frame")]
        await bench.clock.advance(2.0)

    assert [reading.at_mono_s for reading in bench.readings] == [1000.0, 1002.0]


async def test_the_second_miss_in_a_row_ends_the_run() -> None:
    bench = Bench()
    bench.bus.errors = [DeviceUnreachable("gone"), DeviceUnreachable("still gone")]

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(_outcome(bench))
        await bench.clock.advance(1.0)

    assert isinstance(run.result(), DeviceUnreachable)
    assert bench.bus.users == 0


async def test_nonsense_is_never_published() -> None:
    bench = Bench()
    bench.bus.words[4, 0] = 0x4500  # 2048 V and more

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(_outcome(bench))
        await bench.clock.advance(1.0)

    assert isinstance(run.result(), DeviceNonsense)
    assert bench.readings == []


async def test_frozen_values_end_the_run_and_stay_frozen_for_the_next() -> None:
    bench = Bench(frozen_after_s=30)

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(_outcome(bench))
        await bench.clock.advance(32.0)
    frozen_at = len(bench.readings)
    async with asyncio.TaskGroup() as tasks:
        again = tasks.create_task(_outcome(bench))
        await bench.clock.advance(1.0)

    assert "frozen" in str(run.result())
    assert "frozen" in str(again.result())
    assert (frozen_at, len(bench.readings)) == (31, 31)


async def test_a_changed_value_thaws_the_meter() -> None:
    bench = Bench()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_outcome(bench))
        await bench.clock.advance(32.0)
    before = len(bench.readings)

    bench.flow(11.0)
    async with bench.running():
        await bench.clock.advance(1.0)

    assert len(bench.readings) == before + 2


async def test_a_poll_of_an_sdm630_is_two_requests() -> None:
    bench = Bench()

    async with bench.running():
        await bench.clock.advance(10.0)

    assert bench.polls() == 11
    assert len(bench.bus.asked) == 2 * 11 + 1


async def test_a_probe_warns_of_a_meter_that_hides_export() -> None:
    bench = Bench("cg_em340")
    bench.bus.words[4, 4355] = 0

    probe = await bench.meter.probe()

    assert any("register 4355 holds 0, expected 1" in warning for warning in probe.warnings)


async def test_a_probe_of_a_well_set_meter_tells_its_values_without_warning() -> None:
    probe = await Bench("cg_em340").meter.probe()

    assert probe.warnings == ()
    assert (probe.values["current_l1_a"], probe.values["frequency_hz"], probe.values["import_wh"]) == (
        10,
        50,
        5000,
    )
    assert "cg_em340" in probe.found


async def test_a_probe_reads_the_letters_that_name_a_meter() -> None:
    probe = await Bench("socomec_countis_e", unit_id=1).meter.probe()

    assert "calls itself 'TWIN'" in probe.found
    assert probe.warnings == ()


async def _outcome(bench: Bench) -> Exception | None:
    try:
        await bench.meter.run(bench.readings.append)
    except (DeviceUnreachable, DeviceNonsense) as error:
        return error
    return None
