"""A circuit of Easee chargers, limited by an owner through its master."""

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
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.supervision import Watch, keep_running
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from tests.contracts.bench import PATIENCE_S, site
from tests.contracts.easee_bench import owner_of
from tests.mqtt_observer import running

KEYS = {"confirm_s": 1.0, "beat_s": 0.05, "silence_s": 60.0, "poll_s": 0.1}
MASTER, SECONDARY, NEIGHBOUR = "EH1", "EH2", "EH3"
LOWEST = (6.0, 6.0, 6.0)


@dataclass
class Row:
    """Two chargers on one circuit, one on another, and whoever limits the first."""

    cloud: EaseeCloudTwin
    twins: dict[str, EaseeTwin]
    circuit: EaseeCircuit
    told: list[tuple[float, Phases]] = field(default_factory=list)

    async def until(self, limit_a: Phases) -> None:
        """Wait for a read-back."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.told or self.told[-1][1] != limit_a:
                await SystemClock().sleep(0.02)


@asynccontextmanager
async def row(serial: str = MASTER, *, hub: bool = True, answer_s: float = 6.0) -> AsyncIterator[Row]:
    clock = SystemClock()
    shared = EaseeCircuitModel(clock=clock, number=1, dynamic_a=LOWEST)
    other = EaseeCircuitModel(clock=clock, number=2, dynamic_a=LOWEST)
    devices = [
        EaseeDevice(clock=clock, serial=MASTER, circuit=shared),
        EaseeDevice(clock=clock, serial=SECONDARY, circuit=shared, is_master=False),
        EaseeDevice(clock=clock, serial=NEIGHBOUR, circuit=other),
    ]
    twins = {device.serial: EaseeTwin(None, device, clock) for device in devices}
    async with EaseeCloudTwin(None, *twins.values(), clock=clock) as cloud:
        cloud.hub.faults.status = None if hub else 503
        keys = owner_of(cloud) | KEYS | {"serial": serial, "answer_s": answer_s}
        settings = EaseeCircuitSettings.model_validate(keys)
        limiter = EaseeCircuit(CircuitId("row"), settings, Surroundings(clock=clock, site=site()))
        found = Row(cloud, twins, limiter)
        watch = Watch("row", lambda *_: None)

        def take(at_mono_s: float, limit_a: Phases) -> None:
            found.told.append((at_mono_s, limit_a))

        following = running(keep_running(lambda: limiter.run(take), watch, clock))
        async with twins[MASTER], twins[SECONDARY], twins[NEIGHBOUR], following:
            yield found


@pytest.mark.parametrize("hub", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_circuits_limit_reaches_its_master_and_no_other_circuit(*, hub: bool, at_once: bool) -> None:
    async with row(hub=hub) as found:
        await found.until(LOWEST)
        found.cloud.commands.faults.circuits_at_once = at_once

        answered_mono_s = await found.circuit.set_limit((16.0, 10.0, 7.0), None)
        await found.until((16.0, 10.0, 7.0))

        told = found.twins[MASTER].commands[-1]
        assert (told.id, told.arguments) == (22, {1: "16", 2: "10", 3: "7", 4: "0"})
        assert found.told[-1][0] >= answered_mono_s or not hub
        assert not found.twins[SECONDARY].commands
        assert not found.twins[NEIGHBOUR].commands
        assert found.twins[NEIGHBOUR].device.circuit.dynamic_a == LOWEST


async def test_a_time_to_live_goes_along() -> None:
    async with row() as found:
        await found.until(LOWEST)

        await found.circuit.set_limit((16.0, 16.0, 16.0), 300.0)

        assert found.twins[MASTER].commands[-1].arguments[4] == "5"


async def test_a_serial_that_is_known_to_be_no_master_is_not_even_asked() -> None:
    async with row(serial=SECONDARY) as found, asyncio.timeout(PATIENCE_S):
        while is_master(found.circuit._device.latest) is None:  # noqa: SLF001 - nothing else tells
            await SystemClock().sleep(0.02)

        with pytest.raises(DeviceRefused, match="no master"):
            await found.circuit.set_limit((16.0, 16.0, 16.0), None)

        assert not found.twins[MASTER].commands


async def test_a_charger_that_hangs_nowhere_limits_nothing() -> None:
    async with row() as found:
        await found.until(LOWEST)
        del found.cloud.chargers[SECONDARY]
        del found.cloud.chargers[MASTER]

        with pytest.raises((DeviceRefused, DeviceNonsense)):
            await found.circuit.set_limit((16.0, 16.0, 16.0), None)

        assert not found.twins[NEIGHBOUR].commands


async def test_a_circuit_that_was_renumbered_is_found_again() -> None:
    async with row() as found:
        await found.until(LOWEST)
        await found.circuit.set_limit((8.0, 8.0, 8.0), None)
        found.twins[MASTER].device.circuit.number = 5
        with pytest.raises(DeviceRefused):
            await found.circuit.set_limit((9.0, 9.0, 9.0), None)

        await found.circuit.set_limit((10.0, 10.0, 10.0), None)

        assert found.twins[MASTER].device.circuit.dynamic_a == (10.0, 10.0, 10.0)


async def test_a_master_that_is_away_is_no_confirmation() -> None:
    async with row(answer_s=0.5) as found:
        await found.until(LOWEST)
        found.twins[MASTER].vanish()

        with pytest.raises(DeviceUnreachable):
            await found.circuit.set_limit((16.0, 16.0, 16.0), None)
