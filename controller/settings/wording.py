"""Wording: what a value should have been, said from the JSON Schema of the model that refused it."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

Schema = Mapping[str, Any]

UNITS = {
    "a": "A",
    "w": "W",
    "kw": "kW",
    "wh": "Wh",
    "kwh": "kWh",
    "v": "V",
    "s": "s",
    "pct": "%",
    "days": "days",
}

FORMATS = {"ipv4": "an IPv4 address", "path": "a path"}


def expectation(key: str, schema: Schema, root: Schema) -> str:
    """Say what a key takes, with its unit and bounds.

    >>> expectation("max_a", {"type": "number", "minimum": 6, "maximum": 80}, {})
    'a number from 6 to 80 A'
    >>> expectation("grid", {"enum": ["TN", "IT"]}, {})
    '"TN" or "IT"'
    """
    unit = "" if "_per_" in key else UNITS.get(key.rpartition("_")[2], "")
    return _says(schema, root, f" {unit}" if unit else "")


def suggestion(key: str, known: Iterable[str]) -> str:
    """Say what a key that nobody knows may have been meant to be.

    >>> suggestion("limt_a", ["id", "limit_a", "limit_w"])
    'a known key; did you mean `limit_a`?'
    """
    names = list(known)
    near = get_close_matches(key, names, n=1, cutoff=0.6)
    return (
        f"a known key; did you mean `{near[0]}`?" if near else f"one of the keys {', '.join(sorted(names))}"
    )


def listed(names: Sequence[str]) -> str:
    """Join alternatives as a person would."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def resolved(schema: Schema, root: Schema) -> Schema:
    """Follow a reference inside the same JSON Schema."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = root["$defs"][reference.rpartition("/")[2]]
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def table_of(schema: Schema, root: Schema) -> Schema:
    """Find the table that a schema means, past references and `or nothing`."""
    options = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return resolved(options[0] if len(options) == 1 else schema, root)


def _says(schema: Schema, root: Schema, unit: str) -> str:
    schema = resolved(schema, root)
    if "expects" in schema:
        return str(schema["expects"])
    if "anyOf" in schema:
        return _says_any([one for one in schema["anyOf"] if one.get("type") != "null"], root, unit)
    if "enum" in schema or "const" in schema:
        return listed([_quoted(value) for value in schema.get("enum", [schema.get("const")])])
    return _of_type(schema, root, unit)


def _says_any(options: Sequence[Schema], root: Schema, unit: str) -> str:
    first = _says(options[0], root, unit)
    if [one.get("type") for one in options[1:]] == ["array"]:
        return f"{first}, or a list of such"
    return ", or ".join(dict.fromkeys([first, *(_says(one, root, unit) for one in options[1:])]))


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _of_type(schema: Schema, root: Schema, unit: str) -> str:
    match schema.get("type"):
        case "number":
            return f"a number{_bounds(schema, unit)}"
        case "integer":
            return f"a whole number{_bounds(schema, unit)}"
        case "boolean":
            return "true or false"
        case "array":
            return f"a list, each {_says(schema.get('items', {}), root, unit)}"
        case "object":
            return "a table"
        case _:
            return FORMATS.get(schema.get("format", ""), "some text")


def _bounds(schema: Schema, unit: str) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low:.10g} to {high:.10g}{unit}"
    limits = {"at least": low, "above": above, "at most": high, "below": below}
    shown = [f"{word} {limit:.10g}" for word, limit in limits.items() if limit is not None]
    if not shown:
        return f" in{unit}" if unit else ""
    return f" {', '.join(shown)}{unit}"
