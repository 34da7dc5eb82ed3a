"""Tables: the whole file as models, each table judged by itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from controller.settings.complaints import Complaints, Raw
from controller.settings.kinds import (
    ChargerTables,
    MeterTables,
    TariffTables,
    charger,
    circuit,
    meter,
    tariff,
    vehicle,
)
from controller.settings.reading import table
from controller.settings.secrets import Place
from controller.settings.service_tables import (
    DashboardSettings,
    DatabaseSettings,
    ForecastSettings,
    MqttSettings,
    PolicySettings,
)
from controller.settings.site_tables import CircuitTable, SiteTable, TimingTable, VehicleTable
from controller.settings.table import Table
from controller.settings.wording import suggestion

Found = TypeVar("Found")
OneTable = TypeVar("OneTable", bound=Table)

SINGLE = ("site", "timing", "tariff", "forecast", "mqtt", "database", "dashboard", "policies")
REPEATED = ("circuits", "meters", "chargers", "vehicles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Every table of the file, valid by itself; nothing is known yet of how they fit together."""

    site: SiteTable
    timing: TimingTable
    circuits: tuple[CircuitTable, ...]
    limiters: Mapping[str, BaseModel]
    """By circuit: the keys of its limiter's kind."""
    meters: tuple[MeterTables, ...]
    chargers: tuple[ChargerTables, ...]
    vehicles: tuple[VehicleTable, ...]
    cars: Mapping[str, BaseModel]
    """By vehicle: the keys of its kind, if it has one."""
    tariff: TariffTables | None
    forecast: ForecastSettings
    mqtt: MqttSettings | None
    database: DatabaseSettings
    dashboard: DashboardSettings
    policies: PolicySettings


def read_tables(raw: Raw, place: Place, complaints: Complaints) -> Tables:
    """Read every table of the file.

    Raises:
        SettingsError: a name is unknown, or one table or more is not valid by itself.
    """
    _check_names(raw, complaints)
    complaints.raise_any()
    read = _Reader(raw, place, complaints)
    circuits = read.each("circuits", lambda where, one: circuit(where, one, place, complaints))
    vehicles = read.each("vehicles", lambda where, one: vehicle(where, one, place, complaints))
    found = Tables(
        site=read.one("site", SiteTable),
        timing=read.one("timing", TimingTable),
        circuits=tuple(one.common for one in circuits),
        limiters=_by_id((one.common, one.limiter) for one in circuits),
        meters=read.each("meters", lambda where, one: meter(where, one, place, complaints)),
        chargers=read.each("chargers", lambda where, one: charger(where, one, place, complaints)),
        vehicles=tuple(one.common for one in vehicles),
        cars=_by_id((one.common, one.own) for one in vehicles),
        tariff=tariff(raw["tariff"], place, complaints) if "tariff" in raw else None,
        forecast=read.one("forecast", ForecastSettings),
        mqtt=read.one("mqtt", MqttSettings) if "mqtt" in raw else None,
        database=read.one("database", DatabaseSettings),
        dashboard=read.one("dashboard", DashboardSettings),
        policies=read.one("policies", PolicySettings),
    )
    complaints.raise_any()
    return found


def read_door(raw: Raw, place: Place, complaints: Complaints) -> tuple[str, DashboardSettings]:
    """Read the site's name and where its daemon listens, whatever the other tables say.

    Raises:
        SettingsError: one of the two is wrong itself.
    """
    read = _Reader(raw, place, complaints)
    site, dashboard = read.one("site", SiteTable), read.one("dashboard", DashboardSettings)
    complaints.raise_any()
    return site.id, dashboard


def _by_id(tables: Iterable[tuple[Table, BaseModel | None]]) -> dict[str, BaseModel]:
    """Collect what kinds add to tables; a stand-in for a table that was complained of has no id."""
    return {getattr(common, "id", ""): own for common, own in tables if own is not None}


def _check_names(raw: Raw, complaints: Complaints) -> None:
    for name, value in raw.items():
        if name not in SINGLE + REPEATED:
            complaints.add(name, value, suggestion(name, SINGLE + REPEATED))
        elif name in SINGLE and not isinstance(value, dict):
            complaints.add(name, value, f"a table, [{name}]")
        elif name in REPEATED and not _is_list_of_tables(value):
            complaints.add(name, value, f"tables, each headed [[{name}]]")
    if not raw.get("circuits"):
        complaints.add("circuits", None, "at least one table [[circuits]]")


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


class _Reader:
    """Names the tables of one file as complaints should."""

    def __init__(self, raw: Raw, place: Place, complaints: Complaints) -> None:
        self._raw, self._place, self._complaints = raw, place, complaints

    def one(self, name: str, model: type[OneTable]) -> OneTable:
        return table(name, self._raw.get(name, {}), model, self._place, self._complaints)

    def each(self, name: str, judge: Callable[[str, Raw], Found]) -> tuple[Found, ...]:
        tables = self._raw.get(name, [])
        return tuple(judge(_where(name, number, one), one) for number, one in enumerate(tables, start=1))


def _where(name: str, number: int, raw: Raw) -> str:
    """Name a repeated table by its id, or by its place in the file while it has none."""
    id_ = raw.get("id")
    return f"{name}[{id_ if isinstance(id_, str) and id_ else number}]"
