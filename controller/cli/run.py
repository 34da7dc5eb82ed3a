"""`phasewise run`: the daemon."""

import asyncio
from typing import Annotated

import typer

from controller.app.daemon import Daemon
from controller.cli.group import command_group
from controller.cli.logs import Form, Level, start_logging
from controller.cli.options import DEFAULT_CONFIG, Config
from controller.system_clock import SystemClock

app = command_group()


@app.command(epilog="Example: phasewise run -c /etc/phasewise/config.toml")
def run(
    config: Config = DEFAULT_CONFIG,
    *,
    log_level: Annotated[Level, typer.Option(help="From which level on to log.")] = "info",
    log_format: Annotated[Form, typer.Option(help="key=value lines, or a JSON object a line.")] = "text",
) -> None:
    """Run the daemon until SIGTERM or Ctrl-C.

    On the way out it lowers what is not safe alone and raises nothing. SIGHUP, or a changed file, reloads the
    configuration; one that is wrong is refused and the running one stays.
    """
    start_logging(log_level, log_format)
    asyncio.run(Daemon(config, SystemClock()).run())
