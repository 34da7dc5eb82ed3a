"""Words: what EVerest's events and states say about the plug and about what holds the EVSE."""

from typing import Final

from controller.domain.readings import Plug

EVENT_PLUGS: Final = {
    "SessionFinished": Plug.A,
    "AuthRequired": Plug.B,
    "TransactionStarted": Plug.B,
    "PrepareCharging": Plug.B,
    "PluginTimeout": Plug.B,
    "SessionResumed": Plug.B,
    "ReplugStarted": Plug.B,
    "ReplugFinished": Plug.B,
    "ChargingStarted": Plug.C,
    "ChargingResumed": Plug.C,
    "ChargingPausedEV": Plug.B,
    "ChargingPausedEVSE": Plug.B,
    "WaitingForEnergy": Plug.B,
    "SwitchingPhases": Plug.B,
    "StoppingCharging": Plug.B,
    "ChargingFinished": Plug.B,
    "TransactionFinished": Plug.B,
    "Disabled": Plug.F,
    "Error": Plug.F,
    "PermanentFault": Plug.F,
    "AllErrorsCleared": Plug.UNKNOWN,
}

SILENT_EVENTS: Final = frozenset(
    {"Authorized", "Deauthorized", "ReservationStart", "ReservationEnd", "Enabled"}
)
"""Events that say nothing about the plug."""

STATE_PLUGS: Final = {
    "Unplugged": Plug.A,
    "Reserved": Plug.A,
    "Disabled": Plug.F,
    "Preparing": Plug.B,
    "AuthRequired": Plug.B,
    "AuthTimeout": Plug.B,
    "WaitingForEnergy": Plug.B,
    "Charging": Plug.C,
    "ChargingPausedEV": Plug.B,
    "ChargingPausedEVSE": Plug.B,
    "Finished": Plug.B,
    "FinishedEVSE": Plug.B,
    "FinishedEV": Plug.B,
    "Error": Plug.F,
    "PermanentFault": Plug.F,
}

HOLDS: Final = {
    "Disabled": "disabled",
    "AuthRequired": "waiting for authentication",
    "AuthTimeout": "waiting for authentication",
    "Error": "error",
    "PermanentFault": "error, permanent",
}
