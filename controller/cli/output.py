"""Output: what commands print, for people on a terminal and for programs everywhere else."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from controller.errors import SettingsError

# Wide enough for any sentence where nobody's terminal says otherwise.
_WIDE = 200


def console(*, error: bool = False) -> Console:
    """Make a console: colours and the window's width on a terminal, plain wide text elsewhere."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else _WIDE)


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print a value as JSON: indented for people, in the same order for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def plain_table(*columns: str, right: Sequence[str] = ()) -> Table:
    """Make a table without lines, like those of other programs; the named columns stand to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def amps(value: float | None) -> str:
    """Show a current as people write it: `16 A`, `9.5 A`, `-` when it is not known."""
    return "-" if value is None else f"{value:.1f}".removesuffix(".0") + " A"


def counted(number: int, thing: str) -> str:
    """Count things: `1 tick`, `0 ticks`.

    >>> counted(1, "tick"), counted(2, "tick")
    ('1 tick', '2 ticks')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def input_text(file: Path) -> str:
    """Read a whole file, or standard input for `-`.

    Raises:
        SettingsError: it cannot be read, or it is not text.
    """
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(str(file), "", None, f"expected a readable file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(str(file), "", None, "expected a text file in UTF-8") from error
