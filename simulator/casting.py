"""Casting: which twin plays which configured device, and at which address."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from adapters.chargers.lektrico.settings import LektricoSettings
from adapters.meters.modbus_settings import ModbusMeterSettings, endpoint_of, load_meter_map, unit_of
from adapters.wire.modbus import SerialEndpoint, TcpEndpoint
from controller.errors import SettingsError
from controller.ports import Clock
from controller.settings import Device, Settings
from simulator.chargers.lektrico import LektricoTwin
from simulator.meters.modbus_twin import ModbusTwin
from simulator.meters.twin_meter import TwinMeter

LOOPBACK = frozenset({"127.0.0.1", "localhost"})


@dataclass(slots=True)
class Cast:
    """Every twin of a configuration, not started yet."""

    servers: list[AbstractAsyncContextManager[Any]] = field(default_factory=list)
    meters: dict[str, TwinMeter] = field(default_factory=dict)
    chargers: dict[str, LektricoTwin] = field(default_factory=dict)


def cast(settings: Settings, clock: Clock) -> Cast:
    """Find a twin for every device.

    Raises:
        SettingsError: a device has no twin, or is not on loopback.
    """
    found = Cast()
    gateways: dict[tuple[str, int], dict[int, TwinMeter]] = {}
    for device in settings.meters:
        _METERS.get(device.kind, _no_twin)(device, settings, found, gateways)
    for (_, port), meters in gateways.items():
        framed = any(_is_framed(d.settings, port) for d in settings.meters)
        found.servers.append(ModbusTwin(meters, port=port, rtu_framed=framed, clock=clock))
    for device in settings.chargers:
        if not isinstance(device.settings, LektricoSettings):
            _no_twin(device, settings, found, gateways)
            continue
        _at_home(settings, f"charger {device.id}", device.settings.host)
        model = "1p7k" if len(settings.site.charger[device.id].phases) == 1 else "3p22k"  # type: ignore[index] # ids are text
        twin = LektricoTwin(model=model, port=device.settings.port, clock=clock)
        found.chargers[device.id] = twin
        found.servers.append(twin)
    return found


_Gateways = dict[tuple[str, int], dict[int, TwinMeter]]


def _no_twin(device: Device, settings: Settings, _found: Cast, _gateways: _Gateways) -> None:
    raise SettingsError(str(settings.path), f"{device.id}.kind", device.kind, "has no simulated twin")


def _modbus(device: Device, settings: Settings, found: Cast, gateways: _Gateways) -> None:
    own = device.settings
    if not isinstance(own, ModbusMeterSettings):
        return
    meter_map = load_meter_map(own, device.id)
    endpoint = endpoint_of(own, meter_map, device.id)
    if isinstance(endpoint, SerialEndpoint):
        raise SettingsError(str(settings.path), f"{device.id}.transport", "rtu", "has no simulated twin")
    _at_home(settings, f"meter {device.id}", endpoint.host)
    twin = found.meters[device.id] = TwinMeter(meter_map=meter_map)
    gateways.setdefault((endpoint.host, endpoint.port), {})[unit_of(own, meter_map, device.id)] = twin


def _is_framed(own: BaseModel, port: int) -> bool:
    if not isinstance(own, ModbusMeterSettings):
        return False
    endpoint = endpoint_of(own, load_meter_map(own, ""), "")
    return isinstance(endpoint, TcpEndpoint) and endpoint.port == port and endpoint.rtu_framed


def _at_home(settings: Settings, device: str, host: str) -> None:
    if host not in LOOPBACK:
        raise SettingsError(str(settings.path), f"{device}.host", host, "a twin needs a loopback address")


_METERS: Mapping[str, Callable[[Device, Settings, Cast, _Gateways], None]] = {"modbus": _modbus}
