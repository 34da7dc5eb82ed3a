"""Entry: runs a command and turns however it ends into one line and an exit status.

0: done. 1: the thing asked about is not well. 2: the request or the configuration is wrong.
"""

import logging
import os
import sys
from collections.abc import Iterator, Sequence

import typer

from controller.cli.program import app
from controller.errors import BadRequest, PhasewiseError, SettingsError

DONE, NOT_WELL, WRONG = 0, 1, 2
# What a shell reports of a program that Ctrl-C ended.
INTERRUPTED = 130

# Everything that typer itself says against a request; its vendored base class has no public name.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

# Nothing was asked for: what it says is the help.
_NOTHING_ASKED = "NoArgsIsHelpError"

_EXPECTED = (PhasewiseError, _UsageError, OSError)

_log = logging.getLogger("phasewise")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `phasewise` with these arguments, else with those of the process, and exit."""
    try:
        status = app(
            args=None if arguments is None else list(arguments),
            prog_name="phasewise",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        _let_go_of_output()
        status = DONE
    except Exception as error:  # noqa: BLE001 - one of the two places: the edge of the program
        status = _failed(error)
    sys.exit(status or DONE)


def _failed(error: Exception) -> int:
    """Say what went wrong on standard error and tell the exit status."""
    leaves = list(_leaves(error))
    if all(isinstance(leaf, BrokenPipeError) for leaf in leaves):
        _let_go_of_output()
        return DONE
    lines = [line for leaf in leaves for line in _lines(leaf)]
    for line in dict.fromkeys(lines):
        sys.stderr.write(f"{line}\n")
    if not all(isinstance(leaf, _EXPECTED) for leaf in leaves) and logging.root.handlers:
        _log.error("unexpected end", exc_info=error)
    wrong = (BadRequest, SettingsError, _UsageError)
    return WRONG if all(isinstance(leaf, wrong) for leaf in leaves) else NOT_WELL


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Take groups of a task group apart."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _lines(error: BaseException) -> Iterator[str]:
    if isinstance(error, SettingsError):
        yield str(error)
        yield from (str(other) for other in error.others)
    elif type(error).__name__ == _NOTHING_ASKED:
        yield str(error)
    elif isinstance(error, _UsageError):
        yield f"phasewise: {_usage(error)}"
    elif isinstance(error, _EXPECTED):
        yield f"phasewise: {error}"
    else:
        yield f"phasewise: unexpected {type(error).__name__}: {error}"


def _usage(error: BaseException) -> str:
    """Put a refused request into one line."""
    context = getattr(error, "ctx", None)
    command = "" if context is None else f" (see: {context.command_path} --help)"
    said: str = getattr(error, "format_message", error.__str__)()
    # Pydantic's own word for a refused choice.
    return " ".join(said.split()).rstrip(".").replace("Value error, ", "") + command


def _let_go_of_output() -> None:
    """Keep the interpreter from flushing into a pipe whose reader has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
