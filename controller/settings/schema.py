"""Schema: the JSON Schema of the file, with every kind of device that the catalog knows."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from adapters import catalog
from controller.settings.device_tables import AbilityTable, ChargerTable, MeterTable
from controller.settings.kinds import JUDGED_BY_KIND, Kinds
from controller.settings.secrets import secret_keys
from controller.settings.service_tables import (
    DashboardSettings,
    DatabaseSettings,
    ForecastSettings,
    MqttSettings,
    PolicySettings,
)
from controller.settings.site_tables import CircuitTable, LimiterTable, SiteTable, TimingTable, VehicleTable

DIALECT = "https://json-schema.org/draft/2020-12/schema"

SINGLE: Mapping[str, type[BaseModel]] = {
    "site": SiteTable,
    "timing": TimingTable,
    "forecast": ForecastSettings,
    "mqtt": MqttSettings,
    "database": DatabaseSettings,
    "dashboard": DashboardSettings,
    "policies": PolicySettings,
}
REPEATED: Mapping[str, type[BaseModel]] = {"circuits": CircuitTable, "vehicles": VehicleTable}

Parts = tuple[type[BaseModel], ...]


def schema() -> dict[str, Any]:
    """Describe everything that a configuration may hold; imports every kind of device."""
    definitions = _Definitions()
    properties = {name: definitions.of((model,)) for name, model in SINGLE.items()}
    properties |= {name: _many(definitions.of((model,))) for name, model in REPEATED.items()}
    circuit = properties["circuits"]["items"]["properties"]
    limiters = definitions.of_kinds(catalog.LIMITERS, common=(LimiterTable,))
    circuit["limiter"] = {"description": circuit["limiter"]["description"], **limiters}
    plain = definitions.of((VehicleTable,))
    plain["properties"].pop("kind")
    kinds = definitions.of_kinds(catalog.VEHICLES, common=(VehicleTable,))
    properties["vehicles"] = _many({"oneOf": [plain, *kinds["oneOf"]]})
    properties["meters"] = _many(definitions.of_kinds(catalog.METERS, common=(MeterTable,)))
    properties["chargers"] = _many(definitions.of_kinds(catalog.CHARGERS, (AbilityTable,), (ChargerTable,)))
    properties["tariff"] = definitions.of_kinds(catalog.TARIFFS)
    return {
        "$schema": DIALECT,
        "title": "Phasewise configuration",
        "type": "object",
        "properties": properties,
        "required": ["circuits"],
        "additionalProperties": False,
        "$defs": definitions.found,
    }


def _many(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": one}


class _Definitions:
    """Collects the definitions that the parts refer to."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def of(self, parts: Parts) -> dict[str, Any]:
        """Describe a table whose keys come from several models; a later one wins."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        for model in parts:
            own = model.model_json_schema()
            self.found |= own.pop("$defs", {})
            properties |= _in_file(own.get("properties", {}), secret_keys(model))
            required += own.get("required", [])
        return {
            "type": "object",
            "properties": properties,
            "required": list(dict.fromkeys(required)),
            "additionalProperties": False,
        }

    def of_kinds(self, kinds: Kinds, fallback: Parts = (), common: Parts = ()) -> dict[str, Any]:
        """Describe a table whose `kind` says which other keys it has.

        A kind's own model wins over `fallback`, and `common` over both but for what kinds judge themselves.
        """
        return {
            "oneOf": [
                self._of_kind(kind, (*fallback, catalog.load(one.settings), *common))
                for kind, one in kinds.items()
            ]
        }

    def _of_kind(self, kind: str, parts: Parts) -> dict[str, Any]:
        described = self.of(parts)
        for key, own in _judged_by(parts).items():
            described["properties"][key] = own
        default = described["properties"].get("kind", {}).get("default")
        described["properties"]["kind"] = {"const": kind}
        if default != kind and "kind" not in described["required"]:
            described["required"].append("kind")
        return described


def _judged_by(parts: Parts) -> dict[str, Any]:
    """Describe the common keys that a kind names first, so that a later, common model must not win."""
    found: dict[str, Any] = {}
    for model in parts:
        own = model.model_json_schema().get("properties", {})
        found = {key: own[key] for key in JUDGED_BY_KIND & own.keys()} | found
    return found


def _in_file(properties: dict[str, Any], secrets: tuple[str, ...]) -> dict[str, Any]:
    """Show a secret under the keys that name where it is."""
    shown: dict[str, Any] = {}
    for name, described in properties.items():
        if name not in secrets or described.get("open"):
            shown[name] = described
        if name in secrets:
            shown[f"{name}_env"] = {
                "type": "string",
                "description": f"Environment variable that holds {name}.",
            }
            shown[f"{name}_file"] = {"type": "string", "description": f"File that holds {name}."}
    return shown
