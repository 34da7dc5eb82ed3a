"""Settings: everything that the file says, checked, in the units and types of the core."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from controller.domain.commissioning import Proof
from controller.domain.site import Site
from controller.domain.snapshot import MeterPlace, Timing
from controller.domain.units import ChargerId
from controller.settings.service_tables import (
    DashboardSettings,
    DatabaseSettings,
    ForecastSettings,
    MqttSettings,
    PolicySettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device or service of a kind that the catalog knows."""

    id: str
    kind: str
    settings: BaseModel
    """An instance of the model that the kind names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A car that is known by name."""

    id: str
    charger: ChargerId
    capacity_wh: float
    device: Device | None = None
    """How it tells its state of charge itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One valid configuration."""

    path: Path
    site: Site
    places: tuple[MeterPlace, ...]
    timing: Timing
    meters: tuple[Device, ...]
    chargers: tuple[Device, ...]
    limiters: tuple[Device, ...]
    """By the ids of their circuits."""
    vehicles: tuple[Vehicle, ...]
    tariff: Device | None
    forecast: ForecastSettings
    mqtt: MqttSettings | None
    database: DatabaseSettings
    dashboard: DashboardSettings
    policies: PolicySettings
    proof: Proof
    """What the site is without us."""
    warnings: tuple[str, ...] = ()
    """One line each, for `check`, log and status."""
