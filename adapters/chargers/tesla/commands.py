"""Every command of a Tesla for `phasewise device ID COMMAND KEY=VALUE`."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

from adapters.chargers.tesla.answers import ChargeState, Presence, VehicleData
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.looking import known_now
from adapters.chargers.tesla.outcomes import CommandResult
from adapters.chargers.tesla.replies import error_of
from adapters.chargers.tesla.state import Home, is_here
from controller.errors import CredentialsError, DeviceError
from controller.ports import Argument, Command

_PAST_THE_LEDGER: Final = "; past the controller, which will write its own limit again"
_SHARED: Final = "every program that names the same usage_file"
_ALONE: Final = "this program alone: there is no usage_file; `phasewise status` tells what the daemon counted"
_MINUTES: Final = "minutes after local midnight"
_MAY_ADD: Final = "; newer cars may add another schedule instead of changing theirs"


def commands(client: TeslaClient, home: Home, *, limits_itself: bool = True) -> dict[str, Command]:
    """List them by name; what goes past the ledger is dangerous only where the car limits itself."""
    past = _PAST_THE_LEDGER if limits_itself else ""
    charging = (*_plain(client), *_charging(client, past), *_limits(client, past), *_schedules(client))
    listed = (*charging, *_questions(client, home))
    return {command.name: command for command in sorted(listed, key=lambda command: command.name)}


def _plain(client: TeslaClient) -> tuple[Command, ...]:
    return (
        Command(
            name="charge_port_door_open",
            says="open the charge port, or unlatch the cable",
            call=_judged(client.charge_port_door_open),
            dangerous=True,
        ),
        Command(
            name="charge_port_door_close",
            says="close a charge port that has a motor",
            call=_judged(client.charge_port_door_close),
        ),
        Command(
            name="charge_standard",
            says="set the charge limit to the car's own standard, 80 or 90 %",
            call=_judged(client.charge_standard, _goal_of(client)),
        ),
        Command(
            name="charge_max_range",
            says="set the charge limit to 100 %",
            call=_judged(client.charge_max_range, _goal_of(client)),
        ),
    )


def _charging(client: TeslaClient, past: str) -> tuple[Command, ...]:
    persons = ", as a person does; the controller will not end it while it allows charging" if past else ""
    return (
        Command(
            name="charge_start",
            says=f"start charging{past}",
            call=_judged(client.charge_start),
            dangerous=bool(past),
        ),
        Command(name="charge_stop", says=f"stop charging{persons}", call=_judged(client.charge_stop)),
    )


def _limits(client: TeslaClient, past: str) -> tuple[Command, ...]:
    return (
        Command(
            name="set_charge_limit",
            says="set up to where it charges",
            call=_judged(client.set_charge_limit, _goal_of(client)),
            arguments=(Argument(name="percent", kind=int, says="50 to 100"),),
        ),
        Command(
            name="set_charging_amps",
            says=f"set the most that it draws on each phase{past}",
            call=_judged(client.set_charging_amps, _cap_of(client)),
            arguments=(Argument(name="charging_amps", kind=int, says="0 to 80"),),
            dangerous=bool(past),
        ),
    )


def _schedules(client: TeslaClient) -> tuple[Command, ...]:
    def switch(name: str, says: str) -> Argument:
        return Argument(name=name, kind=bool, says=says, required=False)

    return (
        Command(
            name="set_scheduled_charging",
            says=f"set when charging starts{_MAY_ADD}",
            call=_judged(client.set_scheduled_charging),
            arguments=(
                Argument(name="enable", kind=bool, says="on or off"),
                Argument(name="time", kind=int, says=f"{_MINUTES}, to enable it", required=False),
            ),
        ),
        Command(
            name="set_scheduled_departure",
            says=f"set when it has to be ready{_MAY_ADD}",
            call=_judged(client.set_scheduled_departure),
            arguments=(
                Argument(name="departure_time", kind=int, says=_MINUTES),
                switch("enable", "on or off; left out, on if one of the two parts is"),
                switch("preconditioning_enabled", "warm or cool it for the departure"),
                switch("preconditioning_weekdays_only", "on weekdays alone"),
                switch("off_peak_charging_enabled", "charge at cheap hours"),
                switch("off_peak_charging_weekdays_only", "on weekdays alone"),
                Argument(
                    name="end_off_peak_time",
                    kind=int,
                    says=f"when cheap hours end, {_MINUTES}",
                    required=False,
                ),
            ),
        ),
    )


def _questions(client: TeslaClient, home: Home) -> tuple[Command, ...]:
    async def wake_up() -> object:
        return {"presence": (await client.wake_up()).value}

    async def state() -> object:
        return _state(*await known_now(client, home), home)

    async def calls() -> object:
        budget = client.exchange.budget
        return asdict(budget.usage) | {"of": _SHARED if budget.is_shared else _ALONE}

    return (
        Command(name="wake_up", says=f"wake it; answers {_presences()}; billed", call=wake_up),
        Command(
            name="state",
            says="whether it is awake and here, its state of charge and currents, unless it sleeps; billed",
            call=state,
        ),
        Command(name="vehicle", says="what is known without asking the car", call=client.vehicle),
        Command(
            name="vehicle_data",
            says="its charging state, unless it sleeps; billed",
            call=client.raw_vehicle_data,
        ),
        Command(name="calls", says="calls counted this month and what they cost", call=calls),
    )


def _presences() -> str:
    return ", ".join(Presence)


def _state(presence: Presence, vehicle: VehicleData | None, home: Home) -> dict[str, object]:
    charge = ChargeState() if vehicle is None else vehicle.charge
    return {
        "presence": presence.value,
        "here": None if vehicle is None else is_here(vehicle, home),
        "charging_state": charge.charging_state,
        "soc_pct": charge.soc_pct,
        "charge_limit_pct": charge.limit_pct,
        "charging_amps": charge.request_a,
        "draw_a": charge.actual_a,
        "offered_a": charge.pilot_a,
        "version": None if vehicle is None else vehicle.version,
    }


ReadBack = Callable[[], Awaitable[dict[str, object]]]
"""What the car says after it took a command; that may be less than it was told."""


def _goal_of(client: TeslaClient) -> ReadBack:
    async def goal() -> dict[str, object]:
        return {"charge_limit_pct": (await client.vehicle_data()).charge.limit_pct}

    return goal


def _cap_of(client: TeslaClient) -> ReadBack:
    async def cap() -> dict[str, object]:
        return {"charging_amps": (await client.vehicle_data()).charge.request_a}

    return cap


def _judged(
    call: Callable[..., Awaitable[CommandResult]], read_back: ReadBack | None = None
) -> Callable[..., Awaitable[object]]:
    """Turn a typed outcome into what JSON can hold; one that is not good into our errors."""

    async def judged(**arguments: object) -> object:
        result = await call(**arguments)
        if not result.outcome.is_good:
            raise error_of(result)
        told = {"outcome": result.outcome.value, "reason": result.reason}
        return told if read_back is None else {**told, **await _unless_lost(read_back)}

    return judged


async def _unless_lost(read_back: ReadBack) -> dict[str, object]:
    """Read back; the command was taken all the same if that fails."""
    try:
        return await read_back()
    except (DeviceError, CredentialsError) as error:
        return {"read_back": str(error)}
