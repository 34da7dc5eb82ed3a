"""Complaints: everything that is wrong with a file, one line each, all of it before anything starts."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from controller.errors import SettingsError
from controller.settings.wording import Schema, expectation, suggestion, table_of

Raw = Mapping[str, Any]
"""A table as TOML has it."""

Location = tuple[int | str, ...]

SECRET = re.compile(r"password|secret|token|api_?key|credential", re.IGNORECASE)

SHOWN_CHARACTERS = 60


class Complaints:
    """Collects what is wrong with one file."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self._found: list[SettingsError] = []

    def add(self, key: str, value: object, expected: str) -> None:
        """Note one wrong value, once for each key; one that may be a secret is never shown."""
        if any(one.key == key for one in self._found):
            return
        shown = None if SECRET.search(key) and not key.endswith(("_env", "_file")) else _short(value)
        self._found.append(SettingsError(self._file, key, shown, f"expected {expected}"))

    def add_invalid(self, where: str, raw: Raw, model: type[BaseModel], error: ValidationError) -> None:
        """Note what a model refused in a table."""
        schema = model.model_json_schema()
        # A misspelt key first: it explains the missing one.
        for one in sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden"):
            spot = _spot(where, schema, raw, one["loc"])
            if one["type"] == "extra_forbidden":
                spot = Spot(_joined(spot.key, str(one["loc"][-1])), spot.schema, one["input"])
            self.add(spot.key, spot.value, _expected(one, spot, schema))

    def raise_any(self) -> None:
        """Stop here if anything was wrong.

        Raises:
            SettingsError: the first; its `others` hold the rest.
        """
        if self._found:
            first = self._found[0]
            first.others = tuple(self._found[1:])
            raise first


class Spot(NamedTuple):
    """Where in the file an error is, what may stand there, and what does."""

    key: str
    schema: Schema
    value: object


def _spot(where: str, root: Schema, raw: Raw, location: Location) -> Spot:
    """Follow an error's location as far as it names keys; branches of a union and the like are left out."""
    spot = Spot(where, root, raw)
    for part in location:
        schema = _step(table_of(spot.schema, root), part)
        if schema is None:
            break
        key = f"{spot.key}[{part + 1}]" if isinstance(part, int) else _joined(spot.key, part)
        spot = Spot(key, schema, _part(spot.value, part))
    return spot


def _step(schema: Schema, part: int | str) -> Schema | None:
    if isinstance(part, int):
        items: Schema = schema.get("items", {})
        return items if "$ref" in items else None
    properties: Mapping[str, Schema] = schema.get("properties", {})
    others = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    free = next((one for one in others if isinstance(one, dict)), None)
    return properties.get(part, free)


def _part(value: object, part: int | str) -> object:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) else None


def _joined(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _expected(error: ErrorDetails, spot: Spot, root: Schema) -> str:
    if error["type"] == "extra_forbidden":
        return suggestion(str(error["loc"][-1]), table_of(spot.schema, root).get("properties", {}))
    message = str(error["ctx"]["error"]) if error["type"] == "value_error" else ""
    if message.startswith("expected "):
        return message.removeprefix("expected ")
    if message and not error["loc"]:
        return f"keys that fit together: {message}"
    says = expectation(spot.key.rpartition(".")[2], spot.schema, root)
    return f"{says}, but it is missing" if error["type"] == "missing" else says


def _short(value: object) -> object:
    """Show a value as the file has it: no text without end, no 16.0 for 16, no whole tables."""
    if isinstance(value, dict):
        return None
    if isinstance(value, list):
        return None if any(isinstance(one, dict) for one in value) else [_short(one) for one in value]
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return f"{value[:SHOWN_CHARACTERS]}..."
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | float | str | None) else str(value)
