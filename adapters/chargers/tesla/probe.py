"""What `check --probe` says about a Tesla; a sleeping car is not woken for it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from adapters.chargers.tesla.answers import ChargeState, FleetStatus, Presence, VehicleData
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.dialects import Dialect
from adapters.chargers.tesla.looking import known_now
from adapters.chargers.tesla.settings import TeslaAccess, TeslaSettings
from adapters.chargers.tesla.state import Home, is_here
from controller.domain.site import ChargerSpec
from controller.errors import DeviceError
from controller.ports import Probe

_PATHS: Final[Mapping[Dialect, str]] = {
    Dialect.FLEET: "Fleet API, unsigned",
    Dialect.OWNER: "Owner API",
    Dialect.PROXY: "command proxy, signed",
    Dialect.BLE: "Bluetooth proxy",
}
_UNSIGNED: Final = frozenset({Dialect.FLEET, Dialect.OWNER})
_CLOUDS: Final = frozenset({Dialect.FLEET, Dialect.PROXY})
_QUIRK_BELOW_A: Final = 5.0
_READS: Final = (frozenset({"vehicle_device_data"}),)
_COMMANDS: Final = frozenset({"vehicle_charging_cmds", "vehicle_cmds"})
_LOCATION: Final = frozenset({"vehicle_location"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What asking around brought."""

    presence: Presence
    vehicle: VehicleData | None
    fleet: FleetStatus
    scopes: frozenset[str] | None
    """Of the account's token; `None`: it does not say."""

    @property
    def charge(self) -> ChargeState:
        return ChargeState() if self.vehicle is None else self.vehicle.charge

    @property
    def version(self) -> str:
        told = None if self.vehicle is None else self.vehicle.version
        return told or self.fleet.version or "not told"


async def probe_of(client: TeslaClient, settings: TeslaSettings, spec: ChargerSpec, home: Home) -> Probe:
    """Ask a car that limits itself, and put into words what it is and does."""
    found = await _found(client, settings, home)
    charge = found.charge
    return Probe(
        found=f"Tesla {settings.vehicle[-6:]}, {found.presence.value}{_place(found, home)}",
        version=found.version,
        control_path=f"set_charging_amps over {_way(client, settings)}",
        without_us=(
            f"keeps its cap, {spec.max_a:g} A at most, or stays stopped; a new session starts by itself, and "
            "may lift a cap below 5 A to 5 A"
        ),
        warnings=(
            *_key_warnings(settings, found.fleet),
            *_scope_warnings(settings, found.scopes, (*_READS, _COMMANDS)),
            *_access_warnings(settings),
            *_car_warnings(charge, spec),
        ),
        values={
            "limit_a": charge.request_a,
            "draw_a": charge.actual_a,
            "offered_a": charge.pilot_a,
            "soc_pct": charge.soc_pct,
            "state": charge.charging_state,
            "budget": client.exchange.budget.told(),
            "looks_usd_per_month": _looks_usd(settings),
        },
    )


async def vehicle_probe_of(client: TeslaClient, access: TeslaAccess, home: Home) -> Probe:
    """Ask a car that only tells its state of charge."""
    found = await _found(client, access, home)
    charge = found.charge
    return Probe(
        found=f"Tesla {access.vehicle[-6:]}, {found.presence.value}{_place(found, home)}",
        version=found.version,
        control_path=f"none: it only tells its state of charge, over {_way(client, access)}",
        without_us="is not controlled",
        warnings=(*_scope_warnings(access, found.scopes, _READS), *_access_warnings(access)),
        values={
            "soc_pct": charge.soc_pct,
            "charge_limit_pct": charge.limit_pct,
            "state": charge.charging_state,
            "budget": client.exchange.budget.told(),
            "looks_usd_per_month": _looks_usd(access),
        },
    )


async def _found(client: TeslaClient, access: TeslaAccess, home: Home) -> _Found:
    presence, vehicle = await known_now(client, home)
    fleet = FleetStatus()
    if access.dialect in _CLOUDS and not access.vehicle.isdecimal():
        with suppress(DeviceError):  # Hosted proxies do not all know it.
            fleet = await client.fleet_status()
    scopes = await client.exchange.scopes()
    return _Found(presence=presence, vehicle=vehicle, fleet=fleet, scopes=scopes)


def _place(found: _Found, home: Home) -> str:
    if found.vehicle is None or home.latitude_deg is None:
        return ""
    return ", here" if is_here(found.vehicle, home) else ", elsewhere"


def _way(client: TeslaClient, access: TeslaAccess) -> str:
    return f"{_PATHS[access.dialect]} at {client.exchange.url}"


def _looks_usd(access: TeslaAccess) -> float:
    """Tell what looking costs in a month with six hours of charging a day."""
    if access.manner.unpriced:
        return 0.0
    looks = 6 * 3600.0 / access.interval_s + 18 * 3600.0 / access.idle_poll_s
    return round(30 * looks / 500.0, 2)


def _key_warnings(settings: TeslaSettings, fleet: FleetStatus) -> Iterator[str]:
    """Say what keeps commands from reaching the car."""
    if settings.dialect in _UNSIGNED and fleet.wants_signed is not False:
        sure = (
            "this car obeys no such command"
            if fleet.wants_signed
            else "only Model S and X from before 2021 obey"
        )
        yield f"commands are not signed: {sure}; use a proxy"
    if settings.dialect is Dialect.PROXY and fleet.is_paired is False:
        yield "the proxy's key is not on the car: its owner has to open tesla.com/_ak/<your domain>"


def _scope_warnings(
    access: TeslaAccess, scopes: frozenset[str] | None, needed: tuple[frozenset[str], ...]
) -> Iterator[str]:
    """Say what the car's owner did not allow; of each set one is enough."""
    if scopes is None or access.dialect not in _CLOUDS:
        return
    placed = (_LOCATION,) if access.latitude_deg is not None else ()
    missing = [" or ".join(sorted(any_of)) for any_of in (*needed, *placed) if not any_of & scopes]
    if missing:
        yield f"the account's token does not allow {', '.join(missing)}: its owner has to sign on anew"


def _access_warnings(access: TeslaAccess) -> Iterator[str]:
    if access.latitude_deg is None and access.dialect is not Dialect.BLE:
        yield "latitude_deg and longitude_deg are not set: plugged in anywhere, it is taken as if here"
    if _looks_usd(access) > access.budget_usd_per_month:
        yield (
            f"looking alone may cost {_looks_usd(access):.2f} USD a month, above budget_usd_per_month of "
            f"{access.budget_usd_per_month:.2f}: looks will become as rare as when idle"
        )


def _car_warnings(charge: ChargeState, spec: ChargerSpec) -> Iterator[str]:
    if spec.min_a < _QUIRK_BELOW_A:
        yield "min_a is below 5 A: some cars do not obey that, and each session begins at 5 A again"
    if charge.managed:
        yield "a utility controls its charging"
    if charge.scheduled:
        yield "it waits for a schedule of its own, which is not overridden"
    if charge.request_a is not None and charge.request_a > spec.nameplate_a:
        yield (
            f"its cap stands at {charge.request_a:g} A, above the configured nameplate of "
            f"{spec.nameplate_a:g} A: it may draw more than is reckoned with"
        )
