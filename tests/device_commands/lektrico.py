"""Every command of a Lektri.co charger."""

from collections.abc import Mapping
from typing import Final

from simulator.chargers.lektrico import LektricoTwin
from simulator.chargers.lektrico_keys import APP_KEYS
from simulator.chargers.lektrico_schedule import Interval
from tests.device_commands.case import Case, answers, holds

DOCUMENT: Final = {
    "Charge.Start": "charge_start",
    "Charge.Stop": "charge_stop",
    "App_config.Get": "app_config_get",
    "App_config.Set": "app_config_set",
    "Charger_info.Get": "charger_info_get",
    "Sw_version.Get": "sw_version_get",
    "Device.Reset": "device_reset",
    "Logged_errors.Get": "logged_errors_get",
    "Logged_errors.Reset": "logged_errors_reset",
    "Active_errors.Get": "active_errors_get",
    "Wifi_status.Get": "wifi_status_get",
    "System_currents.Get": "system_currents_get",
    "Counters_config.Get": "counters_config_get",
    "Ota.Verify": "ota_verify",
    "Factory.Reset": "factory_reset",
    "Ap_password.Set": "ap_password_set",
    "Charge.Pause": "charge_pause",
    "Charge.Resume": "charge_resume",
    "Device_info.Get": "device_info_get",
    "Charging_schedule.Set": "charging_schedule_set",
    "Charging_schedule.Get": "charging_schedule_get",
    "Charging_schedule.Override": "charging_schedule_override",
    "EM_current.Set": "em_current_set",
    "EM_current.Get": "em_current_get",
    "EM_status.Get": "em_status_get",
}
"""The commands of "Charger local API, Prerelease 02.2023", chapter 5, and their names here."""

NIGHT: Final = {"start_d": 1, "start_h": 22, "start_m": 0, "end_d": 2, "end_h": 6, "end_m": 0, "current": 10}


def on_wire(interval: Mapping[str, object]) -> dict[str, object]:
    """Name an interval's keys as the wire does."""
    return {key.removesuffix("_a"): value for key, value in interval.items()}


def _charging(twin: LektricoTwin) -> None:
    twin.plug_in("a car")
    twin.set_draw((10.0, 11.0, 12.0), 7590.0)


def _after_a_session(twin: LektricoTwin) -> None:
    twin.plug_in("a car")
    twin.unplug()


def _set(twin: LektricoTwin, name: str, value: object) -> None:
    setattr(twin.device, name, value)


def _flag(name: str, *, raised: bool) -> bool:
    return raised is (name == "overtemp")


def _after_an_error(twin: LektricoTwin) -> None:
    twin.device.fail("overtemp")
    twin.device.recover()


def _limited(twin: LektricoTwin) -> None:
    twin.device.set_em(9)
    twin.device.cable_a = 20


def _scheduled(twin: LektricoTwin) -> None:
    twin.device.schedule = (Interval(**NIGHT),)


CASES: Final[tuple[Case[LektricoTwin], ...]] = (
    Case(command="charge_start", arguments={"tag": "guest"}, acted=lambda twin: twin.device.started),
    Case(
        command="charge_stop",
        before=lambda twin: _set(twin, "started", value=True),
        acted=lambda twin: twin.device.paused and not twin.device.started,
    ),
    Case(
        command="app_config_get",
        before=lambda twin: twin.device.config.update(charger_alias="left", install_current=20),
        answered=holds(charger_alias="left", install_current_a=20),
    ),
    Case(
        command="app_config_set",
        arguments={"key": "install_current", "value": "16"},
        acted=lambda twin: twin.device.config["install_current"] == 16,
    ),
    Case(
        command="charger_info_get",
        before=_charging,
        answered=holds(charger_state="C", currents_a=[10.0, 11.0, 12.0], power_w=7590.0),
    ),
    Case(
        command="sw_version_get",
        before=lambda twin: _set(twin, "firmware", "1.77"),
        answered=answers({"fw_version": "1.77", "fw_id": "20230109-124642/v1.77"}),
    ),
    Case(command="device_reset", acted=lambda twin: twin.device.counters["reset_counter"] == 1),
    Case(
        command="logged_errors_get",
        before=_after_an_error,
        answered=lambda answer: all(_flag(name, raised=raised) for name, raised in answer["flags"].items()),
    ),
    Case(
        command="logged_errors_reset",
        before=_after_an_error,
        acted=lambda twin: not twin.device.logged_errors,
    ),
    Case(
        command="active_errors_get",
        before=lambda twin: twin.device.fail("overtemp"),
        answered=lambda answer: all(_flag(name, raised=raised) for name, raised in answer["flags"].items()),
    ),
    Case(command="wifi_status_get", answered=holds(connected=True, sta_name="twin", rssi_dbm=-58)),
    Case(
        command="system_currents_get",
        before=_limited,
        answered=holds(em_a=9, cable_a=20, user_a=32),
    ),
    Case(command="counters_config_get", before=_after_a_session, answered=holds(total_charged_sessions=1)),
    Case(command="ota_verify", acted=lambda twin: bool(twin.calls) and twin.calls[-1].method == "Ota.Verify"),
    Case(
        command="factory_reset",
        before=lambda twin: twin.device.config.update(charger_alias="left"),
        acted=lambda twin: twin.device.config == {name: key.default for name, key in APP_KEYS.items()},
    ),
    Case(
        command="ap_password_set",
        arguments={"password": "longenough"},
        acted=lambda twin: twin.device.ap_password == "longenough",
    ),
    Case(command="charge_pause", acted=lambda twin: twin.device.paused),
    Case(
        command="charge_resume",
        before=lambda twin: _set(twin, "paused", value=True),
        acted=lambda twin: not twin.device.paused,
    ),
    Case(
        command="device_info_get",
        before=lambda twin: twin.device.config.update(charger_alias="left", connected_phase=2),
        answered=holds(device_id="3p22k_500006", charger_alias="left", connected_phase=2),
    ),
    Case(
        command="charging_schedule_set",
        arguments={"intervals": f"[{NIGHT}]".replace("'", '"')},
        acted=lambda twin: twin.device.schedule == (Interval(**NIGHT),),
    ),
    Case(
        command="charging_schedule_get",
        before=_scheduled,
        answered=lambda answer: [on_wire(one) for one in answer] == [NIGHT],
    ),
    Case(command="charging_schedule_override", before=_charging, acted=lambda twin: twin.device.overridden),
    Case(command="em_current_set", arguments={"limit_a": 9}, acted=lambda twin: twin.device.em_a == 9),
    Case(command="em_current_get", before=lambda twin: twin.device.set_em(11), answered=answers(11)),
    Case(command="em_status_get", before=lambda twin: _set(twin, "em_timeout_s", 0.0)),
    Case(
        command="dynamic_current_set",
        arguments={"limit_a": 9, "relay_mode": 1},
        acted=lambda twin: (twin.device.dynamic_a, twin.relay_mode) == (9, 1),
    ),
    Case(
        command="dynamic_current_get",
        before=lambda twin: _set(twin, "dynamic_a", 13),
        answered=holds(dynamic_a=13, relay_mode=3),
    ),
    Case(command="device_id_get", answered=answers("3p22k_500006")),
)
"""The last three are of field use: no document has them."""
