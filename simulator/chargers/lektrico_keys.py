"""Configuration keys of a simulated Lektri.co charger: types, defaults, ranges, error codes."""

from dataclasses import dataclass
from typing import Final

GENERAL, MALFORMED, LENGTH, RANGE, TYPE, UNKNOWN_KEY, PROHIBITED = -1, -2, -3, -4, -5, -6, -7

INT_MAX = 2_147_483_647

Value = bool | int | float | str


class RpcFault(Exception):  # noqa: N818 - what the device answers, not a failure of ours
    """An error object that the device answers with."""

    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key."""

    default: Value
    low: float = -INT_MAX
    high: float = INT_MAX
    numbers: int = 0
    """For strings: how many comma-separated numbers it holds when it is not empty."""


APP_KEYS: Final = {
    "headless": Key(default=True),
    "install_current": Key(6, 6, 32),
    "led_max_brightness": Key(100, 10, 100),
    "led_dimming_delay": Key(0, 0, INT_MAX),
    "charger_locked": Key(default=False),
    "led_template_enabled": Key(default=False),
    "led_template": Key("", numbers=12),
    "charger_alias": Key(""),
    "latitude": Key(0.0),
    "longitude": Key(0.0),
    "ocpp_server_link": Key(""),
    "connected_phase": Key(0, 1, 3),
    "owner_id": Key(""),
    "user_current": Key(32, 6, 32),
    "gmt_offset": Key(0, -12, 12),
    "precise_pwm_mode": Key(default=False),
    "energy_management_enabled": Key(default=False),
    "charging_schedule_enabled": Key(default=False),
    "em_id": Key(""),
    "timezone": Key(""),
}

COUNTERS: Final = (
    "total_charged_time",
    "total_charged_sessions",
    "total_charged_energy",
    "reset_counter",
    "last_session_energy",
)

ERROR_FLAGS: Final = (
    "state_e_activated",
    "overtemp",
    "critical_temp",
    "overcurrent",
    "meter_fault",
    "voltage_error",
    "rcd_error",
    "rcd_test_error",
    "rcd_err_pin_error",
    "rcd_err6_pin_error",
    "rcd_init_start_error",
    "rcd_init_end_error",
    "state_f_activated",
    "contactor_failure",
    "cp_diode_failure",
    "undervoltage_error",
    "overvoltage_error",
)


def accepted(name: str, value: object, *, as_text: bool = False) -> Value:
    """Check a value as the firmware does and answer what is stored."""
    key = APP_KEYS.get(name)
    if key is None:
        raise RpcFault(UNKNOWN_KEY, "Error uknown key.")  # The firmware spells it so.
    if as_text:
        value = _from_text(key, value)
    if isinstance(key.default, bool):
        return _boolean(value)
    if isinstance(key.default, str):
        return _text(key, value)
    return _number(key, value)


def _from_text(key: Key, value: object) -> object:
    if not isinstance(value, str):
        raise RpcFault(TYPE, "Error key format.")
    if isinstance(key.default, str):
        return value
    if isinstance(key.default, bool):
        return {"true": True, "false": False}.get(value.lower(), value)
    try:
        return type(key.default)(value)
    except ValueError as error:
        raise RpcFault(TYPE, "Error key format.") from error


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise RpcFault(TYPE, "Error key format.")
    return value


def _text(key: Key, value: object) -> str:
    if not isinstance(value, str):
        raise RpcFault(TYPE, "Error key format.")
    if key.numbers and value and len(value.split(",")) != key.numbers:
        raise RpcFault(LENGTH, "Error value length.")
    return value


def _number(key: Key, value: object) -> float:
    whole = isinstance(key.default, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise RpcFault(TYPE, "Error key format.")
    if not key.low <= value <= key.high:
        raise RpcFault(RANGE, "Error value range.")
    return value if whole else float(value)


def limit(value: object) -> int:
    """Check a limit: 0 or 6 to 32."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise RpcFault(TYPE, "Error key format.")
    if value != 0 and not 6 <= value <= 32:  # noqa: PLR2004 - the range of the interface
        raise RpcFault(RANGE, "Error value range.")
    return value
