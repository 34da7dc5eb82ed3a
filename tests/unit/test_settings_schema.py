import json

import pytest

from controller.settings import schema
from tests.fakes import kinds


@pytest.fixture(autouse=True)
def _fake_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.install(monkeypatch)


def variants(name: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {
        one["properties"]["kind"]["const"]: one for one in schema()["properties"][name]["items"]["oneOf"]
    }
    return found


def keys(table: dict[str, object]) -> set[str]:
    properties = table["properties"]
    assert isinstance(properties, dict)
    return set(properties)


def test_the_schema_is_json_and_names_every_table() -> None:
    found = json.loads(json.dumps(schema()))

    assert set(found["properties"]) == {
        "site", "timing", "forecast", "mqtt", "database", "dashboard", "policies",
        "circuits", "vehicles", "meters", "chargers", "tariff",
    }  # fmt: skip
    assert found["required"] == ["circuits"]


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(schema())

    references = [part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]]

    assert references
    assert set(references) <= set(schema()["$defs"])


def test_a_charger_has_the_keys_of_its_kind_the_common_ones_and_its_abilities() -> None:
    fake = variants("chargers")["fake"]

    assert {"host", "max_a", "latency_s", "reset_a"} <= keys(fake)
    assert fake["required"] == ["host", "id", "kind"]


def test_a_secret_stands_under_the_names_of_its_places() -> None:
    fake = keys(variants("chargers")["fake"])

    assert {"password_env", "password_file"} <= fake
    assert "password" not in fake


def test_the_default_kind_need_not_be_named() -> None:
    meters = variants("meters")

    assert meters["modbus"]["required"] == ["host", "id"]
    assert meters["mqtt"]["required"] == ["topic", "id", "kind"]


def test_every_key_of_the_common_tables_says_what_it_is() -> None:
    found = schema()
    tables = [found["properties"][name] for name in ("site", "timing", "mqtt", "database", "dashboard")]
    tables += [
        found["properties"]["circuits"]["items"],
        *found["properties"]["vehicles"]["items"]["oneOf"][:1],
    ]

    silent = [
        key for table in tables for key, one in table["properties"].items() if not one.get("description")
    ]

    assert silent == []
