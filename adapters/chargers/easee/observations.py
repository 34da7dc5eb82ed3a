"""Observations of an Easee charger: ids, names, types. An Equalizer counts in an id space of its own."""

import math
from collections.abc import Mapping
from typing import Final

B, D, I, S = "boolean", "double", "integer", "string"  # noqa: E741 - the columns of the table below

Value = bool | int | float | str

NAMES: Final[Mapping[int, tuple[str, str]]] = {
    11: ("ChargerOfflineReason", I),
    20: ("SiteStructure", S),
    21: ("DetectedPowerGridType", I),
    22: ("CircuitMaxCurrentP1", D),
    23: ("CircuitMaxCurrentP2", D),
    24: ("CircuitMaxCurrentP3", D),
    30: ("LockCablePermanently", B),
    31: ("IsEnabled", B),
    34: ("SinglePhaseNumber", I),
    37: ("EnableIdleCurrent", B),
    38: ("PhaseMode", I),
    39: ("ForcedThreePhaseOnITWithGndFault", B),
    42: ("AuthorizationRequired", B),
    45: ("OfflineChargingMode", I),
    46: ("LEDMode", I),
    47: ("MaxChargerCurrent", D),
    48: ("DynamicChargerCurrent", D),
    50: ("MaxCurrentOfflineFallback_P1", I),
    51: ("MaxCurrentOfflineFallback_P2", I),
    52: ("MaxCurrentOfflineFallback_P3", I),
    56: ("ListenToControlPulse", B),
    57: ("ControlPulseRTT", I),
    62: ("ChargingSchedule", S),
    65: ("PairedEqualizer", S),
    70: ("CircuitTotalAllocatedPhaseConductorCurrent_L1", D),
    71: ("CircuitTotalAllocatedPhaseConductorCurrent_L2", D),
    72: ("CircuitTotalAllocatedPhaseConductorCurrent_L3", D),
    73: ("CircuitTotalPhaseConductorCurrent_L1", D),
    74: ("CircuitTotalPhaseConductorCurrent_L2", D),
    75: ("CircuitTotalPhaseConductorCurrent_L3", D),
    76: ("NumberOfCarsConnected", I),
    77: ("NumberOfCarsCharging", I),
    78: ("NumberOfCarsInQueue", I),
    79: ("NumberOfCarsFullyCharged", I),
    80: ("SoftwareRelease", I),
    89: ("RebootReason", I),
    96: ("ReasonForNoCurrent", I),
    97: ("LoadBalancingNumberOfConnectedChargers", I),
    99: ("LocalConnection", I),
    100: ("PilotMode", S),
    102: ("SmartCharging", B),
    103: ("CableLocked", B),
    104: ("CableRating", D),
    107: ("BackPlateID", S),
    108: ("UserIDTokenReversed", S),
    109: ("ChargerOpMode", I),
    110: ("OutputPhase", I),
    111: ("DynamicCircuitCurrentP1", D),
    112: ("DynamicCircuitCurrentP2", D),
    113: ("DynamicCircuitCurrentP3", D),
    114: ("OutputCurrent", D),
    115: ("DeratedCurrent", D),
    116: ("DeratingActive", B),
    118: ("ErrorString", S),
    119: ("ErrorCode", I),
    120: ("TotalPower", D),
    121: ("SessionEnergy", D),
    122: ("EnergyPerHour", D),
    124: ("LifetimeEnergy", D),
    128: ("UserIDToken", S),
    129: ("ChargingSession", S),
    130: ("CellRSSI", I),
    132: ("WiFiRSSI", I),
    136: ("LocalRSSI", I),
    137: ("MasterBackPlateID", S),
    141: ("ChargerRAT", I),
    146: ("LocalNodeType", I),
    150: ("TempMax", D),
    182: ("InCurrent_T2", D),
    183: ("InCurrent_T3", D),
    184: ("InCurrent_T4", D),
    185: ("InCurrent_T5", D),
    190: ("InVolt_T1_T2", D),
    191: ("InVolt_T1_T3", D),
    192: ("InVolt_T1_T4", D),
    193: ("InVolt_T1_T5", D),
    194: ("InVolt_T2_T3", D),
    195: ("InVolt_T2_T4", D),
    196: ("InVolt_T2_T5", D),
    197: ("InVolt_T3_T4", D),
    198: ("InVolt_T3_T5", D),
    199: ("InVolt_T4_T5", D),
    202: ("OutVoltPin1_2", D),
    203: ("OutVoltPin1_3", D),
    204: ("OutVoltPin1_4", D),
    205: ("OutVoltPin1_5", D),
    206: ("OutVoltPin2_3", D),
    219: ("FatalErrorCode", I),
    223: ("ChargingSessionStart", S),
    230: ("EqAvailableCurrentP1", D),
    231: ("EqAvailableCurrentP2", D),
    232: ("EqAvailableCurrentP3", D),
    250: ("ConnectedToCloud", B),
    251: ("CloudDisconnectReason", S),
}

GRID_TYPE: Final = 21
CIRCUIT_MAX: Final = (22, 23, 24)
MAX_CHARGER: Final = 47
DYNAMIC_CHARGER: Final = 48
OFFLINE_FALLBACK: Final = (50, 51, 52)
SOFTWARE: Final = 80
REBOOT_REASON: Final = 89
NO_CURRENT: Final = 96
CABLE_RATING: Final = 104
BACK_PLATE, MASTER_BACK_PLATE, NODE_TYPE = 107, 137, 146
OP_MODE: Final = 109
DYNAMIC_CIRCUIT: Final = (111, 112, 113)
OUTPUT_CURRENT: Final = 114
DERATED, DERATING = 115, 116
ERROR_STRING, ERROR_CODE, FATAL_ERROR = 118, 119, 219
TOTAL_POWER, SESSION_ENERGY = 120, 121
IN_CURRENT: Final = (182, 183, 184, 185)
SESSION_START: Final = 223
EQUALIZER: Final = (230, 231, 232)
CONNECTED: Final = 250

_FLAGS: Final = {"1": True, "true": True, "0": False, "false": False}


def decoded(id_: int, raw: object) -> Value | None:
    """Read a value in its id's type, whether it came as JSON's own or as text; `None`: it cannot be read.

    An id that is not known keeps whatever plain value it has.

    >>> decoded(48, "13"), decoded(48, 13), decoded(250, "1"), decoded(109, True), decoded(9999, "?")
    (13.0, 13.0, True, None, '?')
    """
    kind = NAMES.get(id_, ("", ""))[1]
    if kind == B:
        return _flag(raw)
    if kind in (D, I):
        return _number(raw, whole=kind == I)
    return raw if isinstance(raw, bool | int | float | str) else None


def _flag(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str | int):
        return _FLAGS.get(str(raw).strip().lower())
    return None


def _number(raw: object, *, whole: bool) -> float | int | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(value):
        return None
    return int(value) if whole else value
