"""`phasewise db`: migrations and retention."""

import typer

from adapters.store import admin
from adapters.store.retention import Retention
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import counted, print_json
from controller.settings import Settings
from controller.system_clock import SystemClock

app = command_group()


@app.callback(epilog="Example: phasewise db check -c config.toml")
def db() -> None:
    """Look after the database; a running daemon is not disturbed."""


@app.command(epilog="Example: phasewise db upgrade -c config.toml")
def upgrade(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Bring the database up to date, or create it.

    The daemon does so at its start.
    """
    revision = admin.upgrade(_url(load_settings(config)))
    if json:
        print_json({"revision": revision})
    else:
        typer.echo(f"up to date: revision {revision}")


@app.command(epilog="Example: phasewise db check -c config.toml")
def check(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Compare the database with what is expected.

    Exits with 1 if they differ.
    """
    found = admin.check(_url(load_settings(config)))
    if json:
        print_json(
            {
                "well": found.well,
                "revision": found.revision,
                "newest": found.newest,
                "differences": list(found.differences),
            }
        )
    else:
        typer.echo(f"revision {found.revision or 'none'}, this version works with {found.newest}")
        for difference in found.differences:
            typer.echo(difference)
    if not found.well:
        raise typer.Exit(1)


@app.command(epilog="Example: phasewise db prune -c config.toml")
def prune(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Thin readings by age, and delete what is old.

    What is kept for how long stands in `[database]`. The daemon does so every night.
    """
    settings = load_settings(config)
    retention = Retention(**settings.database.retention_days())
    gone = admin.prune(_url(settings), SystemClock().now(), retention)
    if json:
        print_json(dict(gone))
    else:
        for table, rows in gone.items():
            typer.echo(f"{table}: {counted(rows, 'row')} deleted")


def _url(settings: Settings) -> str:
    return settings.database.url.get_secret_value()
