"""Reasons: why a charger gets what it gets, as a code, numbers, and one sentence."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Everything that can shape a share. Stable names: journals and topics carry them."""

    WANTED = "wanted"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    NO_CAR = "no_car"
    NOT_DRAWING = "not_drawing"
    FULL_POWER = "full_power"
    OFF = "off"
    SURPLUS = "surplus"
    SURPLUS_LOW = "surplus_low"
    SURPLUS_WAIT = "surplus_wait"
    SURPLUS_HOLD = "surplus_hold"
    SURPLUS_UNKNOWN = "surplus_unknown"
    BATTERY_FIRST = "battery_first"
    PRICE = "price"
    PRICE_HIGH = "price_high"
    PRICE_UNKNOWN = "price_unknown"
    PLANNED = "planned"
    PLANNED_LATER = "planned_later"
    PLAN_UNREACHABLE = "plan_unreachable"
    ENERGY_DONE = "energy_done"
    PHASE_BALANCE = "phase_balance"
    PERSON = "person"
    BOOST = "boost"
    OPERATOR_CAP = "operator_cap"
    CIRCUIT = "circuit"
    CIRCUIT_POWER = "circuit_power"
    IMBALANCE = "imbalance"
    LIMITER = "limiter"
    RESERVE = "reserve"
    BUDGET = "budget"
    PRIORITY = "priority"
    SCARCITY = "scarcity"
    STEP = "step"
    METER_SILENT = "meter_silent"
    CHARGER_SILENT = "charger_silent"
    OUT_OF_SERVICE = "out_of_service"
    DEVICE_HOLDS = "device_holds"
    DEVICE_CEILING = "device_ceiling"
    URGENT = "urgent"
    WAITS_FOR_ROOM = "waits_for_room"
    WAITS_FOR_DWELL = "waits_for_dwell"
    WAITS_FOR_ANSWER = "waits_for_answer"
    OTHER_CONTROLLER = "other_controller"
    OVERDRAW = "overdraw"
    NO_RECORD = "no_record"
    MODE_UNKNOWN = "mode_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that shaped a share."""

    code: Code
    by: str
    """Who: a policy, circuit, budget, device, or `request`."""
    current_a: float | None = None
    """The current that this reason leaves to the charger."""
    phase: int | None = None
    """The grid phase, where one phase binds."""
    value: float | None = None
    """The number judged: W of surplus, price per kWh, s of waiting, Wh to go."""
    needed: float | None = None
    """The number that would lift it, in the same unit."""
