"""Modbus: one connection for all devices behind it, one request at a time, no stale answers."""

import asyncio
import logging
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

# It dumps raw frames at ERROR; what went wrong reaches the log in our words.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

_HOLDING = 3

# pymodbus' own limits only stand behind ours.
_BACKSTOP_S = 60.0

ModbusClient = AsyncModbusTcpClient | AsyncModbusSerialClient


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpEndpoint:
    """A Modbus TCP device or gateway; `rtu_framed` for gateways that pass serial frames through."""

    host: str
    port: int = 502
    rtu_framed: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def client(self) -> ModbusClient:
        """Make a client that neither repeats nor reconnects by itself."""
        framer = FramerType.RTU if self.rtu_framed else FramerType.SOCKET
        return AsyncModbusTcpClient(
            self.host, port=self.port, framer=framer, timeout=_BACKSTOP_S, retries=0, reconnect_delay=0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialEndpoint:
    """A serial line."""

    device: str
    baudrate: int = 9600
    parity: str = "N"
    stopbits: int = 1
    rtu_framed: bool = True

    def __str__(self) -> str:
        return self.device

    def client(self) -> ModbusClient:
        """Make a client that neither repeats nor reconnects by itself."""
        return AsyncModbusSerialClient(
            self.device,
            baudrate=self.baudrate,
            parity=self.parity,
            stopbits=self.stopbits,
            timeout=_BACKSTOP_S,
            retries=0,
            reconnect_delay=0,
        )


Endpoint = TcpEndpoint | SerialEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What one device needs of whoever talks to it."""

    timeout_s: float = 1.0
    gap_s: float = 0.0
    """Silence on the line before each request."""
    after_connect_s: float = 0.0
    """How long a fresh connection must rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One block of registers of one unit."""

    unit_id: int
    function_code: int
    address: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a unit answered, and when it was asked."""

    words: tuple[int, ...]
    sent_mono_s: float


class ModbusBus:
    """A connection that its users share; it opens at the first request and closes behind the last user."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self.endpoint = endpoint
        self._clock = clock
        self._lock = asyncio.Lock()
        self._client: ModbusClient | None = None
        self._users = 0
        self._quiet_until_mono_s = float("-inf")
        self._idle_since_mono_s = float("-inf")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the connection open for as long as somebody needs it."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._close()

    async def read(self, request: Request, manners: Manners) -> Words:
        """Read one block.

        Raises:
            DeviceUnreachable: no connection or no answer in time.
            DeviceRefused: a Modbus exception, with its code.
            DeviceNonsense: an answer of another length than asked.
        """
        before = _cancellations()
        async with self._lock:
            client = await self._connected(manners)
            await self._wait_until(self._idle_since_mono_s + manners.gap_s)
            sent_mono_s = self._clock.mono_s()
            answer = await self._exchange(client, request, manners)
            words = self._checked(answer, request)
        if _cancellations() > before:
            # Python 3.11's wait_for, inside pymodbus, loses a cancellation that meets an answer.
            raise asyncio.CancelledError
        return Words(words=words, sent_mono_s=sent_mono_s)

    async def _connected(self, manners: Manners) -> ModbusClient:
        if self._client is not None and self._client.connected:
            return self._client
        self._close()
        await self._wait_until(self._quiet_until_mono_s)
        client = self.endpoint.client()
        opened = False
        try:
            async with asyncio.timeout(manners.timeout_s):
                opened = await client.connect()
        except termios.error as error:
            raise DeviceUnreachable(f"{self.endpoint}: does not take the serial settings: {error}") from error
        except (TimeoutError, ModbusException, OSError) as error:
            raise DeviceUnreachable(f"{self.endpoint}: no connection") from error
        finally:
            if not opened:
                client.close()
        if not opened:
            raise DeviceUnreachable(f"{self.endpoint}: no connection")
        self._client = client
        await self._clock.sleep(manners.after_connect_s)
        return client

    async def _exchange(self, client: ModbusClient, request: Request, manners: Manners) -> ModbusPDU:
        ask = (
            client.read_holding_registers
            if request.function_code == _HOLDING
            else client.read_input_registers
        )
        answered = False
        try:
            async with asyncio.timeout(manners.timeout_s):
                answer = await ask(request.address, count=request.count, device_id=request.unit_id)
            answered = True
        except (TimeoutError, ModbusException, OSError) as error:
            raise DeviceUnreachable(
                f"{self.endpoint} unit {request.unit_id}: no answer within {manners.timeout_s:g} s"
            ) from error
        finally:
            # Also when cancelled: RTU frames carry no number, so a late answer would pass for the next one.
            self._idle_since_mono_s = self._clock.mono_s()
            if not answered:
                self._forget(manners)
        return answer

    def _checked(self, answer: ModbusPDU, request: Request) -> tuple[int, ...]:
        where = f"{self.endpoint} unit {request.unit_id}, register {request.address}"
        if answer.isError():
            raise DeviceRefused(f"{where}: Modbus exception {answer.exception_code}", answer.exception_code)
        if len(answer.registers) != request.count:
            self._close()
            raise DeviceNonsense(
                f"{where}: answered {len(answer.registers)} registers instead of {request.count}"
            )
        return tuple(answer.registers)

    def _forget(self, manners: Manners) -> None:
        self._close()
        if self.endpoint.rtu_framed:
            # Some gateways pass a late frame on to whoever is connected: let it go by first.
            self._quiet_until_mono_s = self._clock.mono_s() + manners.timeout_s

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _wait_until(self, mono_s: float) -> None:
        wait_s = mono_s - self._clock.mono_s()
        if wait_s > 0:
            await self._clock.sleep(wait_s)


def _cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


_buses: WeakValueDictionary[tuple[Clock, Endpoint], ModbusBus] = WeakValueDictionary()


def bus_for(endpoint: Endpoint, clock: Clock) -> ModbusBus:
    """Hand out the one bus of an endpoint; it lives for as long as one of its users."""
    bus = _buses.get((clock, endpoint))
    if bus is None:
        bus = _buses[clock, endpoint] = ModbusBus(endpoint, clock)
    return bus
