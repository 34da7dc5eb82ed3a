import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from adapters.catalog import Surroundings
from adapters.chargers.easee.circuit import EaseeCircuit
from adapters.chargers.easee.settings import EaseeCircuitSettings
from adapters.chargers.easee.state import is_master
from controller.domain.units import CircuitId, Phases
from controller.errors import DeviceRefused, DeviceUnreachable
from controller.supervision import Watch, keep_running
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_faults import EaseeFaults
from tests.contracts.bench import PATIENCE_S, site
from tests.contracts.easee_bench import charger_of, connection_of, operator
from tests.mqtt_observer import running

KEYS = {"answer_s": 0.5, "confirm_s": 1.0, "beat_s": 0.05, "silence_s": 60.0}
MASTER, SECONDARY = "EH1", "EH2"


@dataclass
class Row:
    """Two chargers on one circuit, and whoever limits it."""

    master: EaseeTwin
    secondary: EaseeTwin
    circuit: EaseeCircuit
    told: list[tuple[float, Phases]] = field(default_factory=list)

    async def until(self, limit_a: Phases) -> None:
        """Wait for a read-back."""
        async with asyncio.timeout(5.0):
            while not self.told or self.told[-1][1] != limit_a:
                await SystemClock().sleep(0.02)


@asynccontextmanager
async def row(serial: str = MASTER, phases: tuple[int, int, int] = (1, 2, 3)) -> AsyncIterator[Row]:
    own = await asyncio.to_thread(operator)
    clock = SystemClock()
    shared = EaseeCircuitModel(clock=clock)
    master, secondary = (
        EaseeTwin(own, EaseeDevice(clock=clock, serial=name, circuit=shared, is_master=name == MASTER), clock)
        for name in (MASTER, SECONDARY)
    )
    keys = connection_of(own) | KEYS | {"serial": serial, "phases": phases}
    settings = EaseeCircuitSettings.model_validate(keys)
    limiter = EaseeCircuit(CircuitId("row"), settings, Surroundings(clock=clock, site=site()))
    found = Row(master, secondary, limiter)
    watch = Watch("row", lambda *_: None)

    def take(at_mono_s: float, limit_a: Phases) -> None:
        found.told.append((at_mono_s, limit_a))

    async with master, secondary, running(keep_running(lambda: limiter.run(take), watch, clock)):
        yield found


async def test_a_circuits_limit_is_one_command_to_its_master() -> None:
    async with row() as found:
        answered_mono_s = await found.circuit.set_limit((16.0, 10.0, 0.0), 300.0)
        await found.until((16.0, 10.0, 0.0))

        told = found.master.commands[-1]
        assert (told.id, told.arguments) == (22, {1: "16", 2: "10", 3: "0", 4: "5"})
        assert found.told[-1][0] >= answered_mono_s
        assert not found.secondary.commands


async def test_the_masters_terminals_may_be_rotated() -> None:
    async with row(phases=(2, 3, 1)) as found:
        await found.circuit.set_limit((16.0, 10.0, 8.0), None)
        await found.until((16.0, 10.0, 8.0))

        assert found.master.commands[-1].arguments == {1: "10", 2: "8", 3: "16"}


async def test_fractions_are_rounded_down() -> None:
    async with row() as found:
        await found.circuit.set_limit((16.9, 16.0, 16.0), None)

        await found.until((16.0, 16.0, 16.0))


async def test_a_circuit_limits_all_its_chargers() -> None:
    async with row() as found:
        for twin in (found.master, found.secondary):
            twin.plug_in("a car")
        await found.circuit.set_limit((20.0, 20.0, 20.0), None)

        assert (found.master.offered_a, found.secondary.offered_a) == (10.0, 10.0)


@pytest.mark.parametrize(("ignores", "error"), [(False, DeviceRefused), (True, DeviceUnreachable)])
async def test_a_secondary_does_not_take_a_circuits_limit(error: type[Exception], *, ignores: bool) -> None:
    async with row(serial=SECONDARY) as found:
        found.secondary.faults = EaseeFaults(ignore_secondary=ignores)
        found.circuit._device.latest.__init__()  # type: ignore[misc] # noqa: SLF001 - nothing known of it yet

        with pytest.raises(error):
            await found.circuit.set_limit((16.0, 16.0, 16.0), None)


async def test_a_serial_that_is_known_to_be_no_master_is_not_even_asked() -> None:
    async with row(serial=SECONDARY) as found, asyncio.timeout(PATIENCE_S):
        while is_master(found.circuit._device.latest) is None:  # noqa: SLF001 - nothing else tells
            await SystemClock().sleep(0.02)

        with pytest.raises(DeviceRefused, match="no master"):
            await found.circuit.set_limit((16.0, 16.0, 16.0), None)

        assert not found.secondary.commands


async def test_a_reboot_lifts_the_circuits_limit_and_is_seen() -> None:
    async with row() as found:
        await found.circuit.set_limit((10.0, 10.0, 10.0), None)
        await found.until((10.0, 10.0, 10.0))

        await found.master.restart()

        await found.until((40.0, 40.0, 40.0))


async def test_charger_and_circuit_share_one_serial_and_one_connection() -> None:
    own = await asyncio.to_thread(operator)
    clock = SystemClock()
    device = EaseeDevice(clock=clock, serial=MASTER, circuit=EaseeCircuitModel(clock=clock))
    async with EaseeTwin(own, device, clock) as twin:
        charger = charger_of(twin, connection_of(own) | KEYS, clock)
        settings = EaseeCircuitSettings.model_validate(connection_of(own) | KEYS | {"serial": MASTER})
        limiter = EaseeCircuit(CircuitId("row"), settings, Surroundings(clock=clock, site=site()))
        watch = Watch("both", lambda *_: None)
        async with (
            running(
                keep_running(lambda: charger.run(lambda _: None), watch, clock),
                keep_running(lambda: limiter.run(lambda *_: None), watch, clock),
            ),
            asyncio.TaskGroup() as group,
        ):
            group.create_task(charger.set_limit(9.0))
            group.create_task(limiter.set_limit((12.0, 12.0, 12.0), None))

        assert (device.dynamic_a, device.circuit.dynamic_a) == (9.0, (12.0, 12.0, 12.0))
