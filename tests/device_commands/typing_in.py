"""Typing in: a configuration file, and the command line as a person uses it, within this process."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

from controller.cli.entry import main

CHARGER: Final = "bay"

_SECRETS: Final = frozenset({"password", "account_password", "access_token", "private_key"})

_HOUSE: Final = """
[[circuits]]
id = "main"
limit_a = 63
background_a = 0

[database]
url = "sqlite:///{folder}/journal.sqlite"

[[chargers]]
id = "{charger}"
kind = "{kind}"
"""


def written(folder: Path, kind: str, keys: Mapping[str, object]) -> Path:
    """Write a configuration with one charger, and its secrets into files beside it."""
    lines = [_HOUSE.format(folder=folder, charger=CHARGER, kind=kind)]
    for key, value in keys.items():
        if key in _SECRETS:
            secret = folder / key
            secret.write_text(str(value))
            lines.append(f"{key}_file = {json.dumps(str(secret))}")
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    config = folder / "config.toml"
    config.write_text("\n".join(lines))
    return config


def typed(*arguments: str | Path) -> CompletedProcess[str]:
    """Run a command with the program's own entry."""
    out, err, status = StringIO(), StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
    return CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


async def typed_beside(*arguments: str | Path) -> CompletedProcess[str]:
    """Run a command while twins live in this event loop."""
    return await asyncio.to_thread(typed, *arguments)
