"""Options that several commands share."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from controller.settings import Settings

Config = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="PHASEWISE_CONFIG", help="The configuration."),
]
DEFAULT_CONFIG = Path("config.toml")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

Policies = Annotated[
    Path | None, typer.Option("--policies", help="Decide under the modes of this policy file.")
]


def load_settings(config: Path) -> "Settings":
    """Read a configuration with the secrets of the environment; errors as for `controller.settings.load`."""
    from controller.settings import load  # noqa: PLC0415 - pydantic and the devices load only when needed

    return load(config, os.environ)
