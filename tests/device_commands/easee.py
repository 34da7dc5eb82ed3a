"""Every command of an Easee charger."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from simulator.chargers.easee import EaseeTwin
from tests.device_commands.case import Case, answers, holds

DOCUMENT: Final = {
    "1 Reboot": "reboot",
    "4 UpgradeFirmware": "upgrade_firmware",
    "11 SetSmartCharging": "set_smart_charging",
    "21 SetDynamicCurrentOfflineFallback": "set_dynamic_current_offline_fallback",
    "22 SetDynamicCircuitCurrent": "set_dynamic_circuit_current",
    "24 SetMaxCircuitCurrent": "set_max_circuit_current",
    "25 AuthorizeCharging": "authorize_charging",
    "26 DeauthorizeCharging": "deauthorize_charging",
    "29 SetEnabled": "set_enabled",
    "30 SetLockCablePermanently": "set_lock_cable_permanently",
    "47 SetMaxChargerCurrent": "set_max_charger_current",
    "48 SetDynamicChargerCurrent": "set_dynamic_charger_current",
}
"""The commands of "Controlling the charger", and their names here."""

ACCEPTED: Final = answers({"accepted": True, "comment": None, "result_code": None})
PHASES: Final = {"p1_a": 10, "p2_a": 11, "p3_a": 12}
TOKEN: Final = {"id_token": "tag", "status": 42}


def told(twin: EaseeTwin, id_: int, *values: str) -> bool:
    """Tell whether the latest command had this id and these arguments, numbered from 1."""
    latest = twin.commands[-1] if twin.commands else None
    return latest is not None and (latest.id, latest.arguments) == (id_, dict(enumerate(values, 1)))


def _authorized(twin: EaseeTwin) -> None:
    twin.device.authorized = True


_COMMANDS: Final[tuple[Case[EaseeTwin], ...]] = (
    Case(command="reboot", acted=lambda twin: twin.device.reboots == 1 and told(twin, 1)),
    Case(command="upgrade_firmware", acted=lambda twin: twin.device.release == 341 and told(twin, 4)),
    Case(
        command="set_smart_charging",
        arguments={"smart_charging": True},
        acted=lambda twin: twin.device.smart and told(twin, 11, "1"),
    ),
    Case(
        command="authorize_charging",
        arguments=TOKEN,
        acted=lambda twin: twin.device.authorized and told(twin, 25, "tag", "42"),
    ),
    Case(
        command="deauthorize_charging",
        arguments=TOKEN,
        before=_authorized,
        acted=lambda twin: not twin.device.authorized and told(twin, 26, "tag", "42"),
    ),
    Case(
        command="set_enabled",
        arguments={"is_enabled": False},
        acted=lambda twin: not twin.device.enabled and told(twin, 29, "0"),
    ),
    Case(
        command="set_lock_cable_permanently",
        arguments={"locked": True},
        acted=lambda twin: twin.device.locked and told(twin, 30, "1"),
    ),
    Case(
        command="set_max_charger_current",
        arguments={"limit_a": 20},
        acted=lambda twin: twin.device.max_a == 20.0 and told(twin, 47, "20"),
    ),
    Case(
        command="set_dynamic_charger_current",
        arguments={"limit_a": 13, "ttl_min": 5},
        acted=lambda twin: twin.device.dynamic_a == 13.0 and told(twin, 48, "13", "5"),
    ),
    Case(
        command="set_max_circuit_current",
        arguments=PHASES,
        acted=lambda twin: twin.device.circuit.max_a == (10, 11, 12) and told(twin, 24, "10", "11", "12"),
    ),
    Case(
        command="set_dynamic_circuit_current",
        arguments={**PHASES, "ttl_min": 5},
        acted=lambda twin: (
            twin.device.circuit.dynamic_a == (10.0, 11.0, 12.0) and twin.commands[-1].arguments[4] == "5"
        ),
    ),
    Case(
        command="set_dynamic_current_offline_fallback",
        arguments=PHASES,
        acted=lambda twin: (
            twin.device.circuit.fallback_a == (10, 11, 12) and told(twin, 21, "10", "11", "12")
        ),
    ),
)

_QUESTION: Final = Case[EaseeTwin](
    command="observations", answered=holds(**{"48 DynamicChargerCurrent": 32.0})
)

OPERATOR: Final = (*(replace(each, answered=ACCEPTED) for each in _COMMANDS), _QUESTION)
"""The document's over the operator's stream, each accepted; and what the cloud knows of it all."""

_AUTHORIZING: Final[Mapping[str, Callable[[EaseeTwin], bool]]] = {
    "authorize_charging": lambda twin: twin.device.authorized,
    "deauthorize_charging": lambda twin: not twin.device.authorized,
}

OWNER: Final = (
    *(replace(each, answered=ACCEPTED) for each in _COMMANDS if each.command not in _AUTHORIZING),
    *(
        replace(each, answered=holds(accepted=True), acted=_AUTHORIZING[each.command])
        for each in _COMMANDS
        if each.command in _AUTHORIZING
    ),
    _QUESTION,
)
"""The same over an owner's cloud, which carries neither token nor status, and says so."""
