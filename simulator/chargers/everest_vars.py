"""What a simulated EVerest publishes, in the shapes of its version."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from simulator.chargers.everest_station import VOLTAGE_V, Station

Json = Any

_AT_REST: Final = ("Unplugged", "Disabled")
"""States in which the EVerest API repeats nothing about the session."""


def beat(profile: Profile, station: Station, faults: Faults) -> Iterator[tuple[str, Json]]:
    """Tell what is published every second; what is enforced comes last."""
    station.count()
    for name, value in _beat(profile, station, faults):
        yield name, _wrong(value) if faults.wrong_types else value


def _beat(profile: Profile, station: Station, faults: Faults) -> Iterator[tuple[str, Json]]:
    if profile.interface != "api_v1" or station.state not in _AT_REST:
        yield "session_info", session_info(profile, station)
    yield "powermeter", powermeter(station, hides_currents=faults.hides_currents)
    if profile.interface != "api_v1":
        yield "telemetry", telemetry(profile, station)
        yield "limits", limits(profile, station)
    if profile.interface == "api":
        yield "hardware_capabilities", hardware(profile, station)
    else:
        yield "enforced_limits", enforced(profile, station, hides_amperes=faults.hides_amperes)


def once(profile: Profile, station: Station) -> Iterator[tuple[str, Json]]:
    """Tell what is published once, after a start."""
    if profile.interface == "api":
        return
    yield "evse_id", "DE*PNX*E123456*1"
    yield "hw_capabilities", hardware(profile, station)
    if profile.interface == "internal":
        yield "car_manufacturer", "Unknown"


def session_info(profile: Profile, station: Station) -> Json:
    """Tell the state; 2023 says `Charging` from the start of the transaction."""
    told = {
        "state": station.state,
        "charged_energy_wh": int(station.session_wh),
        "discharged_energy_wh": 0,
        "latest_total_w": int(station.power_w),
    }
    if profile.interface == "api_v1":
        if told["state"] == "PermanentFault":
            told["state"] = "Disabled"
        if told["state"] == "WaitingForEnergy" and profile.version >= (2026, 2, 0):
            told["state"] = "ChargingPausedEVSE"
        return told | {"session_duration_s": 0, "timestamp": station.stamp()}
    told |= {"charging_duration_s": 0, "datetime": station.stamp()}
    if profile.version < (2024, 7, 0):
        if told["state"] == "Preparing":
            told["state"] = "Charging"
        return told | {"state_info": ""}
    if told["state"] == "PermanentFault":
        told["state"] = "Unknown"
    if told["state"] == "WaitingForEnergy" and profile.version >= (2026, 2, 0):
        told["state"] = "ChargingPausedEVSE"
    source = {"source": "Unspecified", "state": "Enable", "priority": 10_000}
    return told | {"permanent_fault": station.faulted, "active_enable_disable_source": source}


def powermeter(station: Station, *, hides_currents: bool = False) -> Json:
    """Tell the meter; some tell energy alone."""
    told: dict[str, Json] = {
        "timestamp": station.stamp(),
        "meter_id": "simulated",
        "energy_Wh_import": {"total": round(station.total_wh, 3)},
    }
    if hides_currents:
        return told
    lines = dict(zip(("L1", "L2", "L3"), station.currents_a, strict=True))
    voltages = dict.fromkeys(lines, VOLTAGE_V)
    return told | {"power_W": {"total": station.power_w}, "current_A": lines, "voltage_V": voltages}


def telemetry(profile: Profile, station: Station) -> Json:
    """Tell temperatures and supply, under the names of the version."""
    told: dict[str, Json] = {
        "fan_rpm": 1500.0,
        "supply_voltage_12V": 12.0,
        "supply_voltage_minus_12V": -12.0,
        "relais_on": max(station.currents_a) > 0.0,
    }
    if profile.version < (2023, 12, 0):
        return told | {"temperature": 25.0, "rcd_current": 0.1}
    return told | {"evse_temperature_C": 25.0}


def limits(profile: Profile, station: Station) -> Json:
    """Tell the limit that the EVSE offers."""
    return {
        "uuid": profile.evse,
        "max_current": abs(station.enforced_a),
        "nr_of_phases_available": station.phases,
    }


def enforced(profile: Profile, station: Station, *, hides_amperes: bool = False) -> Json:
    """Tell what the EnergyManager hands out, in amperes or in watts."""
    name, value = "ac_max_current_A", station.enforced_a
    if hides_amperes:
        name, value = "total_power_W", value * VOLTAGE_V * station.phases
    limit = {name: {"value": value, "source": profile.node} if profile.sourced else value}
    told: dict[str, Json] = {
        "uuid": profile.evse,
        "limits_root_side": limit,
        "schedule": [{"timestamp": station.stamp(), "limits_to_root": limit}],
    }
    if profile.version >= (2025, 8, 0):
        return told | {"valid_for": 10}
    until = station.clock.now() + timedelta(seconds=10)
    return told | {"valid_until": f"{until:%Y-%m-%dT%H:%M:%S}.000Z"}


def hardware(profile: Profile, station: Station) -> Json:
    """Tell what the board can do."""
    told: dict[str, Json] = {
        "max_current_A_import": station.hardware_a,
        "min_current_A_import": 6.0,
        "max_phase_count_import": 3,
        "min_phase_count_import": 1,
        "max_current_A_export": 16.0,
        "min_current_A_export": 0.0,
        "max_phase_count_export": 3,
        "min_phase_count_export": 1,
        "supports_changing_phases_during_charging": True,
    }
    if profile.version >= (2024, 1, 0):
        told["connector_type"] = "IEC62196Type2Cable"
    since = (2026, 3, 0) if profile.interface == "api_v1" else (2026, 2, 0)
    if profile.version >= since:
        told["supports_cp_state_E"] = True
    return told


def capabilities(station: Station) -> Json:
    """Tell what the EnergyNode allows at most."""
    return {
        "max_current_A": station.fuse_a,
        "max_phase_count": 3,
        "nominal_voltage_V": VOLTAGE_V,
        "total_power_W": 3 * VOLTAGE_V * station.fuse_a,
    }


def event(profile: Profile, station: Station, told: dict[str, Json]) -> Json:
    """Tell an event; from 2024.9 on with its time, and with the meter where the session starts."""
    if profile.version < (2024, 9, 0):
        return told
    if profile.interface == "api_v1":
        told = {key: value for key, value in told.items() if key != "charging_paused_evse"}
    if "session_started" in told:
        started = {"reason": told["session_started"]["reason"], "meter_value": powermeter(station)}
        told = told | {"session_started": started}
    return told | {"timestamp": station.stamp()}


def _wrong(value: Json) -> Json:
    """Turn every member into something of another type."""
    if not isinstance(value, dict):
        return value
    return {key: str(part) if isinstance(part, int | float) else 7 for key, part in value.items()}
