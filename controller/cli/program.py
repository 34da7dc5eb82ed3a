"""The program: its commands by name, each loaded when it is called and not before."""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "demo": "Show a simulated house being balanced; needs nothing but this machine.",
    "run": "Run the daemon.",
    "check": "Say what is wrong with a configuration, and what the site is without us.",
    "simulate": "Start a simulated twin for every device of a configuration.",
    "status": "Show the site now.",
    "watch": "Show the site live.",
    "explain": "Say why a charger gets what it gets, and what would change it.",
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

    def list_commands(self, ctx: typer.Context) -> list[str]:  # noqa: ARG002 - typer's signature
        """List them in the order of the help."""
        return list(COMMANDS)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # noqa: ANN401 - typer's own
        """Load the command that is called."""
        if args and args[0] in COMMANDS:
            module = import_module(f"controller.cli.{args[0]}")
            self.commands[args[0]] = typer.main.get_command(module.app)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        typer.echo(f"phasewise {version('phasewise')}")
        raise typer.Exit


@app.callback(epilog="Example: phasewise demo --minutes 3")
def phasewise(
    *,
    version: Annotated[  # noqa: ARG001 - answered by its callback
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """Keep EV charging inside what a site can bear, and make the most of sun and cheap hours.

    `phasewise COMMAND --help` says more about each command, with an example.
    """
