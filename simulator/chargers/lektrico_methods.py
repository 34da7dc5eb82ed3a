"""The commands and the list of all methods of a simulated Lektri.co charger, by their lower-case names."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.chargers import lektrico_answers
from simulator.chargers.lektrico_device import LektricoDevice
from simulator.chargers.lektrico_faults import Faults
from simulator.chargers.lektrico_keys import (
    APP_KEYS,
    LENGTH,
    MALFORMED,
    PROHIBITED,
    TYPE,
    RpcFault,
    accepted,
    limit,
)
from simulator.chargers.lektrico_schedule import intervals

Params = Mapping[str, object]
Method = Callable[[LektricoDevice, Faults, Params], object]

_PASSWORD_CHARS: Final = range(8, 64)


def _given(params: Params, name: str) -> object:
    if name not in params:
        raise RpcFault(MALFORMED, "Request format error.")
    return params[name]


def charge_start(device: LektricoDevice, _: Faults, params: Params) -> object:
    """5.1."""
    if not isinstance(params.get("tag", ""), str):
        raise RpcFault(TYPE, "Error key format.")
    if device.config["charger_locked"]:
        raise RpcFault(PROHIBITED, "Prohibited action.")
    device.started, device.paused = True, False
    return True


def charge_stop(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.2."""
    device.started, device.paused = False, True
    return True


def app_config_set(device: LektricoDevice, faults: Faults, params: Params) -> object:
    """5.4."""
    name = _given(params, "config_key")
    value = accepted(str(name), _given(params, "config_value"), as_text=faults.text_values)
    if name == "owner_id" and device.config["owner_id"]:
        raise RpcFault(PROHIBITED, "Prohibited action.")  # May be set once after a factory reset.
    device.config[str(name)] = value
    return True


def device_reset(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.7: waits for the end of a session."""
    device.reset_waits = device.car is not None
    if not device.reset_waits:
        device.reboot()
    return True


def logged_errors_reset(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.9."""
    device.logged_errors.clear()
    return True


def ota_verify(_: LektricoDevice, __: Faults, ___: Params) -> object:
    """5.14: there is never an update."""
    return True


def factory_reset(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.15."""
    device.config = {name: key.default for name, key in APP_KEYS.items()}
    device.schedule, device.ap_password = (), ""
    device.reboot()
    return True


def ap_password_set(device: LektricoDevice, _: Faults, params: Params) -> object:
    """5.16."""
    password = _given(params, "password")
    if not isinstance(password, str):
        raise RpcFault(TYPE, "Error key format.")
    if password and len(password) not in _PASSWORD_CHARS:
        raise RpcFault(LENGTH, "Error value length.")
    device.ap_password = password
    return True


def charge_pause(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.17."""
    device.paused = True
    return True


def charge_resume(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.18."""
    device.paused = False
    return True


def charging_schedule_set(device: LektricoDevice, _: Faults, params: Params) -> object:
    """5.20."""
    device.schedule = intervals(_given(params, "charging_schedule"))
    return True


def charging_schedule_override(device: LektricoDevice, _: Faults, __: Params) -> object:
    """5.22."""
    device.overridden = device.car is not None
    return True


def em_current_set(device: LektricoDevice, faults: Faults, params: Params) -> object:
    """5.23."""
    limit_a = limit(_given(params, "EM_current"))
    if not faults.em_ignored:
        device.set_em(limit_a)
    return True


def dynamic_current_set(device: LektricoDevice, _: Faults, params: Params) -> object:
    """Of field use: not in the interface document."""
    limit_a, relay_mode = limit(_given(params, "dynamic_current")), params.get("relay_mode")
    if relay_mode is not None and (device.model == "1p7k" or relay_mode not in (1, 3)):
        raise RpcFault(TYPE, "Error key format.")
    device.dynamic_a = limit_a
    device.relay_mode = int(str(relay_mode)) if relay_mode is not None else device.relay_mode
    return True


METHODS: Final[Mapping[str, Method]] = {
    "charge.start": charge_start,
    "charge.stop": charge_stop,
    "app_config.get": lektrico_answers.app_config_get,
    "app_config.set": app_config_set,
    "charger_info.get": lektrico_answers.charger_info_get,
    "sw_version.get": lektrico_answers.sw_version_get,
    "device.reset": device_reset,
    "logged_errors.get": lektrico_answers.logged_errors_get,
    "logged_errors.reset": logged_errors_reset,
    "active_errors.get": lektrico_answers.active_errors_get,
    "wifi_status.get": lektrico_answers.wifi_status_get,
    "system_currents.get": lektrico_answers.system_currents_get,
    "counters_config.get": lektrico_answers.counters_config_get,
    "ota.verify": ota_verify,
    "factory.reset": factory_reset,
    "ap_password.set": ap_password_set,
    "charge.pause": charge_pause,
    "charge.resume": charge_resume,
    "device_info.get": lektrico_answers.device_info_get,
    "charging_schedule.set": charging_schedule_set,
    "charging_schedule.get": lektrico_answers.charging_schedule_get,
    "charging_schedule.override": charging_schedule_override,
    "em_current.set": em_current_set,
    "em_current.get": lektrico_answers.em_current_get,
    "em_status.get": lektrico_answers.em_status_get,
    "dynamic_current.set": dynamic_current_set,
    "dynamic_current.get": lektrico_answers.dynamic_current_get,
    "device_id.get": lektrico_answers.device_id_get,
}
