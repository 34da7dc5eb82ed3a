"""Equipment: what a configuration has built, before anything of it runs.

Everything that can still be wrong with a configuration shows here, so that a reload is refused while the
running configuration goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from adapters.catalog import CHARGERS, LIMITERS, METERS, TARIFFS, VEHICLES, Surroundings, load
from adapters.wire.mqtt import Broker, Connection
from controller.domain.modes import Policies
from controller.domain.units import ChargerId, CircuitId, MeterId, VehicleId
from controller.errors import SettingsError
from controller.ports import Charger, CircuitLimiter, Clock, Meter, Tariff, Vehicle
from controller.settings import Device, Settings

_Built = TypeVar("_Built")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """The devices and services of one configuration; nothing is connected yet."""

    settings: Settings
    policies: Policies
    mqtt: Connection | None
    """Shared by all that speak MQTT; outlives reloads that do not touch it."""
    meters: tuple[Meter, ...]
    chargers: tuple[Charger, ...]
    limiters: tuple[CircuitLimiter, ...]
    vehicles: tuple[Vehicle, ...]
    """Those that tell their state of charge themselves."""
    tariff: Tariff | None


def equip(
    settings: Settings,
    policies: Policies,
    clock: Clock,
    before: Equipment | None = None,
    *,
    visiting: bool = False,
) -> Equipment:
    """Build everything that a configuration names, around the MQTT connection of the one before.

    Whoever is only `visiting` takes nothing from a daemon that runs beside it.

    Raises:
        SettingsError: an adapter cannot work with its settings; names the configuration's file.
    """
    mqtt = before.mqtt if before is not None and _same_broker(before.settings, settings) else None
    mqtt = mqtt or connection(settings, clock, visiting=visiting)
    surroundings = with_tariff(settings, Surroundings(clock=clock, site=settings.site, mqtt=mqtt))
    return Equipment(
        settings=settings,
        policies=policies,
        mqtt=mqtt,
        meters=build_meters(settings, surroundings),
        chargers=build_chargers(settings, surroundings),
        limiters=_build_limiters(settings, surroundings),
        vehicles=build_vehicles(settings, surroundings),
        tariff=surroundings.tariff,
    )


def with_tariff(settings: Settings, surroundings: Surroundings) -> Surroundings:
    """Add the source of prices, if one is configured.

    Raises:
        SettingsError: as for `equip`.
    """
    return replace(surroundings, tariff=_build_tariff(settings, surroundings))


def build_meters(settings: Settings, surroundings: Surroundings) -> tuple[Meter, ...]:
    """Build every configured meter.

    Raises:
        SettingsError: as for `equip`.
    """

    def build(device: Device) -> Meter:
        meter: Meter = load(METERS[device.kind].build)(MeterId(device.id), device.settings, surroundings)
        return meter

    return tuple(_built(settings, f"meters[{one.id}]", one, build) for one in settings.meters)


def build_chargers(settings: Settings, surroundings: Surroundings) -> tuple[Charger, ...]:
    """Build every configured charger.

    Raises:
        SettingsError: as for `equip`.
    """

    def build(device: Device) -> Charger:
        charger: Charger = load(CHARGERS[device.kind].build)(
            ChargerId(device.id), device.settings, surroundings
        )
        return charger

    return tuple(_built(settings, f"chargers[{one.id}]", one, build) for one in settings.chargers)


def _build_limiters(settings: Settings, surroundings: Surroundings) -> tuple[CircuitLimiter, ...]:
    def build(device: Device) -> CircuitLimiter:
        limiter: CircuitLimiter = load(LIMITERS[device.kind].build)(
            CircuitId(device.id), device.settings, surroundings
        )
        return limiter

    return tuple(_built(settings, f"circuits[{one.id}].limiter", one, build) for one in settings.limiters)


def build_vehicles(settings: Settings, surroundings: Surroundings) -> tuple[Vehicle, ...]:
    """Build every car that tells its state of charge itself.

    Raises:
        SettingsError: as for `equip`.
    """
    cars = [(car.charger, car.device) for car in settings.vehicles if car.device is not None]

    def build(charger: ChargerId) -> Callable[[Device], Vehicle]:
        def built(device: Device) -> Vehicle:
            vehicle: Vehicle = load(VEHICLES[device.kind].build)(
                VehicleId(device.id), device.settings, surroundings, charger
            )
            return vehicle

        return built

    return tuple(
        _built(settings, f"vehicles[{device.id}]", device, build(charger)) for charger, device in cars
    )


def connection(settings: Settings, clock: Clock, *, visiting: bool = False) -> Connection | None:
    """Prepare the shared MQTT connection, if one is configured.

    A visitor goes by no name, for a broker throws out whoever had it before, and says nothing of the daemon.
    """
    mqtt = settings.mqtt
    if mqtt is None:
        return None
    broker = Broker(
        host=mqtt.host,
        port=mqtt.port,
        client_id="" if visiting else mqtt.client_id or f"phasewise-{settings.site.id}",
        username=mqtt.username,
        password=None if mqtt.password is None else mqtt.password.get_secret_value(),
        tls=mqtt.tls,
        ca_file=mqtt.ca_file,
    )
    return Connection(
        broker, clock, availability=None if visiting else f"{topic_prefix(settings)}/availability"
    )


def topic_prefix(settings: Settings) -> str:
    """Tell what every topic of the site begins with."""
    prefix = "phasewise" if settings.mqtt is None else settings.mqtt.prefix
    return f"{prefix}/{settings.site.id}"


def _build_tariff(settings: Settings, surroundings: Surroundings) -> Tariff | None:
    def build(device: Device) -> Tariff:
        tariff: Tariff = load(TARIFFS[device.kind].build)(device.id, device.settings, surroundings)
        return tariff

    return None if settings.tariff is None else _built(settings, "tariff", settings.tariff, build)


def _built(settings: Settings, where: str, device: Device, build: Callable[[Device], _Built]) -> _Built:
    try:
        return build(device)
    except SettingsError as error:
        raise _in_configuration(settings, where, error) from error


def _in_configuration(settings: Settings, where: str, error: SettingsError) -> SettingsError:
    """Name the configuration's file and table; a fault inside another file names that one too."""
    if not Path(error.file).suffix:
        return SettingsError(str(settings.path), f"{where}.{error.key}", error.value, error.expected)
    return SettingsError(str(settings.path), where, None, str(error))


def _same_broker(left: Settings, right: Settings) -> bool:
    return left.mqtt == right.mqtt and left.site.id == right.site.id
