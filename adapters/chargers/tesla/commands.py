"""Every command of a Tesla for `phasewise device ID COMMAND KEY=VALUE`."""

from collections.abc import Awaitable, Callable
from typing import Final

from adapters.chargers.tesla.answers import Presence
from adapters.chargers.tesla.client import TeslaClient
from adapters.chargers.tesla.outcomes import CommandResult
from adapters.chargers.tesla.replies import error_of
from controller.ports import Argument, Command

_PAST_THE_LEDGER: Final = "; past the controller, which will write its own limit again"
_MINUTES: Final = "minutes after local midnight"
_MAY_ADD: Final = "; newer cars may add another schedule instead of changing theirs"


def commands(client: TeslaClient) -> dict[str, Command]:
    """List them by name."""
    listed = (*_plain(client), *_limits(client), *_schedules(client), *_questions(client))
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
            name="charge_start",
            says=f"start charging{_PAST_THE_LEDGER}",
            call=_judged(client.charge_start),
            dangerous=True,
        ),
        Command(
            name="charge_stop",
            says="stop charging, as a person does; the controller will not end it while it allows charging",
            call=_judged(client.charge_stop),
        ),
        Command(
            name="charge_standard",
            says="set the charge limit to the car's own standard, 80 or 90 %",
            call=_judged(client.charge_standard),
        ),
        Command(
            name="charge_max_range",
            says="set the charge limit to 100 %",
            call=_judged(client.charge_max_range),
        ),
    )


def _limits(client: TeslaClient) -> tuple[Command, ...]:
    return (
        Command(
            name="set_charge_limit",
            says="set up to where it charges",
            call=_judged(client.set_charge_limit),
            arguments=(Argument(name="percent", kind=int, says="50 to 100"),),
        ),
        Command(
            name="set_charging_amps",
            says=f"set the most that it draws on each phase{_PAST_THE_LEDGER}",
            call=_judged(client.set_charging_amps),
            arguments=(Argument(name="charging_amps", kind=int, says="0 to 80"),),
            dangerous=True,
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


def _questions(client: TeslaClient) -> tuple[Command, ...]:
    async def wake_up() -> object:
        return {"presence": (await client.wake_up()).value}

    async def calls() -> object:
        budget = client.exchange.budget
        return {
            "calls": {kind.value: count for kind, count in budget.counts.items()},
            "cost_usd": round(budget.cost_usd, 3),
            "estimate_usd": round(budget.estimate_usd, 2),
        }

    return (
        Command(name="wake_up", says=f"wake it; answers {_presences()}; billed", call=wake_up),
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


def _judged(call: Callable[..., Awaitable[CommandResult]]) -> Callable[..., Awaitable[object]]:
    """Turn a typed outcome into what JSON can hold; one that is not good into our errors."""

    async def judged(**arguments: object) -> object:
        result = await call(**arguments)
        if not result.outcome.is_good:
            raise error_of(result)
        return {"outcome": result.outcome.value, "reason": result.reason}

    return judged
