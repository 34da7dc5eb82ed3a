"""`phasewise status`: the site now."""

from controller.cli.asking import DaemonClient, Document, NotRunning
from controller.cli.group import command_group
from controller.cli.options import DEFAULT_CONFIG, Config, Json, load_settings
from controller.cli.output import console, print_json
from controller.cli.site_view import site_view
from controller.settings import Settings

app = command_group()


@app.command(epilog="Example: phasewise status -c config.toml --json")
def status(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Show the site now: what flows, who gets what, and why.

    Asks the running daemon; without one, shows what its journal recorded last, and says so.
    """
    document = current(load_settings(config))
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
        return {"source": "daemon", **DaemonClient(settings).ask("/api/v1/status")}
    except NotRunning:
        from controller.cli.recorded import recorded_status  # noqa: PLC0415 - loads SQLAlchemy

        return recorded_status(settings)
