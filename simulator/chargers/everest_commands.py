"""What a simulated EVerest does when it is asked; unknown commands and wrong arguments raise."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Call, Profile
from simulator.chargers.everest_station import Station
from simulator.chargers.everest_vars import beat, once

Json = Any


def obeyed(call: Call, profile: Profile, station: Station) -> Json:
    """Do what a command says; tell its result.

    Raises:
        KeyError, TypeError, ValueError: the real process would end here.
    """
    if call.target == "api":
        if call.name in _MODULE_API:
            _MODULE_API[call.name](station, call.args)
        return None
    if call.name == "set_external_limits":
        station.set_limits(call.args if profile.interface == "api_v1" else call.args["value"])
        return None
    if call.name == "communication_check":
        return None
    if call.name.endswith("/get"):
        return _latest(call.name.removesuffix("/get"), profile, station)
    return _COMMANDS[call.name](station, call.args)


def _latest(name: str, profile: Profile, station: Station) -> Json:
    """Tell what a variable was published with last; `None` while it was not."""
    return {**dict(once(profile, station)), **dict(beat(profile, station, Faults()))}.get(name)


def _limit_phases(station: Station, text: str) -> None:
    told = json.loads(text)
    station.write(float(told["amps"]))
    station.phases = int(told["phases"])


def _numbered(act: Callable[[Station], object]) -> Callable[[Station, str], object]:
    """Read the connector's number, of which it has but one, and act."""

    def acted(station: Station, text: str) -> object:
        int(text)
        return act(station)

    return acted


_MODULE_API: Final[Mapping[str, Callable[[Station, str], object]]] = {
    "set_limit_amps": lambda station, text: station.write(float(text)),
    "set_limit_amps_phases": _limit_phases,
    "pause_charging": lambda station, _: station.pause(),
    "resume_charging": lambda station, _: station.resume(),
    "stop_charging": lambda station, _: station.stop(),
    "enable_disable": lambda station, text: station.enable(enabled=json.loads(text)["state"] != "Disable"),
    "enable": _numbered(lambda station: station.enable(enabled=True)),
    "disable": _numbered(lambda station: station.enable(enabled=False)),
    "force_unlock": _numbered(lambda station: station.stop()),
}


def _enable_disable(station: Station, args: Json) -> bool:
    source = args["cmd_source"] if "cmd_source" in args else args["source"]
    station.enable(enabled=source["enable_state"] != "Disable")
    return not station.disabled


def _reserve(station: Station, args: Json) -> bool:
    station.reserved = args["reservation_id"] >= 0
    station.tell("ReservationStart")
    return True


def _end_reservation(station: Station, _: Json) -> None:
    station.reserved = False
    station.tell("ReservationEnd")


def _authorize(station: Station, args: Json) -> None:
    accepted = args["validation_result"]["authorization_status"] == "Accepted"
    token = args["provided_token"]["id_token"]
    if accepted and token:
        station.tell("Authorized")


def _certificate(_: Station, args: Json) -> None:
    told = args["certificate_reponse"] if "certificate_reponse" in args else args["certificate_response"]
    if told["status"] not in ("Accepted", "Failed"):
        raise ValueError("status")


def _switch(station: Station, args: Json) -> str:
    """Switch, and say that it cannot be done, as 2023 does."""
    station.phases = 3 if args["three_phases"] else 1
    return "Error_NotSupported"


_COMMANDS: Final[Mapping[str, Callable[[Station, Json], Json]]] = {
    "get_id": lambda _s, _a: 1,
    "get_evse": lambda _s, _a: {"id": 1, "connectors": [{"id": 1}]},
    "enable": lambda station, _: station.enable(enabled=True),
    "disable": lambda station, _: station.enable(enabled=False),
    "enable_disable": _enable_disable,
    "authorize_response": _authorize,
    "withdraw_authorization": lambda station, _: station.tell("Deauthorized"),
    "reserve": _reserve,
    "cancel_reservation": _end_reservation,
    "set_faulted": lambda station, _: station.fault(),
    "pause_charging": lambda station, _: station.pause(),
    "resume_charging": lambda station, _: station.resume(),
    "stop_transaction": lambda station, _: station.stop(),
    "force_unlock": lambda _s, _a: True,
    "switch_three_phases_while_charging": _switch,
    "get_signed_meter_value": lambda _s, _a: "NOT_AVAILABLE",
    "set_get_certificate_response": _certificate,
    "external_ready_to_start_charging": lambda _s, _a: True,
    "set_plug_and_charge_configuration": lambda _s, args: args["plug_and_charge_configuration"] and None,
    "update_allowed_energy_transfer_modes": lambda _s, args: (
        "Accepted" if args["allowed_energy_transfer_modes"] else ""
    ),
    "set_der_available": lambda _s, args: "Accepted" if args["available"] else "NoHlc",
}
