"""What there is to know about a charger's commands: the list, the help of each, the same for programs."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.text import Text

from controller.cli.device_arguments import shown, usage
from controller.cli.output import console
from controller.ports import Command

_READABLE: Final = 100
"""Longer lines are hard to read, however wide the window is."""
_PLAIN: Final = 80
"""The width of a help off a terminal, where somebody reads it through a pager."""
_NAMES: Final = 28
"""Where the second column begins on a terminal; longer names get a line of their own."""
_LONGEST_NAME: Final = 44
"""As above, off a terminal, where no line is broken."""


def print_list(charger: str, own: Mapping[str, Command], common: Mapping[str, Command]) -> None:
    """Print every command: wrapped for people on a terminal, one line each anywhere else."""
    screen = console()
    width = min(screen.width, _READABLE) if screen.is_terminal else None
    parts = (
        *(Text(f"Commands of {charger}:"), *_entries(own, width), Text()),
        *((Text("Of every charger:"), *_entries(common, width), Text()) if common else ()),
        Text("[KEY=VALUE] may be left out; what asks for --yes can do harm. More about each:"),
        Text(f"  phasewise device {charger} {_example(own)} --help"),
    )
    for part in parts:
        screen.print(part, soft_wrap=True)


def print_help(charger: str, command: Command) -> None:
    """Print the help of one command, made from the types of its arguments."""
    screen = console()
    width = min(screen.width, _READABLE) if screen.is_terminal else _PLAIN
    for line in _help_lines(charger, command, width):
        screen.print(line, soft_wrap=True, markup=False)


def document(command: Command) -> dict[str, Any]:
    """Tell the same to programs."""
    return {
        "name": command.name,
        "usage": usage(command),
        "says": command.says,
        "dangerous": command.dangerous,
        "arguments": [
            {
                "name": argument.name,
                "type": argument.kind.__name__,
                "says": argument.says,
                "required": argument.required,
            }
            for argument in command.arguments
        ],
    }


def _example(commands: Mapping[str, Command]) -> str:
    """Pick a command about which there is more to know."""
    return max(commands.values(), key=lambda command: bool(command.arguments)).name


def _entries(commands: Mapping[str, Command], width: int | None) -> Iterator[Text]:
    if width is None:
        longest = max(len(usage(command)) for command in commands.values())
        column = min(longest, _LONGEST_NAME)
        yield from (Text(f"  {usage(each):<{column}}  {each.says}") for each in commands.values())
        return
    for command in commands.values():
        yield from _entry(command, width)


def _entry(command: Command, width: int) -> Iterator[Text]:
    lines = _two_columns(usage(command), command.says, width)
    for number, line in enumerate(lines):
        text = Text(line)
        if number == 0:
            text.stylize("bold", 2, 2 + len(command.name))
        yield text


def _two_columns(left: str, right: str, width: int) -> Sequence[str]:
    """Put a text beside a name, or below it where the name is too long."""
    indent = " " * _NAMES
    first = f"  {left}"
    beside = len(first) <= _NAMES - 2
    head = [] if beside else _wrapped(first, width, " " * 6)
    meaning, *listed = right.splitlines()
    body = _wrapped(indent + meaning, width, indent)
    body += [line for part in listed for line in _wrapped(indent + part, width, indent + "  ")]
    if beside:
        body[0] = first.ljust(_NAMES) + body[0][_NAMES:]
    return [*head, *body]


def _help_lines(charger: str, command: Command, width: int) -> Iterator[str]:
    program = f"Usage: phasewise device {charger}"
    yield from _wrapped(f"{program} {usage(command)}", width, " " * 7)
    yield ""
    harm = " It can do harm, so it asks for --yes." if command.dangerous else ""
    says = f"{command.says[:1].upper()}{command.says[1:]}.{harm}"
    yield from _wrapped(f"  {says}", width, "  ")
    if command.arguments:
        yield ""
        yield "Arguments:"
    for argument in command.arguments:
        yield from _two_columns(shown(argument), argument.says, width)


def _wrapped(text: str, width: int, later: str) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    ) or [""]
