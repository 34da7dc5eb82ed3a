"""Every command of a Tesla, in each of its dialects."""

from functools import partial
from typing import Final

from simulator.chargers.tesla import TeslaTwin
from simulator.chargers.tesla_commands import BLUETOOTH
from tests.device_commands.case import Case, holds

DOCUMENT: Final = {
    "charge_port_door_open": "charge_port_door_open",
    "charge_port_door_close": "charge_port_door_close",
    "charge_start": "charge_start",
    "charge_stop": "charge_stop",
    "charge_standard": "charge_standard",
    "charge_max_range": "charge_max_range",
    "set_charge_limit": "set_charge_limit",
    "set_charging_amps": "set_charging_amps",
    "set_scheduled_charging": "set_scheduled_charging",
    "set_scheduled_departure": "set_scheduled_departure",
}
"""The commands of "Charging", and their names here."""

DEPARTURE: Final = {
    "departure_time": 540,
    "off_peak_charging_enabled": True,
    "end_off_peak_time": 450,
}


def plugged(twin: TeslaTwin, *, charges: bool = False, opened: bool = True) -> TeslaTwin:
    """Connect a car that charges up to 60 %, or waits."""
    twin.plug_in("a car")
    twin.car.enabled, twin.car.port_open, twin.car.limit_pct = charges, opened, 60
    return twin


def _departs(twin: TeslaTwin) -> bool:
    car = twin.car
    return car.departure.get("enable") is True and DEPARTURE.items() <= car.departure.items()


_done: Final = partial(Case[TeslaTwin], before=plugged, answered=holds(outcome="done"))

COMMANDS: Final[tuple[Case[TeslaTwin], ...]] = (
    _done(
        command="charge_port_door_open",
        before=lambda twin: plugged(twin, opened=False),
        acted=lambda twin: twin.car.port_open,
    ),
    _done(command="charge_port_door_close", acted=lambda twin: not twin.car.port_open),
    _done(command="charge_start", acted=lambda twin: twin.car.offered_a > 0.0),
    _done(
        command="charge_stop",
        before=lambda twin: plugged(twin, charges=True),
        acted=lambda twin: twin.car.offered_a == 0.0,
    ),
    _done(command="charge_standard", acted=lambda twin: twin.car.limit_pct == twin.car.standard_pct),
    _done(command="charge_max_range", acted=lambda twin: twin.car.limit_pct == 100),
    _done(
        command="set_charge_limit",
        arguments={"percent": 75},
        acted=lambda twin: twin.car.limit_pct == 75,
    ),
    _done(
        command="set_charging_amps",
        arguments={"charging_amps": 9},
        acted=lambda twin: twin.car.request_a == 9,
    ),
    _done(
        command="set_scheduled_charging",
        arguments={"enable": True, "time": 1410},
        acted=lambda twin: twin.car.scheduled_min == 1410,
    ),
    _done(command="set_scheduled_departure", arguments=DEPARTURE, acted=_departs),
)

QUESTIONS: Final[tuple[Case[TeslaTwin], ...]] = (
    Case(
        command="wake_up",
        before=lambda twin: twin.car.sleep(),
        answered=holds(presence="online"),
        acted=lambda twin: twin.car.is_online,
    ),
    Case(
        command="state",
        before=plugged,
        answered=holds(presence="online", charging_state="Stopped", charge_limit_pct=60),
    ),
    Case(
        command="vehicle",
        answered=lambda told: (
            "online" in told.values() or told == {"vehicleSleepStatus": "VEHICLE_SLEEP_STATUS_AWAKE"}
        ),
    ),
    Case(
        command="vehicle_data",
        before=plugged,
        answered=lambda told: told["charge_state"]["charge_limit_soc"] == 60,
    ),
    Case(
        command="calls",
        first=("charge_port_door_close", "vehicle"),
        before=plugged,
        answered=lambda told: told["calls"]["command"] == 1,
    ),
)
"""Beyond the document."""

CASES: Final = (*COMMANDS, *QUESTIONS)
NOT_OVER_BLUETOOTH: Final = {case.command: case for case in COMMANDS if case.command not in BLUETOOTH}
OVER_BLUETOOTH: Final = tuple(case for case in CASES if case.command not in NOT_OVER_BLUETOOTH)
