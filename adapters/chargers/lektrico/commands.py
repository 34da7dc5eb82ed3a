"""Every command of a Lektri.co charger for `phasewise device ID COMMAND KEY=VALUE`."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Final

from adapters.chargers.lektrico.client import LektricoClient
from adapters.chargers.lektrico.errors import WrongTypeError
from adapters.chargers.lektrico.keys import APP_KEYS, app_key
from adapters.chargers.lektrico.schedule import schedule
from controller.ports import Argument, Command

_PAST_THE_LEDGER: Final = "; past the controller, which will write its own limit again"

_QUESTIONS: Final[Mapping[str, str]] = {
    "app_config_get": "every configuration key",
    "charger_info_get": "state, session, currents, voltages",
    "sw_version_get": "firmware",
    "logged_errors_get": "errors since they were last reset",
    "active_errors_get": "errors that hold now",
    "wifi_status_get": "its network",
    "system_currents_get": "every limit; the smallest rules",
    "counters_config_get": "counters: time, sessions, energy, restarts",
    "device_info_get": "who it is",
    "charging_schedule_get": "its weekly schedule",
    "em_current_get": "the limit that the controller writes",
    "em_status_get": "whether its energy manager counts as offline",
    "dynamic_current_get": "the dynamic limit and the relay mode",
    "device_id_get": "type and serial number",
}

_ACTIONS: Final[Mapping[str, str]] = {
    "charge_stop": "stop charging remotely",
    "logged_errors_reset": "forget the logged errors",
    "charge_pause": "pause charging, as a person does; the controller will not end it",
    "charge_resume": "resume after a pause",
    "charging_schedule_override": "ignore the schedule until the car leaves",
}

_DANGEROUS: Final[Mapping[str, str]] = {
    "device_reset": "restart it once the session has ended; its limit may rise",
    "ota_verify": "look for new firmware and install it",
    "factory_reset": "reset everything to factory settings",
}

_INTERVALS: Final = (
    "JSON list of {start_d, start_h, start_m, end_d, end_h, end_m, current}; day 1 is Monday, "
    "current 0 or 6 to 32"
)


def commands(client: LektricoClient) -> dict[str, Command]:
    """List them by name."""
    questions = [
        Command(name=name, says=says, call=_shown(getattr(client, name))) for name, says in _QUESTIONS.items()
    ]
    actions = [_action(client, name, says, dangerous=False) for name, says in _ACTIONS.items()]
    dangerous = [_action(client, name, says, dangerous=True) for name, says in _DANGEROUS.items()]
    listed = (*questions, *actions, *dangerous, *_with_arguments(client))
    return {command.name: command for command in sorted(listed, key=lambda command: command.name)}


def _action(client: LektricoClient, name: str, says: str, *, dangerous: bool) -> Command:
    return Command(name=name, says=says, call=_done(getattr(client, name)), dangerous=dangerous)


def _with_arguments(client: LektricoClient) -> tuple[Command, ...]:
    return (
        Command(
            name="charge_start",
            says="start charging remotely",
            call=_done(client.charge_start),
            arguments=(Argument(name="tag", kind=str, says="name of a tag", required=False),),
        ),
        _app_config_set(client),
        Command(
            name="ap_password_set",
            says="set the password of its access point",
            call=_done(client.ap_password_set),
            arguments=(Argument(name="password", kind=str, says="8 to 63 characters; empty removes it"),),
            dangerous=True,
        ),
        _schedule_set(client),
        *_limits(client),
    )


def _limits(client: LektricoClient) -> tuple[Command, ...]:
    limit = Argument(name="limit_a", kind=float, says="0 pauses; 6 to 32")
    relay = Argument(
        name="relay_mode", kind=int, says="3P22K: phases that its relays connect, 1 or 3", required=False
    )
    return (
        Command(
            name="em_current_set",
            says=f"set the energy manager's limit{_PAST_THE_LEDGER}",
            call=_done(client.em_current_set),
            arguments=(limit,),
            dangerous=True,
        ),
        Command(
            name="dynamic_current_set",
            says=f"set the dynamic limit{_PAST_THE_LEDGER}",
            call=_done(client.dynamic_current_set),
            arguments=(limit, relay),
            dangerous=True,
        ),
    )


def _app_config_set(client: LektricoClient) -> Command:
    async def app_config_set(key: str, value: str) -> object:
        await client.app_config_set(key, app_key(key).from_text(key, value))
        return True

    keys = "\n".join(f"{name}: {key.says}{key.span}" for name, key in APP_KEYS.items())
    return Command(
        name="app_config_set",
        says="set a configuration key, kept in flash",
        call=app_config_set,
        arguments=(
            Argument(name="key", kind=str, says=f"which key; app_config_get lists them\n{keys}"),
            Argument(name="value", kind=str, says="its new value"),
        ),
        dangerous=True,
    )


def _schedule_set(client: LektricoClient) -> Command:
    async def charging_schedule_set(intervals: str) -> object:
        try:
            given = json.loads(intervals)
        except ValueError as error:
            raise WrongTypeError(f"intervals: expected {_INTERVALS}", -5) from error
        await client.charging_schedule_set(schedule(given))
        return True

    return Command(
        name="charging_schedule_set",
        says="set its weekly schedule",
        call=charging_schedule_set,
        arguments=(Argument(name="intervals", kind=str, says=_INTERVALS),),
    )


def _done(call: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[object]]:
    """Say `true` once the charger did what it was told."""

    async def done(**arguments: object) -> object:
        await call(**arguments)
        return True

    return done


def _shown(call: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """Turn what a question was answered into what JSON can hold; what was not told is null."""

    async def shown(**arguments: object) -> object:
        return _plain_value(await call(**arguments))

    return shown


def _plain_value(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain_value(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value
