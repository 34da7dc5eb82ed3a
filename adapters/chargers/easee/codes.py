"""Codes of an Easee charger and what they mean; what is not listed may draw, and is said once."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from controller.domain.readings import Plug


class OpMode(IntEnum):
    """Observation 109."""

    OFFLINE = 0
    DISCONNECTED = 1
    AWAITING_START = 2
    CHARGING = 3
    COMPLETED = 4
    ERROR = 5
    READY_TO_CHARGE = 6
    AWAITING_AUTHENTICATION = 7
    DEAUTHENTICATING = 8


PLUGS: Final[Mapping[int, Plug]] = {
    OpMode.DISCONNECTED: Plug.A,
    OpMode.AWAITING_START: Plug.B,
    OpMode.CHARGING: Plug.C,
    OpMode.COMPLETED: Plug.B,
    OpMode.ERROR: Plug.F,
    OpMode.READY_TO_CHARGE: Plug.B,
    OpMode.AWAITING_AUTHENTICATION: Plug.B,
    OpMode.DEAUTHENTICATING: Plug.B,
}


HELD: Final[Mapping[int, str]] = {
    7: "error: illegal grid type",
    8: "error: no request from a secondary charger",
    9: "error: lost its primary charger",
    11: "error: a phase is not connected",
    53: "disabled",
    54: "schedule of its own",
    55: "waiting for authentication",
    56: "error",
    57: "error: erratic car",
    100: "error",
}
"""Reasons that nothing we write can end; limits that bind are not among them."""

REASONS: Final[Mapping[int, str]] = {
    0: "fine",
    1: "circuit maximum too low",
    2: "dynamic circuit current too low",
    3: "offline fallback too low",
    4: "circuit fuse too low",
    5: "waiting in the queue",
    6: "waiting in the queue of the fully charged",
    10: "Equalizer current too low",
    25: "limited by the circuit fuse",
    26: "limited by the circuit maximum",
    27: "limited by the dynamic circuit current",
    28: "limited by the Equalizer",
    29: "limited by the circuit's load balancing",
    30: "limited by the offline settings",
    50: "no car",
    51: "charger maximum too low",
    52: "dynamic charger current too low",
    75: "limited by the cable",
    76: "limited by a schedule",
    77: "limited by the charger maximum",
    78: "limited by the dynamic charger current",
    79: "the car does not charge",
    80: "limited by local adjustment",
    81: "limited by the car",
    **HELD,
}

OVERCURRENT: Final = 2048
"""Error code: the car was too slow to follow a cut. Only a replug or a reboot ends it."""

NODE_MASTER: Final = 1

IT_GRIDS: Final = frozenset({4, 5, 32, 33, 34, 35})
"""Observation 21: the line terminals are T2, T3, T4 instead of T3, T4, T5."""

TN2_ON_PIN_5: Final = 30
"""Observation 21: two phases, the second at terminal T5 instead of T4."""

WIRING: Final[Mapping[int, str]] = {
    TN2_ON_PIN_5: "its second phase is at terminal T5 instead of T4",
    31: "its neutral is at terminal T3",
    **dict.fromkeys((32, 33, 34, 35, 37, 38), "it sees a ground fault"),
    36: "it warns of its wiring",
}
"""Observation 21: faults in spite of which it charges."""

WIRED_WRONGLY: Final = frozenset({50, 51, 52})
"""Observation 21: faults with which it charges nobody."""
