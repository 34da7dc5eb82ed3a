"""Arguments of a device's commands: `KEY=VALUE` texts in, typed values out, and how they are shown."""

from collections.abc import Sequence
from typing import Final

from controller.errors import SettingsError
from controller.ports import Argument, Command

WORDS: Final = {float: "NUMBER", int: "INTEGER", bool: "YES|NO", str: "TEXT"}
"""What stands for a value of a type in the help."""

_KINDS: Final = {float: "a number", int: "a whole number", bool: "yes or no", str: "a text"}
_TRUTHS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def arguments_of(command: Command, given: Sequence[str]) -> dict[str, object]:
    """Turn `KEY=VALUE` texts into the typed arguments of a command.

    Raises:
        SettingsError: a key is unknown, missing or given twice, or a value is not of its type.
    """
    known = {argument.name: argument for argument in command.arguments}
    values: dict[str, object] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or key not in known or key in values:
            keys = ", ".join(f"{name}=..." for name in known)
            expected = f"expected {keys}, each once" if keys else "expected no arguments"
            raise SettingsError("command line", command.name, text, expected)
        values[key] = _value(known[key], value)
    for name, argument in known.items():
        if argument.required and name not in values:
            raise SettingsError("command line", name, None, f"expected {name}=...: {meaning(argument)}")
    return values


def meaning(argument: Argument) -> str:
    """Say what an argument is in one line; what else it says is for its help."""
    return argument.says.partition("\n")[0]


def _value(argument: Argument, text: str) -> object:
    try:
        return _TRUTHS[text.lower()] if argument.kind is bool else argument.kind(text)
    except (KeyError, ValueError) as error:
        expected = _KINDS.get(argument.kind, "another value")
        raise SettingsError(
            "command line", argument.name, text, f"expected {expected}: {meaning(argument)}"
        ) from error


def usage(command: Command) -> str:
    """Show a command as it is typed.

    >>> async def nothing() -> None: ...
    >>> limit = Argument(name="limit_a", kind=float, says="0 pauses")
    >>> keep = Argument(name="keep", kind=bool, says="over a restart", required=False)
    >>> usage(Command(name="cap", says="cap it", call=nothing, arguments=(limit, keep), dangerous=True))
    'cap limit_a=NUMBER [keep=YES|NO] --yes'
    """
    words = [command.name, *(shown(argument) for argument in command.arguments)]
    return " ".join([*words, "--yes"] if command.dangerous else words)


def shown(argument: Argument) -> str:
    """Show an argument as it is typed; brackets around what may be left out."""
    text = f"{argument.name}={WORDS.get(argument.kind, 'VALUE')}"
    return text if argument.required else f"[{text}]"
