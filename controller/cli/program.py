"""The program: its commands by name, each loaded when it is called and not before."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "demo": "Show a simulated house being balanced.",
    "run": "Run the daemon.",
    "check": "Check a configuration, and what the site is without us.",
    "simulate": "Start a twin for every device of a configuration.",
    "status": "Show the site now.",
    "watch": "Show the site live.",
    "explain": "Say why a charger gets what it gets.",
    "allocate": "Share currents by a file, with the pure allocator.",
    "decide": "Decide one recorded tick again.",
    "replay": "Decide recorded ticks again and compare.",
    "device": "Call any command of a device's own interface.",
    "export": "Write a part of the journal as CSV or JSON lines.",
    "db": "Look after the database.",
    "schema": "Print the JSON Schema of a file.",
}
"""What there is, in the order of the help."""


class LazyGroup(TyperGroup):
    """Lists every command without importing it."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**settings)
        for name, says in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=says, rich_markup_mode=None)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - typer vendors its own context
        """List them in the order of the help."""
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """Load the command that is called."""
        if args and args[0] in COMMANDS:
            module = import_module(f"controller.cli.{args[0]}")
            self.commands[args[0]] = typer.main.get_command(module.app)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if not wanted:
        return
    try:
        typer.echo(f"phasewise {version('phasewise')}")
    except PackageNotFoundError:
        typer.echo("phasewise, not installed")
    raise typer.Exit


@app.callback(epilog="Example: phasewise demo --minutes 3")
def phasewise(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """Keep EV charging inside what a site can bear, and make the most of sun and cheap hours.

    `phasewise COMMAND --help` says more about each command, with an example.
    """
