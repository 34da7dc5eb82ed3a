"""The page that documents every key says what the models say."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from adapters import catalog
from controller.settings.device_tables import AbilityTable, ChargerTable, MeterTable
from controller.settings.kinds import keys
from controller.settings.secrets import secret_keys
from controller.settings.service_tables import (
    DashboardSettings,
    DatabaseSettings,
    ForecastSettings,
    MqttSettings,
    PolicySettings,
)
from controller.settings.site_tables import CircuitTable, LimiterTable, SiteTable, TimingTable, VehicleTable
from controller.settings.wording import expectation

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()

TABLES: dict[str, type[BaseModel]] = {
    "`[site]`": SiteTable,
    "`[[circuits]]`": CircuitTable,
    "`[circuits.limiter]`": LimiterTable,
    "`[[meters]]`": MeterTable,
    "`[[chargers]]`": ChargerTable,
    "Abilities of a charger": AbilityTable,
    "`[[vehicles]]`": VehicleTable,
    "`[forecast]`": ForecastSettings,
    "`[mqtt]`": MqttSettings,
    "`[database]`": DatabaseSettings,
    "`[dashboard]`": DashboardSettings,
    "`[policies]`": PolicySettings,
    "`[timing]`": TimingTable,
}

KINDS = {
    f"{what} of kind `{name}`": kind
    for what, kinds in (
        ("Meters", catalog.METERS),
        ("Chargers", catalog.CHARGERS),
        ("Tariffs", catalog.TARIFFS),
        ("Vehicles", catalog.VEHICLES),
    )
    for name, kind in kinds.items()
}


def section(title: str) -> str:
    found = re.search(rf"^##+ {re.escape(title)}$(.*?)(^## |^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/configuration.md has no section {title!r}"
    return found[1]


def rows(model: type[BaseModel]) -> list[str]:
    """Render what a table takes as rows of the page."""
    schema = model.model_json_schema()
    secrets = secret_keys(model)
    return [
        f"| {_shown_key(key, secrets)} | {expectation(key, one, schema)} | {_shown_default(key, model)} |"
        f" {one.get('description', '')} |"
        for key, one in schema["properties"].items()
    ]


def _shown_key(key: str, secrets: tuple[str, ...]) -> str:
    named = f"`{key}_env`, `{key}_file`"
    if key not in secrets:
        return f"`{key}`"
    return f"`{key}`, {named}" if key == "url" else named


def _shown_default(key: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    if key in schema.get("required", []):
        return "required"
    default = schema["properties"][key].get("default")
    if default in (None, [], {}, ""):
        return ""
    if key == "url":
        return f"`{DatabaseSettings().url.get_secret_value()}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:.10g}`" if isinstance(default, float) else f"`{default}`"


@pytest.mark.parametrize(("title", "model"), TABLES.items(), ids=TABLES.keys())
def test_the_page_says_what_the_tables_take(title: str, model: type[BaseModel]) -> None:
    text = section(title)

    missing = [row for row in rows(model) if row not in text]

    assert not missing, "\n".join(["add or correct these rows:", *missing])


@pytest.mark.parametrize(("title", "kind"), KINDS.items(), ids=KINDS.keys())
def test_the_page_names_every_key_of_every_kind(title: str, kind: catalog.Kind) -> None:
    text = section(title)
    model = catalog.load(kind.settings)

    missing = [key for key in keys(model) if f"`{key}`" not in text and key not in secret_keys(model)]

    assert not missing, "\n".join(
        ["add these rows:", *(row for row in rows(model) if row.split("`")[1] in missing)]
    )
