"""`phasewise schema`: what each file may hold, as JSON Schema."""

from typing import Annotated, Any, Literal

import typer

from controller import allocate_file, codec, policy_files, settings
from controller.cli.group import command_group
from controller.cli.output import print_json

app = command_group()

File = Literal["config", "policies", "snapshot", "decision", "allocate"]


@app.command(epilog="Example: phasewise schema config > config.schema.json")
def schema(
    file: Annotated[File, typer.Argument(help="Which file.", show_default=False)],
) -> None:
    """Print the JSON Schema of a file, for editors that complete and check as you type."""
    print_json(_schema(file))


def _schema(file: File) -> dict[str, Any]:
    match file:
        case "config":
            return settings.schema()
        case "policies":
            return policy_files.schema()
        case "allocate":
            return allocate_file.schema()
        case _:
            return codec.schema(file)
