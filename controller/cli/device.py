"""`phasewise device`: any command of a device's own interface, and two that every charger has."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated

import typer

from adapters.catalog import Surroundings
from controller.app.equipment import build_chargers, build_vehicles, with_tariff
from controller.cli.declaring import declarations
from controller.cli.device_arguments import arguments_of
from controller.cli.device_help import document, print_help, print_list
from controller.cli.group import command_group
from controller.cli.logs import mute
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import console, plain_table, print_json
from controller.domain.units import ChargerId
from controller.errors import BadRequest, DeviceNonsense, DeviceRefused, DeviceUnreachable, SettingsError
from controller.ports import Command
from controller.settings import Device, Settings
from controller.settings.tree import id_of
from controller.system_clock import SystemClock

app = command_group()

Commands = Mapping[str, Command]


@app.command(
    context_settings={"help_option_names": []}, epilog="Example: phasewise device garage em_current_get"
)
def device(  # noqa: PLR0913 - what can be typed
    context: typer.Context,
    device: Annotated[
        str,
        typer.Argument(metavar="ID", help="A charger or vehicle; left out: list them.", show_default=False),
    ] = "",
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help="What to do; left out: list it all.", show_default=False)
    ] = "",
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="How.", show_default=False)
    ] = None,
    config: Config = DEFAULT_CONFIG,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it although it can do harm.")] = False,
    json: Json = False,
    helps: Annotated[
        bool, typer.Option("--help", help="Show this; behind an ID or a COMMAND: what that takes.")
    ] = False,
) -> None:
    """Call any command of a charger's or vehicle's own interface, or list them.

    `out_of_service` and `in_service` are a person's word that a charger is switched off, or back: what a
    silent charger holds of the fuse is given to others only then.
    """
    mute()
    if helps and not device:
        typer.echo(context.get_help())
        return
    settings = load_settings(config)
    if not device:
        _print_devices(settings, json=json)
    elif not command:
        _print_list(settings, device, json=json)
    elif helps:
        _print_help(device, _command(settings, device, command), json=json)
    else:
        _call(device, _command(settings, device, command), arguments or [], yes=yes)


def _print_devices(settings: Settings, *, json: bool) -> None:
    chargers = [{"id": charger.id, "kind": charger.kind} for charger in settings.chargers]
    vehicles = [
        {"id": name, "kind": car.kind, "charger": str(where)}
        for name, (car, where) in _vehicles(settings).items()
    ]
    if json:
        print_json([*chargers, *vehicles])
        return
    table = plain_table("device", "kind", "its commands")
    for one in (*chargers, *vehicles):
        where = f", at {one['charger']}" if "charger" in one else ""
        table.add_row(one["id"], f"{one['kind']}{where}", f"phasewise device {one['id']}")
    console().print(table, markup=False)


def _print_list(settings: Settings, device: str, *, json: bool) -> None:
    if device not in _known(settings):
        raise _unknown(settings, device)
    own, common = _own(settings, device), _common(settings, device)
    if json:
        print_json([document(command) for command in (*own.values(), *common.values())])
    else:
        print_list(device, own, common)


def _print_help(device: str, command: Command, *, json: bool) -> None:
    if json:
        print_json(document(command))
    else:
        print_help(device, command)


def _call(device: str, command: Command, given: Sequence[str], *, yes: bool) -> None:
    """Call it and print its answer."""
    values = arguments_of(command, given)
    if command.dangerous and not yes:
        raise SettingsError(
            "command line", command.name, None, f"expected --yes, for it can do harm: {command.says}"
        )
    answer = asyncio.run(_answered(device, command, values))
    print_json(answer if isinstance(answer, dict | list) else {"answer": answer})


async def _answered(device: str, command: Command, values: Mapping[str, object]) -> object:
    """Await the answer; an error names the device."""
    try:
        return await command.call(**values)
    except BadRequest as error:
        raise BadRequest(f"{device}: {error}", error.code) from error
    except DeviceRefused as error:
        raise DeviceRefused(f"{device}: {error}", error.code) from error
    except DeviceUnreachable as error:
        raise DeviceUnreachable(f"{device}: {error}") from error
    except DeviceNonsense as error:
        raise DeviceNonsense(f"{device}: {error}") from error


def _command(settings: Settings, device: str, name: str) -> Command:
    """Find a command; a charger that left the configuration can still be declared."""
    common = _common(settings, device)
    if name in common:
        return common[name]
    if device not in _known(settings):
        raise _unknown(settings, device)
    known = {**_own(settings, device), **common}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"`phasewise device {device}` lists them"
    raise SettingsError("command line", "command", name, f"expected a command of {device}; {hint}")


def _own(settings: Settings, device: str) -> Commands:
    """List the commands of its own interface; nothing is connected for that."""
    surroundings = with_tariff(settings, Surroundings(clock=SystemClock(), site=settings.site))
    cars = tuple(car for car in settings.vehicles if car.id == device and car.device is not None)
    if cars:
        return build_vehicles(replace(settings, vehicles=cars), surroundings)[0].commands
    alone = tuple(charger for charger in settings.chargers if charger.id == device)
    return build_chargers(replace(settings, chargers=alone), surroundings)[0].commands


def _common(settings: Settings, device: str) -> Commands:
    """List what every charger has, also one that left the configuration."""
    is_other = _is_meter(settings, device) or device in _vehicles(settings)
    return {} if is_other else declarations(settings, device)


def _known(settings: Settings) -> list[str]:
    return [*(charger.id for charger in settings.chargers), *_vehicles(settings)]


def _vehicles(settings: Settings) -> dict[str, tuple[Device, ChargerId]]:
    """List the cars that are devices themselves, and where they stand."""
    return {car.id: (car.device, car.charger) for car in settings.vehicles if car.device is not None}


def _is_meter(settings: Settings, device: str) -> bool:
    return any(meter.id == device for meter in settings.meters)


def _unknown(settings: Settings, device: str) -> SettingsError:
    expected = f"expected {id_of('charger', device, _known(settings))}"
    if _is_meter(settings, device):
        expected = "expected a charger: meters have no commands"
    elif any(car.id == device for car in settings.vehicles):
        expected = "expected a vehicle with a kind: this one tells nothing itself"
    return SettingsError("command line", "device", device, expected)
