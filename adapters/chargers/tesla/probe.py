"""What `check --probe` says about a Tesla; a sleeping car is not woken for it."""

from collections.abc import Iterator, Mapping
from typing import Final

from adapters.chargers.tesla.answers import Presence, VehicleData
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.dialects import Dialect
from adapters.chargers.tesla.replies import AsleepError
from adapters.chargers.tesla.settings import TeslaSettings
from controller.domain.site import ChargerSpec
from controller.ports import Probe

_PATHS: Final[Mapping[Dialect, str]] = {
    Dialect.FLEET: "Fleet API, unsigned",
    Dialect.OWNER: "Owner API",
    Dialect.PROXY: "command proxy, signed",
    Dialect.BLE: "Bluetooth proxy",
}
_UNSIGNED: Final = frozenset({Dialect.FLEET, Dialect.OWNER})
_ASKED: Final = ("charge_state", "vehicle_state", "drive_state")
_QUIRK_BELOW_A: Final = 5.0


async def probe_of(client: TeslaClient, settings: TeslaSettings, spec: ChargerSpec) -> Probe:
    """Ask whether it is awake and, if so, what it knows, and put that into words."""
    presence, vehicle = await client.presence(), None
    if presence is Presence.ONLINE:
        try:
            vehicle = await client.vehicle_data(_ASKED)
        except AsleepError:
            presence = Presence.ASLEEP
    charge = None if vehicle is None else vehicle.charge
    version = "" if vehicle is None else vehicle.version or ""
    return Probe(
        found=f"Tesla {settings.vehicle[-6:]}, {presence.value}",
        version=version or "not told",
        control_path=f"set_charging_amps over {_PATHS[settings.dialect]} at {client.exchange.url}",
        without_us=(
            f"keeps its cap, {spec.max_a:g} A at most, or stays stopped; a new session starts by itself, and "
            "may lift a cap below 5 A to 5 A"
        ),
        warnings=tuple(_warnings(settings, spec, vehicle)),
        values={
            "limit_a": None if charge is None else charge.request_a,
            "draw_a": None if charge is None else charge.actual_a,
            "offered_a": None if charge is None else charge.pilot_a,
            "soc_pct": None if charge is None else charge.soc_pct,
            "state": None if charge is None else charge.charging_state,
            "budget": client.exchange.budget.told(),
            "looks_usd_per_month": _looks_usd(settings),
        },
    )


def _looks_usd(settings: TeslaSettings) -> float:
    """Tell what looking costs in a month with six hours of charging a day."""
    if settings.manner.unpriced:
        return 0.0
    looks = 6 * 3600.0 / settings.interval_s + 18 * 3600.0 / settings.idle_poll_s
    return round(30 * looks / 500.0, 2)


def _warnings(settings: TeslaSettings, spec: ChargerSpec, vehicle: VehicleData | None) -> Iterator[str]:
    if settings.dialect in _UNSIGNED:
        yield "commands are not signed: only Model S and X from before 2021 obey; others need a proxy"
    if settings.latitude_deg is None and settings.dialect is not Dialect.BLE:
        yield "latitude_deg and longitude_deg are not set: plugged in anywhere, it is limited as if here"
    if _looks_usd(settings) > settings.budget_usd_per_month:
        yield (
            f"looking alone may cost {_looks_usd(settings):.2f} USD a month, above budget_usd_per_month of "
            f"{settings.budget_usd_per_month:.2f}: looks will become as rare as when idle"
        )
    if spec.min_a < _QUIRK_BELOW_A:
        yield "min_a is below 5 A: some cars do not obey that, and each session begins at 5 A again"
    if vehicle is not None:
        yield from _car_warnings(vehicle, spec)


def _car_warnings(vehicle: VehicleData, spec: ChargerSpec) -> Iterator[str]:
    charge = vehicle.charge
    if charge.managed:
        yield "a utility controls its charging"
    if charge.scheduled:
        yield "it waits for a schedule of its own, which is not overridden"
    if charge.request_a is not None and charge.request_a > spec.nameplate_a:
        yield (
            f"its cap stands at {charge.request_a:g} A, above the configured nameplate of "
            f"{spec.nameplate_a:g} A: it may draw more than is reckoned with"
        )
