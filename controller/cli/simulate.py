"""`phasewise simulate`: a twin for every device of a configuration, on loopback."""

import asyncio
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from controller.cli.ending import until_signalled
from controller.cli.group import command_group
from controller.cli.logs import quiet
from controller.cli.options import DEFAULT_CONFIG, Config, load_settings
from controller.cli.times import instant_in
from controller.errors import DeviceUnreachable
from controller.settings import Settings
from controller.system_clock import SystemClock
from simulator.clock import ScaledClock
from simulator.garage import cars_of
from simulator.house.house import House
from simulator.house.presets import house_for
from simulator.rewriting import rewritten, toml_text
from simulator.stage import Stage

app = command_group()

_STEP_S = 0.1
_LOOK_S = 0.5


@app.command(epilog="Example: phasewise simulate -c config.example.toml --speed 10")
def simulate(
    config: Config = DEFAULT_CONFIG,
    seed: Annotated[int, typer.Option(help="Which household, clouds and cars.")] = 1,
    base_load: Annotated[
        Path | None,
        typer.Option(help="Replay this CSV instead of an invented household.", show_default=False),
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="How fast the house lives.")] = 1.0,
    at: Annotated[
        str | None,
        typer.Option(help="Begin the house's day then: 12:00, or RFC 3339 for a season; default: now."),
    ] = None,
) -> None:
    """Start a simulated twin for every device of a configuration, around a plausible house, until Ctrl-C.

    Twins take the configured addresses where those are on loopback. Others play on addresses of their own:
    the configuration that points there is written beside the given one.
    """
    quiet()
    settings = load_settings(config)
    clock = ScaledClock(SystemClock(), speed=speed)
    # Sun and habits follow the house's own time; what devices say of the time is true.
    house = house_for(
        settings.site,
        {place.role for place in settings.places},
        seed=seed,
        starts=clock.now() if at is None else instant_in(at, "--at"),
        base_load=base_load,
        cars=cars_of(settings),
    )
    asyncio.run(_simulate(settings, Stage(settings, house, clock)))


async def _simulate(settings: Settings, stage: Stage) -> None:
    try:
        await stage.__aenter__()
    except OSError as error:
        raise DeviceUnreachable(
            f"a twin cannot listen where it is configured: {error.strerror or error}"
        ) from error
    try:
        _announce(settings, stage)
        await until_signalled(stage.run(_STEP_S), _tell(stage.house))
    finally:
        await stage.__aexit__(None, None, None)


def _announce(settings: Settings, stage: Stage) -> None:
    """Say where each twin is, and which configuration to run."""
    for device, address in stage.cast.addresses.items():
        typer.echo(f"{device}: {address()}")
    path = _configuration(settings, stage)
    typer.echo(f"now run, in another terminal: phasewise run -c {path}")


def _configuration(settings: Settings, stage: Stage) -> Path:
    """Tell the configuration to run; one with other addresses is written where the given one will not do."""
    moved = stage.cast.moved()
    if not moved:
        return settings.path
    path = settings.path.with_name(f"{settings.path.name}.simulated.toml")
    tables = tomllib.loads(settings.path.read_text(encoding="utf-8-sig"))
    database = path.with_suffix(".sqlite").resolve()
    head = f"# Written by `phasewise simulate` from {settings.path.name}; it will be overwritten.\n\n"
    path.write_text(head + toml_text(rewritten(tables, moved, str(database))), encoding="utf-8")
    return path


async def _tell(house: House) -> None:
    """Print what happens in the house."""
    told = 0.0
    while True:
        for said in [one for one in house.said if one.at_s > told]:
            typer.echo(f"{house.now.astimezone():%H:%M:%S} {said.text}")
            told = said.at_s
        await SystemClock().sleep(_LOOK_S)
