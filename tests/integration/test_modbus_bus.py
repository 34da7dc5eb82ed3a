import asyncio
import errno
import termios
from itertools import pairwise

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType

from adapters.wire.modbus import (
    Endpoint,
    Manners,
    ModbusBus,
    ModbusClient,
    Request,
    SerialEndpoint,
    TcpEndpoint,
)
from controller.errors import DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.meters.modbus_twin import ModbusMeterTwin
from simulator.meters.pty_line import PtyLine

CLOCK = SystemClock()
MANNERS = Manners(timeout_s=0.1)

# Answered after the time-out; the next request is under way when the late answer comes.
LATE_S, NEXT_S = 0.3, 0.15
PATIENCE_S = 0.2
PATIENT = Manners(timeout_s=PATIENCE_S)

VOLTAGES = Request(unit_id=1, function_code=4, address=0, count=6)
CURRENTS = Request(unit_id=1, function_code=4, address=6, count=6)
FLOAT_10, FLOAT_230 = 0x4120, 0x4366


async def late_then_prompt(endpoint: Endpoint, twin: ModbusMeterTwin) -> tuple[int, ...]:
    """Let one request for voltages be answered too late, then ask for currents."""
    bus = ModbusBus(endpoint, CLOCK)
    twin.faults.delay_s = LATE_S
    with bus.in_use():
        with pytest.raises(DeviceUnreachable):
            await bus.read(VOLTAGES, PATIENT)
        twin.faults.delay_s = NEXT_S
        return (await bus.read(CURRENTS, PATIENT)).words


async def test_the_hazard_is_real_a_plain_client_takes_late_voltages_for_currents() -> None:
    async with ModbusMeterTwin("eastron_sdm630", rtu_framed=True) as twin:
        twin.set_reading((10.0, 10.0, 10.0))
        twin.faults.delay_s = LATE_S
        client = AsyncModbusTcpClient(
            twin.host, port=twin.port, framer=FramerType.RTU, timeout=PATIENCE_S, retries=0
        )
        await client.connect()
        try:
            with pytest.raises(ModbusException):
                await client.read_input_registers(0, count=6, device_id=1)
            twin.faults.delay_s = NEXT_S
            answer = await client.read_input_registers(6, count=6, device_id=1)
        finally:
            client.close()

        assert answer.registers[0] == FLOAT_230


async def test_a_late_frame_over_tcp_is_never_taken_for_the_next_answer() -> None:
    async with ModbusMeterTwin("eastron_sdm630", rtu_framed=True) as twin:
        twin.set_reading((10.0, 10.0, 10.0))
        endpoint = TcpEndpoint(host=twin.host, port=twin.port, rtu_framed=True)

        words = await late_then_prompt(endpoint, twin)

        assert words[0] == FLOAT_10


async def test_a_late_frame_on_a_serial_line_is_never_taken_for_the_next_answer() -> None:
    async with PtyLine() as line, ModbusMeterTwin("eastron_sdm630", device=line.theirs) as twin:
        twin.set_reading((10.0, 10.0, 10.0))

        words = await late_then_prompt(SerialEndpoint(device=line.ours), twin)

        assert words[0] == FLOAT_10


class FussyLine(SerialEndpoint):
    """A line whose driver cannot do what it is set to."""

    def client(self) -> ModbusClient:
        """Make a client of it."""
        return FussyClient(self.device)


class FussyClient(AsyncModbusSerialClient):
    """Fails as a serial port does: not with an `OSError`."""

    async def connect(self) -> bool:
        """Be refused."""
        raise termios.error(errno.EINVAL, "Invalid argument")


async def test_a_line_that_cannot_do_the_parity_is_an_unreachable_device() -> None:
    bus = ModbusBus(FussyLine(device="/dev/ttyUSB7", parity="E"), CLOCK)

    with (
        bus.in_use(),
        pytest.raises(DeviceUnreachable, match="/dev/ttyUSB7: does not take the serial settings"),
    ):
        await bus.read(VOLTAGES, MANNERS)


async def test_a_twin_whose_port_is_taken_says_which() -> None:
    async with ModbusMeterTwin("eastron_sdm630") as first:
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{first.port}"):
            await ModbusMeterTwin("eastron_sdm630", port=first.port).start()


async def test_a_cancelled_read_leaves_nothing_for_the_next() -> None:
    async with ModbusMeterTwin("eastron_sdm630", rtu_framed=True) as twin:
        twin.set_reading((10.0, 10.0, 10.0))
        twin.faults.delay_s = 0.05
        bus = ModbusBus(TcpEndpoint(host=twin.host, port=twin.port, rtu_framed=True), CLOCK)
        with bus.in_use():
            async with asyncio.TaskGroup() as tasks:
                cancelled = tasks.create_task(bus.read(VOLTAGES, MANNERS))
                await CLOCK.sleep(0.02)
                cancelled.cancel()

            words = (await bus.read(CURRENTS, MANNERS)).words

        assert words[0] == FLOAT_10


async def test_requests_keep_the_silence_that_a_meter_needs() -> None:
    async with ModbusMeterTwin("eastron_sdm630") as twin:
        bus = ModbusBus(TcpEndpoint(host=twin.host, port=twin.port), CLOCK)
        with bus.in_use():
            sent = [(await bus.read(CURRENTS, Manners(gap_s=0.05))).sent_mono_s for _ in range(3)]

        assert min(later - earlier for earlier, later in pairwise(sent)) >= 0.05


async def test_a_refused_read_carries_the_code_and_keeps_the_connection() -> None:
    async with ModbusMeterTwin("eastron_sdm630") as twin:
        bus = ModbusBus(TcpEndpoint(host=twin.host, port=twin.port), CLOCK)
        with bus.in_use():
            with pytest.raises(DeviceRefused, match="Modbus exception 2") as refused:
                await bus.read(Request(unit_id=1, function_code=4, address=40, count=2), MANNERS)
            await bus.read(CURRENTS, MANNERS)

            assert refused.value.code == 2
            assert twin.connections == 1
