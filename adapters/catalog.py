"""Catalog: kind of device -> where its settings and its builder are, one line a device.

Modules are named, not imported, so that a house with one meter and one charger loads only those two.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from controller.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of device."""

    settings: str
    """`module:Class` of the pydantic model that holds the keys of this kind."""
    build: str
    """`module:function` called as `build(id, settings, surroundings)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a builder may use of the daemon around it."""

    clock: Clock
    site: Any
    """The `Site`, so that a charger knows how it is wired."""
    mqtt: Any = None
    """The shared MQTT connection, if one is configured."""


METERS = {
    "modbus": Kind(
        settings="adapters.meters.modbus_meter:ModbusMeterSettings",
        build="adapters.meters.modbus_meter:build",
    ),
    "mqtt_json": Kind(
        settings="adapters.meters.mqtt_json:MqttJsonSettings", build="adapters.meters.mqtt_json:build"
    ),
    "sma_speedwire": Kind(
        settings="adapters.meters.sma_speedwire:SpeedwireSettings",
        build="adapters.meters.sma_speedwire:build",
    ),
}

CHARGERS = {
    "lektrico": Kind(
        settings="adapters.chargers.lektrico.settings:LektricoSettings",
        build="adapters.chargers.lektrico:build",
    ),
}

LIMITERS: dict[str, Kind] = {}
"""Devices that make a whole circuit obey; none is known yet, so a circuit cannot name one."""

TARIFFS = {
    "fixed": Kind(
        settings="adapters.tariffs.table:FixedSettings", build="adapters.tariffs.table:build_fixed"
    ),
    "table": Kind(
        settings="adapters.tariffs.table:TableSettings", build="adapters.tariffs.table:build_table"
    ),
    "awattar": Kind(
        settings="adapters.tariffs.awattar:AwattarSettings", build="adapters.tariffs.awattar:build"
    ),
    "energy_charts": Kind(
        settings="adapters.tariffs.energy_charts:EnergyChartsSettings",
        build="adapters.tariffs.energy_charts:build",
    ),
}


def load(name: str) -> Any:  # noqa: ANN401 - what it names decides
    """Import what a `module:attribute` names."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
