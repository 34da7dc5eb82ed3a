"""`phasewise export`: a part of the journal for other programs."""

import sys
from datetime import datetime
from typing import Annotated, Literal

import typer

from adapters.store.export import export as exported
from adapters.store.reader import Reader, Resolution
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, load_settings
from controller.cli.times import Since, Until, instant_in
from controller.codec import snapshot_json
from controller.errors import SettingsError

app = command_group()

What = Literal["sessions", "readings", "decisions", "snapshots"]


@app.command(epilog="Example: phasewise export sessions --format csv --from 2026-06-01 > june.csv")
def export(
    what: Annotated[What, typer.Argument(help="Which part.", show_default=False)],
    form: Annotated[Literal["csv", "jsonl"], typer.Option("--format", help="How to write it.")] = "csv",
    since: Since = None,
    until: Until = None,
    resolution: Annotated[Resolution, typer.Option(help="How fine readings are.")] = "minute",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write sessions, readings or decisions as CSV or JSON lines, row by row, to standard output.

    `snapshots` are what recorded ticks looked at, one JSON document a line, for `phasewise decide`.
    """
    settings = load_settings(config)
    begin = None if since is None else instant_in(since, "--from")
    end = None if until is None else instant_in(until, "--to")
    if begin is not None and end is not None and end <= begin:
        raise SettingsError("command line", "--to", until, "expected a time after --from")
    with Reader(settings.database.url.get_secret_value()) as reader:
        if what != "snapshots":
            exported(reader, what, form, sys.stdout, since=begin, until=end, resolution=resolution)
        elif form == "jsonl":
            _write_snapshots(reader, begin, end)
        else:
            raise SettingsError("command line", "--format", form, "expected jsonl for snapshots")


def _write_snapshots(reader: Reader, since: datetime | None, until: datetime | None) -> None:
    for tick in reader.decisions(since, until):
        sys.stdout.write(snapshot_json(tick.snapshot).decode() + "\n")
