"""Checking: every value of a policy file is what it should be, or one line says what was expected."""

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.domain.modes import Mode
from controller.domain.wishes import Parameter, Policy
from controller.errors import SettingsError
from policies import ALWAYS

# Mode names are parts of MQTT topics and of addresses.
MODE_NAME = r"[a-z][a-z0-9_]{0,31}"
OWN_KEYS = ("says", "stack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the checked values come from, and the policies that exist."""

    file: str
    registry: Mapping[str, Policy]

    def wrong(self, key: str, value: object, expected: str) -> SettingsError:
        """Make the error that names a value of this file."""
        return SettingsError(self.file, key, value, expected)


def checked_modes(document: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """Return the tables of the modes, once names and shape are right."""
    for key, value in document.items():
        if key != "modes":
            raise place.wrong(key, _shown(value), f"unknown key{nearest(key, ['modes'])}")
    modes = document.get("modes", {})
    if not isinstance(modes, dict):
        raise place.wrong("modes", modes, "expected a table of modes: [modes.NAME]")
    for name, table in modes.items():
        if not re.fullmatch(MODE_NAME, name):
            raise place.wrong(
                f"modes.{name}", None, "expected a name of a-z, 0-9 and _ that starts with a letter"
            )
        if not isinstance(table, dict):
            raise place.wrong(f"modes.{name}", table, "expected a table with a stack")
    return modes


def checked_mode(name: str, table: Mapping[str, Any], known: Mapping[str, Mode], place: Place) -> Mode:
    """Build one mode; without a stack it is the known one of that name, tuned."""
    base = None if "stack" in table else known.get(name)
    if base is None and "stack" not in table:
        expected = f"expected a stack, or the name of a known mode{nearest(name, known)}"
        raise place.wrong(f"modes.{name}", None, expected)
    stack = base.stack if base is not None else _checked_stack(name, table["stack"], place)
    _no_strangers(name, table, stack, place)
    says = table.get("says", base.says if base is not None else "")
    if not isinstance(says, str):
        raise place.wrong(f"modes.{name}.says", says, "expected a text")
    settings = {
        policy: _checked_settings(
            f"modes.{name}.{policy}",
            table.get(policy, {}),
            place.registry[policy],
            base.settings[policy] if base is not None else {},
            place,
        )
        for policy in stack
    }
    return Mode(name=name, stack=stack, settings=settings, says=says)


def checked_value(parameter: Parameter, value: object) -> float | None:
    """Return the value as a number, or `None` when the parameter cannot take it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if not parameter.low <= value <= parameter.high or (parameter.whole and value != int(value)):
        return None
    return float(value)


def expectation(parameter: Parameter) -> str:
    """Say what a parameter takes: `expected 0 to 3600`."""
    kind = "a whole number from " if parameter.whole else ""
    return f"expected {kind}{parameter.low:g} to {parameter.high:g}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, and list all where none is near."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(names)}" if names else "; there are none here"


def _checked_stack(mode: str, stack: object, place: Place) -> tuple[str, ...]:
    """Return the stack with the policies that no mode can do without in front."""
    key = f"modes.{mode}.stack"
    if not isinstance(stack, list) or not stack:
        raise place.wrong(key, stack, "expected a list of policy names")
    for index, policy in enumerate(stack):
        if not isinstance(policy, str) or policy not in place.registry:
            expected = f"unknown policy{nearest(str(policy), place.registry)}"
            raise place.wrong(f"{key}[{index}]", policy, expected)
        if policy in stack[:index]:
            raise place.wrong(f"{key}[{index}]", policy, "stands in the stack twice")
    return (*(policy for policy in ALWAYS if policy not in stack), *stack)


def _no_strangers(mode: str, table: Mapping[str, Any], stack: tuple[str, ...], place: Place) -> None:
    for key, value in table.items():
        if key in OWN_KEYS or key in stack:
            continue
        elsewhere = key in place.registry
        expected = (
            "is not in this mode's stack" if elsewhere else f"unknown key{nearest(key, OWN_KEYS + stack)}"
        )
        raise place.wrong(f"modes.{mode}.{key}", _shown(value), expected)


def _checked_settings(
    key: str, table: object, policy: Policy, base: Mapping[str, float], place: Place
) -> Mapping[str, float]:
    if not isinstance(table, dict):
        raise place.wrong(key, table, "expected a table of parameters")
    names = [parameter.name for parameter in policy.parameters]
    for name in table:
        if name not in names:
            raise place.wrong(
                f"{key}.{name}", _shown(table[name]), f"unknown parameter{nearest(name, names)}"
            )
    settings = {}
    for parameter in policy.parameters:
        given = table.get(parameter.name, base.get(parameter.name, parameter.default))
        value = checked_value(parameter, given)
        if value is None:
            raise place.wrong(f"{key}.{parameter.name}", _shown(given), expectation(parameter))
        settings[parameter.name] = value
    return settings


def _shown(value: object) -> object:
    """Show plain values only: a whole table would not fit into one line."""
    return value if isinstance(value, str | int | float | bool) else None
