"""What a Lektri.co charger answers, as frozen values; every field may be missing (`None`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from adapters.chargers.lektrico.values import flag, flags, normal, number, text, three, told, untold, whole
from adapters.wire.jsonrpc_reply import Json


class LimitReason(IntEnum):
    """What binds the current; later values are tolerated as numbers."""

    NONE = 0
    INSTALL = 1
    USER = 2
    DYNAMIC = 3
    SCHEDULE = 4
    EM_OFFLINE = 5
    EM = 6
    OCPP = 7
    OVERTEMPERATURE = 8
    SWITCHING_PHASES = 9
    USER_LIMIT = 10
    ONE_PHASE_DISABLED = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerInfo:
    """`Charger_info.Get`: the state of the charger and its session."""

    charger_state: str | None = told(text)
    """A letter of IEC 61851."""
    extended_charger_state: str | None = told(text)
    session_wh: float | None = told(number, "session_energy")
    charging_time_s: int | None = told(whole, "charging_time")
    session_id: int | None = told(whole)
    power_w: float | None = told(number, "instant_power")
    current_a: float | None = told(number, "current")
    currents_a: tuple[float | None, float | None, float | None] | None = told(three, "currents")
    """In the charger's own order; a single-phase charger fills only the first."""
    current_limit_reason: int | None = told(whole)
    voltage_v: float | None = told(number, "voltage")
    voltages_v: tuple[float | None, float | None, float | None] | None = told(three, "voltages")
    temperature_c: float | None = told(number, "temperature")
    energy_index: float | None = told(number)
    total_charged_kwh: float | None = told(number, "total_charged_energy")
    headless: bool | None = told(flag)
    led_max_brightness_pct: int | None = told(whole, "led_max_brightness")
    install_a: float | None = told(number, "install_current")
    dynamic_a: float | None = told(number, "dynamic_current")
    user_a: float | None = told(number, "user_current")
    fw_version: str | None = told(text)
    has_active_errors: bool | None = told(flag, "has_active_errors", "has_active_error")
    is_paused: bool | None = told(flag, "charger_is_paused")
    heap_free_bytes: int | None = told(whole, "heap_free")
    pwm_a: float | None = told(number, "pwm_current")
    """What the control pilot offers the car."""
    rest: Mapping[str, Json] = untold()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCurrents:
    """`System_currents.Get`: every limit; the smallest rules."""

    cable_a: float | None = told(number, "cable_current")
    install_a: float | None = told(number, "install_current")
    dynamic_a: float | None = told(number, "dynamic_current")
    user_a: float | None = told(number, "user_current")
    charging_a: float | None = told(number, "charging_current")
    system_max_a: float | None = told(number, "system_max_current")
    schedule_a: float | None = told(number, "schedule_current")
    ocpp_a: float | None = told(number, "ocpp_current")
    em_a: float | None = told(number, "em_current")
    rest: Mapping[str, Json] = untold()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """`App_config.Get`: see `keys.APP_KEYS` for what each key means."""

    headless: bool | None = told(flag)
    install_current_a: int | None = told(whole, "install_current")
    led_max_brightness_pct: int | None = told(whole, "led_max_brightness")
    led_dimming_delay_s: int | None = told(whole, "led_dimming_delay")
    charger_locked: bool | None = told(flag)
    led_template_enabled: bool | None = told(flag)
    led_template: str | None = told(text)
    charger_alias: str | None = told(text)
    latitude_deg: float | None = told(number, "latitude")
    longitude_deg: float | None = told(number, "longitude")
    ocpp_server_link: str | None = told(text)
    connected_phase: int | None = told(whole)
    """0: not set."""
    owner_id: str | None = told(text)
    user_current_a: int | None = told(whole, "user_current")
    gmt_offset_h: int | None = told(whole, "gmt_offset")
    precise_pwm_mode: bool | None = told(flag)
    energy_management_enabled: bool | None = told(flag)
    charging_schedule_enabled: bool | None = told(flag)
    em_id: str | None = told(text)
    timezone: str | None = told(text)
    rest: Mapping[str, Json] = untold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """`Counters_config.Get`."""

    total_charged_min: float | None = told(number, "total_charged_time")
    total_charged_sessions: int | None = told(whole)
    total_charged_kwh: float | None = told(number, "total_charged_energy")
    reset_counter: int | None = told(whole)
    last_session_wh: float | None = told(number, "last_session_energy")
    rest: Mapping[str, Json] = untold()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareVersion:
    """`Sw_version.Get`."""

    fw_version: str | None = told(text)
    fw_id: str | None = told(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiStatus:
    """`Wifi_status.Get`."""

    connected: bool | None = told(flag)
    sta_ip: str | None = told(text)
    sta_name: str | None = told(text)
    rssi_dbm: int | None = told(whole, "rssi")
    bssid: str | None = told(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """`Device_info.Get`."""

    device_id: str | None = told(text)
    connected_phase: int | None = told(whole)
    fw_version: str | None = told(text)
    charger_alias: str | None = told(text)

    @property
    def is_single_phase(self) -> bool:
        """Whether it is a 1P7K."""
        return (self.device_id or "").lower().startswith("1p7k")

    @property
    def is_charger(self) -> bool:
        """Whether it is a charger, as far as its name tells, and not a load balancer."""
        return not (self.device_id or "").lower().startswith(("m2w", "em", "3em"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicCurrent:
    """`dynamic_current.get`; older firmware has no relay mode."""

    dynamic_a: float | None = told(number, "dynamic_current")
    relay_mode: int | None = told(whole)
    """Phases that the relays of a 3P22K connect: 1 or 3; back to 3 after a restart."""


_OLD_NAMES: Final = {"state_machine_e_activated": "state_e_activated"}

_ERROR_FLAGS: Final = (
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFlags:
    """`Active_errors.Get` and `Logged_errors.Get`."""

    flags: Mapping[str, bool]
    """The known flags that were told, and any that are new."""

    @property
    def raised(self) -> tuple[str, ...]:
        """The flags that are set, in the order of the interface, new ones last."""
        names = sorted(name for name, is_set in self.flags.items() if is_set)
        return tuple(sorted(names, key=lambda name: _ERROR_FLAGS.index(name) if name in _ERROR_FLAGS else 99))


def error_flags(raw: Json) -> ErrorFlags:
    """Read error flags, old spellings included."""
    read = flags(normal(raw))
    return ErrorFlags(flags={_OLD_NAMES.get(name, name): is_set for name, is_set in read.items()})
