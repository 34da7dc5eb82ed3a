"""Casting: which twin plays which configured device, and at which address.

A twin takes the configured address where that is on loopback. Anywhere else it plays on an address of its
own, which is known once it has started; `Cast.moved` tells which keys of the configuration that changes.
"""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from adapters.catalog import load
from controller.domain.units import ChargerId
from controller.errors import SettingsError
from controller.ports import Clock
from controller.settings import Device, Settings
from simulator.house.sockets import Gauge, Outlet, Passenger

# Twins listen on this address alone.
LOOPBACK = "127.0.0.1"
_AT_HOME = frozenset({LOOPBACK, "localhost"})

ROLES: Mapping[str, str] = {
    "easee": "simulator.casting_easee:easee",
    "modbus": "simulator.casting_meters:modbus",
    "mqtt_json": "simulator.casting_meters:mqtt_json",
    "sma_speedwire": "simulator.casting_meters:sma_speedwire",
    "everest": "simulator.casting_everest:everest",
    "lektrico": "simulator.casting_chargers:lektrico",
    "high_mobility": "simulator.casting_high_mobility:high_mobility",
    "tesla": "simulator.casting_tesla:tesla",
}
"""Kind of device -> `module:function` that finds its twin, called as `function(device, cast)`."""

VEHICLE_ROLES: Mapping[str, str] = {"tesla": "simulator.casting_tesla:tesla_vehicle"}
"""Kind of vehicle -> the same, called as `function(device, charger, cast)`."""

Keys = Mapping[str, str | int | bool]
"""Keys of a device's table and their new values."""


@dataclass(slots=True)
class Cast:
    """Every twin of a configuration, not started yet."""

    settings: Settings
    clock: Clock
    servers: list[AbstractAsyncContextManager[Any]] = field(default_factory=list)
    """What has to be entered, in this order."""
    speakers: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    """What speaks unasked, for as long as it runs."""
    gauges: dict[str, Gauge] = field(default_factory=dict)
    """By meter; each counts phases as its device does."""
    chargers: dict[str, Outlet] = field(default_factory=dict)
    """By charger."""
    vehicles: dict[ChargerId, dict[str, Passenger]] = field(default_factory=dict)
    """Cars that hang on a charger, by charger and by their own names."""
    shared: dict[object, Any] = field(default_factory=dict)
    """What several devices share, like the gateway of two meters; the roles know what is in it."""
    addresses: dict[str, Callable[[], str]] = field(default_factory=dict)
    """Where each device plays, for people; asked after the start."""
    moves: dict[str, Callable[[], Keys]] = field(default_factory=dict)
    """By device that cannot play where it is configured; asked after the start."""

    def moved(self) -> dict[str, Keys]:
        """Tell the keys that the configuration has to have instead; empty: it can stay as it is."""
        return {device: keys() for device, keys in self.moves.items()}


def cast_all(settings: Settings, clock: Clock) -> Cast:
    """Find a twin for every device.

    Raises:
        SettingsError: a kind has none, or its settings lead nowhere.
    """
    cast = Cast(settings=settings, clock=clock)
    for device in (*settings.meters, *settings.chargers):
        if device.kind not in ROLES:
            raise _without_twin(device, settings)
        load(ROLES[device.kind])(device, cast)
    for car in settings.vehicles:
        if car.device is not None and car.device.kind not in VEHICLE_ROLES:
            raise _without_twin(car.device, settings)
        if car.device is not None:
            load(VEHICLE_ROLES[car.device.kind])(car.device, car.charger, cast)
    return cast


def plays_at_home(host: str) -> bool:
    """Tell whether a twin can listen on a configured host."""
    return host in _AT_HOME


def _without_twin(device: Device, settings: Settings) -> SettingsError:
    tables = {"meters": settings.meters, "chargers": settings.chargers}
    table = next((name for name, devices in tables.items() if device in devices), "vehicles")
    return SettingsError(
        str(settings.path), f"{table}[{device.id}].kind", device.kind, "has no simulated twin"
    )
