"""Casting of meters: Modbus servers on sockets and serial lines, telegrams, MQTT messages."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Self

from adapters.meters.modbus_settings import ModbusMeterSettings, endpoint_of, load_meter_map, unit_of
from adapters.meters.mqtt_json_settings import MqttJsonSettings
from adapters.meters.sma_speedwire import SpeedwireSettings
from adapters.wire.modbus import Endpoint, SerialEndpoint, TcpEndpoint
from controller.ports import Clock
from controller.settings import Device
from simulator.casting import LOOPBACK, Cast, plays_at_home
from simulator.meters.modbus_twin import ModbusTwin
from simulator.meters.mqtt_twin import MqttTwin, publisher
from simulator.meters.pty_line import PtyLine
from simulator.meters.speedwire_twin import SpeedwireTwin
from simulator.meters.twin_meter import TwinMeter

_SPEEDWIRE_PORT = 9522
_ANY_SERIAL = 1900012345

# Devices read about once a second; a twin that speaks by itself keeps that pace.
PERIOD_S = 1.0


def modbus(device: Device, cast: Cast) -> None:
    """Let a Modbus server play a meter; those behind one gateway or on one line share it.

    Raises:
        SettingsError: its map is wrong.
    """
    own = device.settings
    if not isinstance(own, ModbusMeterSettings):
        return
    meter_map = load_meter_map(own, device.id)
    bus = endpoint_of(own, meter_map, device.id)
    twin = TwinMeter(meter_map=meter_map)
    cast.gauges[device.id] = twin
    server, meters = _server(bus, cast)
    meters[unit_of(own, meter_map, device.id)] = twin
    if isinstance(server, SerialTwin):
        cast.addresses[device.id] = lambda: f"Modbus RTU {server.device}"
        # A line without hardware has no parity bits to send.
        cast.moves[device.id] = lambda: {"device": server.device, "parity": "N"}
        return
    cast.addresses[device.id] = lambda: f"Modbus {LOOPBACK}:{server.port}"
    if isinstance(bus, TcpEndpoint) and not plays_at_home(bus.host):
        cast.moves[device.id] = lambda: {"host": LOOPBACK, "port": server.port}


_Server = tuple["SerialTwin | ModbusTwin", dict[int, TwinMeter]]


def _server(bus: Endpoint, cast: Cast) -> _Server:
    """Find the server of a gateway or a line, and the meters behind it; the first meter brings it along."""
    if bus not in cast.shared:
        meters: dict[int, TwinMeter] = {}
        server = _built(bus, meters, cast)
        cast.servers.append(server)
        cast.shared[bus] = server, meters
    found: _Server = cast.shared[bus]
    return found


def _built(bus: Endpoint, meters: dict[int, TwinMeter], cast: Cast) -> "SerialTwin | ModbusTwin":
    if isinstance(bus, SerialEndpoint):
        return SerialTwin(meters, cast.clock)
    port = bus.port if plays_at_home(bus.host) else 0
    return ModbusTwin(meters, port=port, rtu_framed=bus.rtu_framed, clock=cast.clock)


class SerialTwin:
    """Modbus meters at one end of a serial line that exists only in this machine."""

    def __init__(self, meters: Mapping[int, TwinMeter], clock: Clock) -> None:
        self._meters, self._clock = meters, clock
        self._running = AsyncExitStack()
        self.device = ""
        """The other end, once it has started."""

    async def __aenter__(self) -> Self:
        """Lay the line and answer at one end of it."""
        async with AsyncExitStack() as started:
            line = await started.enter_async_context(PtyLine())
            twin = ModbusTwin(self._meters, device=line.ours, clock=self._clock)
            await started.enter_async_context(twin)
            self.device, self._running = line.theirs, started.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take it away."""
        await self._running.aclose()


def sma_speedwire(device: Device, cast: Cast) -> None:
    """Let telegrams be sent as the meter would; a simulated house stays on this machine, without a group."""
    own = device.settings
    if not isinstance(own, SpeedwireSettings):
        return
    port = own.port or _SPEEDWIRE_PORT
    twin = SpeedwireTwin(port=port, serial=own.serial or _ANY_SERIAL, clock=cast.clock)
    cast.gauges[device.id] = twin
    cast.servers.append(twin)
    cast.speakers.append(lambda: twin.run(PERIOD_S))
    cast.addresses[device.id] = lambda: f"Speedwire to {LOOPBACK}:{port}"
    if not own.unicast:
        cast.moves[device.id] = lambda: {"unicast": True, "bind": LOOPBACK}


def mqtt_json(device: Device, cast: Cast) -> None:
    """Let a publisher on the configured broker play the meter."""
    own, mqtt = device.settings, cast.settings.mqtt
    if not isinstance(own, MqttJsonSettings) or mqtt is None:
        return
    twin = MqttTwin(own, publisher(mqtt, device.id, cast.clock), cast.clock)
    cast.gauges[device.id] = twin
    cast.speakers.append(lambda: twin.run(PERIOD_S))
    cast.addresses[device.id] = lambda: f"MQTT {mqtt.host}:{mqtt.port} {twin.topics[0]}"
