"""What a Tesla tells of itself, as frozen values; every field may be missing (`None`)."""

from dataclasses import dataclass
from enum import StrEnum

from adapters.chargers.tesla.values import Json, current, flag, members, number, text


class Presence(StrEnum):
    """Whether the car can be spoken to now."""

    ONLINE = "online"
    ASLEEP = "asleep"
    OFFLINE = "offline"
    """Out of reach, and since firmware 2024.20 often just asleep."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeState:
    """`charge_state`: what controls and what is controlled; currents are per phase."""

    charging_state: str | None = None
    actual_a: float | None = None
    """What it draws."""
    request_a: float | None = None
    """The cap that `set_charging_amps` sets."""
    request_max_a: float | None = None
    pilot_a: float | None = None
    """What the socket offers."""
    voltage_v: float | None = None
    power_kw: float | None = None
    phases: float | None = None
    """2 means three, a quirk of long standing."""
    soc_pct: float | None = None
    limit_pct: float | None = None
    """Where it stops by itself."""
    standard_pct: float | None = None
    added_kwh: float | None = None
    """In this session, or the last one."""
    enabled: bool | None = None
    """Whether somebody, or its schedule, wants it to charge."""
    scheduled: bool | None = None
    """It waits for a schedule of its own."""
    fast_charger: bool | None = None
    managed: bool | None = None
    """A utility controls it."""
    stamp: float | None = None
    """When it was true by the car's clock: ms, over Bluetooth s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleData:
    """`vehicle_data`, as far as it was asked for."""

    charge: ChargeState
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    version: str | None = None
    """The car's firmware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStatus:
    """What the cloud knows of a car and this application without asking the car."""

    is_paired: bool | None = None
    """Whether the application's key is on the car."""
    wants_signed: bool | None = None
    """Whether the car obeys signed commands alone."""
    version: str | None = None
    """The car's firmware."""


def fleet_status(raw: Json, vin: str) -> FleetStatus:
    """Read the answer for one car; a VIN in neither list is not known to be paired."""
    told = members(raw)
    one = members(members(told.get("vehicle_info")).get(vin))
    lists = {name: told.get(name) for name in ("key_paired_vins", "unpaired_vins")}
    found = {name for name, vins in lists.items() if isinstance(vins, list) and vin in vins}
    return FleetStatus(
        is_paired="key_paired_vins" in found if len(found) == 1 else None,
        wants_signed=flag(one.get("vehicle_command_protocol_required")),
        version=text(one.get("firmware_version")),
    )


def vehicle_data(raw: Json) -> VehicleData:
    """Read an answer of any dialect, already unwrapped."""
    parts = members(raw)
    drive = {**members(parts.get("drive_state")), **members(parts.get("location_data"))}
    return VehicleData(
        charge=charge_state(parts.get("charge_state")),
        latitude_deg=number(drive.get("latitude")),
        longitude_deg=number(drive.get("longitude")),
        version=text(members(parts.get("vehicle_state")).get("car_version")),
    )


def charge_state(raw: Json) -> ChargeState:
    """Read the part that charging is about."""
    told = members(raw)
    wanted = flag(told.get("user_charge_enable_request"))
    request_a = current(told.get("charge_current_request"))
    return ChargeState(
        charging_state=text(told.get("charging_state")),
        actual_a=current(told.get("charger_actual_current")),
        request_a=current(told.get("charge_amps")) if request_a is None else request_a,
        request_max_a=current(told.get("charge_current_request_max")),
        pilot_a=current(told.get("charger_pilot_current")),
        voltage_v=number(told.get("charger_voltage")),
        power_kw=number(told.get("charger_power")),
        phases=number(told.get("charger_phases")),
        soc_pct=_percent(told.get("battery_level")),
        limit_pct=_percent(told.get("charge_limit_soc")),
        standard_pct=_percent(told.get("charge_limit_soc_std")),
        added_kwh=number(told.get("charge_energy_added")),
        enabled=flag(told.get("charge_enable_request")) if wanted is None else wanted,
        scheduled=flag(told.get("scheduled_charging_pending")),
        fast_charger=flag(told.get("fast_charger_present")),
        managed=flag(told.get("managed_charging_active")),
        stamp=number(told.get("timestamp")),
    )


def _percent(raw: Json) -> float | None:
    value = number(raw)
    return value if value is not None and 0.0 <= value <= 100.0 else None  # noqa: PLR2004 - percent


def presence(raw: Json) -> Presence:
    """Read the cloud's word (`state`) or the Bluetooth proxy's (`vehicleSleepStatus`)."""
    told = members(raw)
    word = (text(told.get("state")) or text(told.get("vehicleSleepStatus")) or "").lower()
    word = word.removeprefix("vehicle_sleep_status_")
    if word in ("online", "awake"):
        return Presence.ONLINE
    if word in ("asleep", "offline"):
        return Presence(word)
    return Presence.UNKNOWN
