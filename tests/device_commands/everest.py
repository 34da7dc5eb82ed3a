"""Every command of a charger run by EVerest, as each interface and release has them."""

import json
from collections.abc import Callable
from typing import Any, Final

from simulator.chargers.everest import EverestTwin
from tests.device_commands.case import Case, answers, says_true

DOCUMENT: Final = {
    "get_id": "get_id",
    "enable": "enable",
    "disable": "disable",
    "authorize_response": "authorize_response",
    "withdraw_authorization": "withdraw_authorization",
    "reserve": "reserve",
    "cancel_reservation": "cancel_reservation",
    "set_faulted": "set_faulted",
    "pause_charging": "pause_charging",
    "resume_charging": "resume_charging",
    "stop_transaction": "stop_transaction",
    "force_unlock": "force_unlock",
    "set_external_limits": "set_external_limits",
    "switch_three_phases_while_charging": "switch_three_phases_while_charging",
    "get_signed_meter_value": "get_signed_meter_value",
    "set_get_certificate_response": "set_get_certificate_response",
}
"""The commands of "8.12. evse_manager", and their names here."""

VARIABLES: Final = (
    "session_event",
    "limits",
    "ev_info",
    "car_manufacturer",
    "telemetry",
    "powermeter",
    "evse_id",
    "hw_capabilities",
    "iso15118_certificate_request",
    "enforced_limits",
)
"""The variables of the same chapter."""

ENABLING: Final = {"connector_id": 0, "source": "LocalAPI", "state": "Disable", "priority": 0}
EVSE: Final = {"id": 1, "connectors": [{"id": 1}]}

Seen = Callable[[EverestTwin], bool]


def asked(name: str, wanted: Callable[[Any], bool] = bool) -> Seen:
    """Expect the latest call to be this one, with arguments of which something holds."""

    def seen(twin: EverestTwin) -> bool:
        return bool(twin.calls) and twin.calls[-1].name == name and wanted(twin.calls[-1].args)

    return seen


def told(event: str) -> Seen:
    """Expect the EVSE to have told a session event."""
    return lambda twin: any(topic_tells(payload, event) for _, payload in twin.said)


def topic_tells(payload: bytes, event: str) -> bool:
    """Tell whether a publication speaks of an event."""
    return f'"event": "{event}"'.encode() in payload


def without_arguments(args: Any) -> bool:  # noqa: ANN401 - any arguments
    """Hold for a call that has none."""
    return not args


def _with_car(twin: EverestTwin) -> None:
    twin.plug_in("a car")


def _charging(twin: EverestTwin) -> None:
    _with_car(twin)
    twin.set_draw((6.0, 6.0, 6.0), 4140.0)


def _disabled(twin: EverestTwin) -> None:
    _with_car(twin)
    twin.station.enable(enabled=False)


def _paused(twin: EverestTwin) -> None:
    _charging(twin)
    twin.station.pause()


def _reserved(twin: EverestTwin) -> None:
    twin.station.reserved = True


def _certificate(args: Any) -> bool:  # noqa: ANN401 - any arguments
    return "Failed" in json.dumps(args) and "Install" in json.dumps(args)


def _first_connector(args: Any) -> bool:  # noqa: ANN401 - any arguments
    """Hold for the first connector, however an interface and release names it; 2023 names none."""
    return args in ({}, {"connector_id": 1}, 1, "1")


PAUSE: Final = Case[EverestTwin](
    command="pause_charging", before=_charging, acted=lambda twin: twin.station.paused
)
RESUME: Final = Case[EverestTwin](
    command="resume_charging", before=_paused, acted=lambda twin: not twin.station.paused
)
STOP: Final = Case[EverestTwin](
    command="stop_transaction",
    arguments={"reason": "Remote"},
    before=_with_car,
    acted=lambda twin: twin.station.stopped,
)
UNLOCK: Final = Case[EverestTwin](
    command="force_unlock", before=_with_car, acted=asked("force_unlock", _first_connector)
)
LIMIT: Final = Case[EverestTwin](
    command="set_external_limits",
    arguments={"limit_a": 8},
    before=_with_car,
    acted=lambda twin: twin.station.external_a == 8.0 and twin.offered_a == 8.0,
)
DISABLE: Final = Case[EverestTwin](
    command="enable_disable",
    arguments=ENABLING,
    before=_with_car,
    answered=answers(value=False),
    acted=lambda twin: twin.station.disabled,
)
VARIABLES_CASE: Final = Case[EverestTwin](
    command="variables",
    before=_with_car,
    answered=lambda answer: {"session_info", "powermeter"} <= answer.keys(),
)
GET_EVSE: Final = Case[EverestTwin](
    command="get_evse", answered=answers(EVSE), acted=asked("get_evse", without_arguments)
)

OF_2023: Final[tuple[Case[EverestTwin], ...]] = (
    Case(command="get_id", answered=answers(1), acted=asked("get_id", without_arguments)),
    Case(command="enable", before=_disabled, acted=lambda twin: not twin.station.disabled),
    Case(command="disable", before=_with_car, acted=lambda twin: twin.station.disabled),
    Case(
        command="authorize_response",
        arguments={"id_token": "DEADBEEF", "status": "Accepted"},
        before=_with_car,
        acted=told("Authorized"),
    ),
    Case(command="withdraw_authorization", before=_with_car, acted=told("Deauthorized")),
    Case(command="reserve", arguments={"reservation_id": 7}, acted=lambda twin: twin.station.reserved),
    Case(command="cancel_reservation", before=_reserved, acted=lambda twin: not twin.station.reserved),
    Case(command="set_faulted", acted=lambda twin: twin.station.faulted),
    PAUSE,
    RESUME,
    STOP,
    UNLOCK,
    LIMIT,
    Case(
        command="switch_three_phases_while_charging",
        arguments={"three_phases": False},
        before=_with_car,
        answered=answers("Error_NotSupported"),
        acted=lambda twin: twin.station.phases == 1,
    ),
    Case(
        command="get_signed_meter_value",
        answered=answers("NOT_AVAILABLE"),
        acted=asked("get_signed_meter_value", without_arguments),
    ),
    Case(
        command="set_get_certificate_response",
        arguments={"status": "Failed", "action": "Install"},
        acted=asked("set_get_certificate_response", _certificate),
    ),
    VARIABLES_CASE,
)
"""Release 2023.5 to 2023.8 has the whole document."""

LATER: Final[tuple[Case[EverestTwin], ...]] = (
    GET_EVSE,
    DISABLE,
    Case(
        command="external_ready_to_start_charging",
        acted=asked("external_ready_to_start_charging", without_arguments),
    ),
    Case(
        command="set_plug_and_charge_configuration",
        arguments={"pnc_enabled": True},
        acted=asked(
            "set_plug_and_charge_configuration",
            lambda args: args == {"plug_and_charge_configuration": {"pnc_enabled": True}},
        ),
    ),
    Case(
        command="update_allowed_energy_transfer_modes",
        arguments={"modes": "AC_BPT"},
        answered=answers("Accepted"),
        acted=asked(
            "update_allowed_energy_transfer_modes",
            lambda args: args == {"allowed_energy_transfer_modes": ["AC_BPT"]},
        ),
    ),
    Case(
        command="set_der_available",
        arguments={"available": True},
        answered=answers("Accepted"),
        acted=asked("set_der_available", lambda args: args == {"available": True}),
    ),
    *(
        case
        for case in OF_2023
        if case.command
        in {
            "authorize_response",
            "withdraw_authorization",
            "reserve",
            "cancel_reservation",
            "pause_charging",
            "resume_charging",
            "stop_transaction",
            "force_unlock",
            "set_external_limits",
            "variables",
        }
    ),
)
"""What the releases after the document have."""

API_V1: Final[tuple[Case[EverestTwin], ...]] = (
    GET_EVSE,
    DISABLE,
    PAUSE,
    RESUME,
    STOP,
    UNLOCK,
    Case(
        command="set_external_limits",
        arguments={"limit_a": 8, "phases": 1},
        before=_with_car,
        acted=lambda twin: (twin.station.external_a, twin.station.phases) == (8.0, 1),
    ),
    VARIABLES_CASE,
)

API_V1_LATER: Final[tuple[Case[EverestTwin], ...]] = (
    *API_V1,
    Case(
        command="latest",
        arguments={"variable": "session_info"},
        before=_with_car,
        answered=lambda answer: answer["state"] == "Preparing",
        acted=asked("session_info/get", without_arguments),
    ),
    Case(
        command="latest",
        arguments={"variable": "capabilities"},
        answered=lambda answer: answer["max_current_A"] == 40.0,
        acted=asked("capabilities/get", without_arguments),
    ),
)
"""From after 2026.02 on it keeps the latest value of each variable."""

MODULE_API: Final[tuple[Case[EverestTwin], ...]] = (
    PAUSE,
    RESUME,
    Case(command="stop_charging", before=_with_car, acted=lambda twin: twin.station.stopped),
    Case(
        command="enable_disable",
        arguments=ENABLING,
        before=_with_car,
        answered=says_true,
        acted=lambda twin: twin.station.disabled,
    ),
    UNLOCK,
    LIMIT,
    VARIABLES_CASE,
)
"""It answers nothing: `true` means sent."""

MODULE_API_2024: Final = tuple(case for case in OF_2023 if case.command in {"enable", "disable"})
"""What 2023.12 to 2024.4 has in place of `enable_disable`."""
