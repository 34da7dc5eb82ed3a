"""Modbus twins: real Modbus servers over TCP, RTU over TCP or a serial line."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Self

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from adapters.meters.map_file import ModbusMap, SunspecMap
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.meters.quantities import Quantities
from simulator.meters.twin_meter import MeterFaults, TwinMeter, map_of

_ANY_UNIT = 0


class ModbusTwin:
    """A server with one or more meters behind it, like a gateway or a serial line."""

    def __init__(
        self,
        meters: Mapping[int, TwinMeter],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        rtu_framed: bool = False,
        device: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.meters = meters
        self.host, self.port = host, port
        self._rtu_framed, self._device = rtu_framed, device
        self._clock = clock or SystemClock()
        self._server: ModbusTcpServer | ModbusSerialServer | None = None
        self._muted = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; a port of 0 is settled by the system and kept from then on.

        Raises:
            OSError: somebody else listens there.
        """
        self._server = self._serial_server(self._device) if self._device else self._tcp_server()
        try:
            await self._server.serve_forever(background=True)
        except RuntimeError as error:
            # All that pymodbus says is that it could not.
            self._server = None
            raise OSError(f"cannot listen on {self._device or f'{self.host}:{self.port}'}") from error
        if isinstance(self._server, ModbusTcpServer):
            self.port = self._server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined] # a listener

    async def stop(self) -> None:
        """Die: close every connection and stop listening."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
            self._server = None

    async def restart(self) -> None:
        """Die and come back on the same port."""
        await self.stop()
        await self.start()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._server.active_connections) if self._server else 0

    def drop_connections(self) -> None:
        """Close what is connected, and go on listening."""
        connections = list(self._server.active_connections.values()) if self._server else []
        for connection in connections:
            connection.close()

    def _tcp_server(self) -> ModbusTcpServer:
        return ModbusTcpServer(
            self._devices(),
            framer=FramerType.RTU if self._rtu_framed else FramerType.SOCKET,
            address=(self.host, self.port),
            trace_pdu=self._sending,
            trace_packet=self._muting,
        )

    def _serial_server(self, device: str) -> ModbusSerialServer:
        return ModbusSerialServer(
            self._devices(), port=device, trace_pdu=self._sending, trace_packet=self._muting
        )

    def _devices(self) -> list[SimDevice]:
        # Requests for other units get an answer from pymodbus, which is then muted.
        nobody = SimDevice(_ANY_UNIT, simdata=[_room(0, 0)])
        known = [
            SimDevice(unit, simdata=[_room(*meter.addresses)], action=partial(self._answer, meter))
            for unit, meter in self.meters.items()
        ]
        return known if _ANY_UNIT in self.meters else [nobody, *known]

    async def _answer(
        self,
        meter: TwinMeter,
        function_code: int,
        start: int,
        address: int,
        count: int,
        room: list[int],
        _written: object,
    ) -> ExcCodes | None:
        if meter.faults.delay_s:
            await self._clock.sleep(meter.faults.delay_s)
        answer = meter.answer(function_code, address, count)
        if isinstance(answer, int):
            return ExcCodes(answer)
        room[address - start : address - start + count] = answer
        return None

    def _sending(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:  # noqa: FBT001 - pymodbus calls it
        if sending:
            meter = self.meters.get(pdu.dev_id) or self.meters.get(_ANY_UNIT)
            self._muted = meter is None or meter.faults.silent
            if meter is not None and meter.faults.answers_as is not None:
                pdu.dev_id = meter.faults.answers_as
        return pdu

    def _muting(self, sending: bool, frame: bytes) -> bytes:  # noqa: FBT001 - pymodbus calls it
        return b"" if sending and self._muted else frame


class ModbusMeterTwin(ModbusTwin):
    """A server with one meter; `meter` is a built-in map's name, a map file or a map."""

    def __init__(
        self,
        meter: str | Path | ModbusMap | SunspecMap,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        unit_id: int | None = None,
        rtu_framed: bool = False,
        device: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.meter = TwinMeter(meter_map=map_of(meter))
        self.set_reading = self.meter.set_reading
        self.unit_id = unit_id or self.meter.meter_map.defaults.unit_id or 1
        super().__init__(
            {self.unit_id: self.meter},
            host=host,
            port=port,
            rtu_framed=rtu_framed,
            device=device,
            clock=clock,
        )

    @property
    def faults(self) -> MeterFaults:
        """What goes wrong; change it at any time."""
        return self.meter.faults

    def set_quantities(self, quantities: Quantities) -> None:
        """Tell everything that flows now."""
        self.meter.set_quantities(quantities)


def _room(low: int, high: int) -> SimData:
    return SimData(low, count=high - low + 1, values=0, datatype=DataType.REGISTERS)
