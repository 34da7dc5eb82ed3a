"""Whatever stands in a file, it is accepted or refused in words; nothing else ever happens."""

from datetime import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import SettingsError
from controller.settings.assembly import assemble
from controller.settings.checks import check
from controller.settings.complaints import Complaints
from controller.settings.device_tables import AbilityTable, ChargerTable, MeterTable
from controller.settings.kinds import keys
from controller.settings.secrets import Place
from controller.settings.service_tables import (
    DashboardSettings,
    DatabaseSettings,
    MqttSettings,
    PolicySettings,
)
from controller.settings.site_tables import CircuitTable, SiteTable, TimingTable, VehicleTable
from controller.settings.table import Table
from controller.settings.tables import read_tables
from tests.fakes import kinds

WORDS = ("main", "shed", "garage", "grid", "fake", "plain", "modbus", "TN", "IT", "gate", "solar", "x y", "")

VALUES = st.recursive(
    st.sampled_from(WORDS)
    | st.booleans()
    | st.integers(-5, 70)
    | st.floats()
    | st.just(10**400)
    | st.just(time(6)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
    max_leaves=4,
)

GOOD: dict[str, dict[str, object]] = {
    "circuits": {"id": "main", "limit_a": 25},
    "meters": {"id": "grid", "host": "h"},
    "chargers": {"id": "garage", "kind": "fake", "host": "h"},
}


def table_of(model: type[Table], good: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
    wrong = st.dictionaries(st.sampled_from([*keys(model), "host", "oops"]), VALUES, max_size=2)
    return wrong.map(lambda changed: {**good, **changed})


def tables_of(model: type[Table], good: dict[str, object]) -> st.SearchStrategy[object]:
    return st.lists(table_of(model, good), max_size=2) | VALUES


CIRCUITS: st.SearchStrategy[object] = st.lists(
    table_of(CircuitTable, GOOD["circuits"]), min_size=1, max_size=3
)

FILES: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {"circuits": CIRCUITS},
    optional={
        "site": table_of(SiteTable, {}),
        "timing": table_of(TimingTable, {}),
        "mqtt": table_of(MqttSettings, {"host": "b"}),
        "database": table_of(DatabaseSettings, {}),
        "dashboard": table_of(DashboardSettings, {}),
        "policies": table_of(PolicySettings, {}),
        "meters": tables_of(MeterTable, GOOD["meters"]),
        "chargers": tables_of(ChargerTable, GOOD["chargers"]) | tables_of(AbilityTable, GOOD["chargers"]),
        "vehicles": tables_of(VehicleTable, {"id": "zoe", "charger": "garage", "capacity_kwh": 52}),
        "tariff": VALUES,
        "forecast": VALUES,
    },
)


@pytest.fixture(autouse=True)
def _fake_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.install(monkeypatch)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_anything_is_accepted_or_refused_in_one_line_each(raw: dict[str, object]) -> None:
    path = Path("config.toml")
    complaints = Complaints(path)
    try:
        tables = read_tables(raw, Place(env={}, folder=Path("/nowhere")), complaints)
        found = assemble(path, tables, check(tables, complaints))
    except SettingsError as error:
        lines = [str(one) for one in (error, *error.others)]
        assert all(line.startswith("config.toml: ") and "expected " in line for line in lines)
        assert not any("\n" in line for line in lines)
    else:
        assert found.site.circuits[0].parent is None
