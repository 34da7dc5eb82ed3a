"""`phasewise status`: the site now."""

from controller.cli.asking import Document, NotRunning, daemon_in_spite_of, daemon_of
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import console, print_json
from controller.cli.site_view import site_view
from controller.errors import SettingsError
from controller.settings import Settings

app = command_group()


@app.command(epilog="Example: phasewise status -c config.toml --json")
def status(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Show the site now: what flows, who gets what, and why.

    Asks the running daemon; without one, shows what its journal recorded last, and says so.
    """
    try:
        document = current(load_settings(config))
    except SettingsError as wrong:
        document = {"source": "daemon", **daemon_in_spite_of(wrong, config).ask("/api/v1/status")}
    if json:
        print_json(document)
    else:
        console().print(site_view(document))


def current(settings: Settings) -> Document:
    """Ask the daemon, or else the journal; `source` tells which.

    Raises:
        RecordError: neither knows anything.
    """
    try:
        return {"source": "daemon", **daemon_of(settings).ask("/api/v1/status")}
    except NotRunning:
        from controller.cli.recorded import recorded_status  # noqa: PLC0415 - loads SQLAlchemy

        return recorded_status(settings)
