"""`phasewise watch`: the site live."""

import json as json_text
import sys
from collections.abc import Iterator

from rich.live import Live

from controller.cli.asking import Document, NotRunning, daemon_in_spite_of, daemon_of
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import console
from controller.cli.site_view import site_view
from controller.errors import SettingsError

app = command_group()


@app.command(epilog="Example: phasewise watch -c config.toml")
def watch(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Show the site live until Ctrl-C; on a pipe, one line of JSON a tick."""
    try:
        daemon = daemon_of(load_settings(config))
    except SettingsError as wrong:
        daemon = daemon_in_spite_of(wrong, config)
    try:
        if json or not sys.stdout.isatty():
            _print(daemon.events())
        else:
            _show(daemon.events())
    except KeyboardInterrupt:
        return
    raise NotRunning(f"the daemon at {daemon.address} has left")


def _print(events: Iterator[str]) -> None:
    for event in events:
        sys.stdout.write(f"{event}\n")
        sys.stdout.flush()


def _show(events: Iterator[str]) -> None:
    with Live(console=console(), screen=True, auto_refresh=False) as live:
        for event in events:
            document: Document = json_text.loads(event)
            live.update(site_view(document), refresh=True)
