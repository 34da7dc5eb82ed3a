"""`phasewise device`: any command of a device's own interface, and two that every charger has."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from adapters.catalog import Surroundings
from controller.app.equipment import build_chargers
from controller.cli.declaring import declarations
from controller.cli.group import command_group
from controller.cli.logs import quiet
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import console, plain_table, print_json
from controller.errors import SettingsError
from controller.ports import Argument, Command
from controller.settings import Settings
from controller.settings.tree import id_of
from controller.system_clock import SystemClock

app = command_group()

_KINDS = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}
_YES = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


@app.command(epilog="Example: phasewise device garage em_current_get")
def device(
    device: Annotated[str, typer.Argument(help="The charger's id.", show_default=False)],
    command: Annotated[
        str | None, typer.Argument(help="Which command; left out: list them.", show_default=False)
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Its arguments.", show_default=False)
    ] = None,
    config: Config = DEFAULT_CONFIG,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it although it is dangerous.")] = False,
    json: Json = False,
) -> None:
    """Call any command of a charger's own interface, or list them.

    `out_of_service` and `in_service` are a person's word that a charger is switched off, or back: what a
    silent charger holds of the fuse is given to others only then.
    """
    quiet()
    settings = load_settings(config)
    _refuse_unknown(settings, device)
    if command is None:
        _list(asyncio.run(_commands(settings, device)), json=json)
        return
    answer = asyncio.run(_called(settings, device, command, arguments or [], yes=yes))
    print_json(answer if isinstance(answer, dict | list) else {"answer": answer})


async def _called(
    settings: Settings, device: str, name: str, arguments: Sequence[str], *, yes: bool
) -> object:
    commands = await _commands(settings, device)
    if name not in commands:
        raise SettingsError("command line", "command", name, f"expected {id_of('command', name, commands)}")
    command = commands[name]
    values = arguments_of(command, arguments)
    if command.dangerous and not yes:
        raise SettingsError(
            "command line", name, None, f"expected --yes, for it is dangerous: {command.says}"
        )
    return await command.call(**values)


def _refuse_unknown(settings: Settings, device: str) -> None:
    """Say at once what is no charger; one that left the configuration can still be declared."""
    if any(meter.id == device for meter in settings.meters):
        raise SettingsError("command line", "device", device, "expected a charger: meters have no commands")


async def _commands(settings: Settings, device: str) -> Mapping[str, Command]:
    """List the charger's own commands, and those that every charger has."""
    own: Mapping[str, Command] = {}
    chargers = tuple(known for known in settings.chargers if known.id == device)
    if chargers:
        surroundings = Surroundings(clock=SystemClock(), site=settings.site)
        own = build_chargers(replace(settings, chargers=chargers), surroundings)[0].commands
    return {**own, **declarations(settings, device)}


def arguments_of(command: Command, given: Sequence[str]) -> dict[str, object]:
    """Turn `KEY=VALUE` texts into the typed arguments of a command.

    Raises:
        SettingsError: a key is unknown, missing or given twice, or a value is not of its type.
    """
    known = {argument.name: argument for argument in command.arguments}
    values: dict[str, object] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or key not in known or key in values:
            keys = ", ".join(f"{name}=..." for name in known) or "no arguments"
            raise SettingsError("command line", command.name, text, f"expected {keys}, each once")
        values[key] = _value(known[key], value)
    for name, argument in known.items():
        if argument.required and name not in values:
            raise SettingsError("command line", name, None, f"expected {name}=...: {argument.says}")
    return values


def _value(argument: Argument, text: str) -> object:
    try:
        return _YES[text.lower()] if argument.kind is bool else argument.kind(text)
    except (KeyError, ValueError) as error:
        expected = _KINDS.get(argument.kind, "another value")
        raise SettingsError(
            "command line", argument.name, text, f"expected {expected}: {argument.says}"
        ) from error


def _list(commands: Mapping[str, Command], *, json: bool) -> None:
    if json:
        print_json([_document(command) for command in commands.values()])
        return
    table = plain_table("command", "arguments", "does")
    for command in commands.values():
        arguments = " ".join(_usage(argument) for argument in command.arguments)
        table.add_row(command.name, arguments, command.says + (" (needs --yes)" if command.dangerous else ""))
    console().print(table, markup=False)


def _usage(argument: Argument) -> str:
    usage = f"{argument.name}={argument.kind.__name__.upper()}"
    return usage if argument.required else f"[{usage}]"


def _document(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "says": command.says,
        "dangerous": command.dangerous,
        "arguments": [
            {
                "name": argument.name,
                "type": argument.kind.__name__,
                "says": argument.says,
                "required": argument.required,
            }
            for argument in command.arguments
        ],
    }
