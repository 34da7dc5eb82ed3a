"""What a simulated Lektri.co charger answers to questions."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from simulator.chargers.lektrico_device import LektricoDevice
from simulator.chargers.lektrico_faults import Faults
from simulator.chargers.lektrico_keys import ERROR_FLAGS

Params = Mapping[str, object]

_HEAP_FREE_BYTES: Final = 108_640


def app_config_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.3."""
    return dict(device.config)


def charger_info_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.5."""
    device.count()
    return _state(device) | _electrical(device) | _settings(device)


def _state(device: LektricoDevice) -> dict[str, object]:
    return {
        "charger_state": device.iec_state,
        "extended_charger_state": device.extended_state,
        "has_active_errors": bool(device.active_errors),
        "charger_is_paused": device.is_paused,
        "session_energy": device.session_wh,
        "charging_time": int(device.charging_s),
        "session_id": device.session_id,
    }


def _electrical(device: LektricoDevice) -> dict[str, object]:
    return {
        "instant_power": device.power_w,
        "current": max(device.currents_a),
        "currents": list(device.currents_a),
        "voltage": device.voltages_v()[0],
        "voltages": list(device.voltages_v()),
        "current_limit_reason": device.limit_reason,
        "pwm_current": int(device.offered_a),
        "temperature": 31.5,
        "energy_index": device.counters["total_charged_energy"] * 1000.0,
        "total_charged_energy": device.counters["total_charged_energy"],
    }


def _settings(device: LektricoDevice) -> dict[str, object]:
    return {
        "headless": device.config["headless"],
        "led_max_brightness": device.config["led_max_brightness"],
        "install_current": device.config["install_current"],
        "dynamic_current": device.dynamic_a,
        "fw_version": device.firmware,
        "heap_free": _HEAP_FREE_BYTES,
    }


def sw_version_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.6."""
    return {"fw_version": device.firmware, "fw_id": f"20230109-124642/v{device.firmware}"}


def logged_errors_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.8."""
    return {flag: flag in device.logged_errors for flag in ERROR_FLAGS}


def active_errors_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.10."""
    return {flag: flag in device.active_errors for flag in ERROR_FLAGS}


def wifi_status_get(_: LektricoDevice, __: Faults, ___: Params) -> object:
    """5.11."""
    return {
        "connected": True,
        "sta_ip": "127.0.0.1",
        "sta_name": "twin",
        "rssi": -58,
        "bssid": "02:00:00:00:00:01",
    }


def system_currents_get(device: LektricoDevice, faults: Faults, _: Params) -> object:
    """5.12: most keys carry a trailing blank, as the interface document prints them."""
    limits_a = device.limits_a()
    told = {
        "cable_current": device.cable_a,
        "install_current": limits_a["install"],
        "dynamic_current": device.dynamic_a,
        "user_current": limits_a["user"],
        "charging_current": int(device.offered_a),
        "system_max_current": limits_a["system_max"],
        "schedule_current": limits_a["schedule"],
        "ocpp_current": device.ocpp_a,
        "em_current": device.em_a,
    }
    return {_blank(name, faults, unless="user_current"): value for name, value in told.items()}


def _blank(name: str, faults: Faults, unless: str = "") -> str:
    return name if faults.plain_keys or name == unless else f"{name} "


def counters_config_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.13: the energy arrives as a fraction, whatever the document says."""
    device.count()
    whole = {name: int(value) for name, value in device.counters.items()}
    return whole | {"total_charged_energy": round(device.counters["total_charged_energy"], 3)}


def device_info_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.19."""
    return {
        "device_id": device.device_id,
        "connected_phase": device.config["connected_phase"],
        "fw_version": device.firmware,
        "charger_alias": device.config["charger_alias"],
    }


def charging_schedule_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.21."""
    return {"charging_schedule": [asdict(interval) for interval in device.schedule]}


def em_current_get(device: LektricoDevice, faults: Faults, _: Params) -> object:
    """5.24."""
    return {_blank("EM_current", faults): device.em_a}


def em_status_get(device: LektricoDevice, faults: Faults, _: Params) -> object:
    """5.25."""
    return {_blank("em_offline", faults): device.em_offline}


def dynamic_current_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """Of field use: not in the interface document."""
    return {"dynamic_current": device.dynamic_a, "relay_mode": device.relay_mode}


def device_id_get(device: LektricoDevice, _: Faults, __: Params) -> object:
    """Of field use: not in the interface document."""
    return {"device_id": device.device_id}
