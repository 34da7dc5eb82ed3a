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
    tariff: Any = None
    """The source of prices, if one is configured: some chargers can be told them."""


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
    "easee": Kind(
        settings="adapters.chargers.easee.settings:EaseeSettings", build="adapters.chargers.easee:build"
    ),
    "everest": Kind(
        settings="adapters.chargers.everest.settings:EverestSettings",
        build="adapters.chargers.everest:build",
    ),
    "high_mobility": Kind(
        settings="adapters.chargers.high_mobility.settings:HighMobilitySettings",
        build="adapters.chargers.high_mobility:build",
    ),
    "lektrico": Kind(
        settings="adapters.chargers.lektrico.settings:LektricoSettings",
        build="adapters.chargers.lektrico:build",
    ),
    "tesla": Kind(
        settings="adapters.chargers.tesla.settings:TeslaSettings",
        build="adapters.chargers.tesla:build",
    ),
}

LIMITERS = {
    "easee": Kind(
        settings="adapters.chargers.easee.settings:EaseeCircuitSettings",
        build="adapters.chargers.easee:build_limiter",
    ),
}
"""Devices that make a whole circuit obey limits per phase; `build` is called with the circuit's id."""

VEHICLES = {
    "tesla": Kind(
        settings="adapters.chargers.tesla.settings:TeslaAccess",
        build="adapters.chargers.tesla:build_vehicle",
    ),
}
"""Cars that tell their state of charge, whatever they hang on; `build` is called as
`build(id, settings, surroundings, charger)`, with the charger where the car stands."""

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
