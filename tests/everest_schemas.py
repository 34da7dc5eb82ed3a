"""EVerest's JSON schemas (`tests/fixtures/everest`), and a small reader of JSON Schema draft 7."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

VERSIONS: Final = ("2023.5.0", "2023.8.0", "2024.9.1", "2024.10.0", "2025.10.0", "2026.2.1", "main")
"""A version of each era that is told apart."""

_FOLDER: Final = Path(__file__).parent / "fixtures" / "everest"

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
_KNOWN: Final = frozenset(
    {"type", "required", "properties", "additionalProperties", "items", "enum", "const", "$ref", "allOf"}
    | {"anyOf", "oneOf", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"}
    | {"format", "definitions", "$schema", "$id", "title", "default"}
)
_TIME: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


@cache
def schemas(release: str) -> dict[str, Any]:
    """Read what a release declares, by the message's name."""
    read: dict[str, Any] = _read(release)["schemas"]
    return read


def problems(release: str, name: str, value: object) -> list[str]:
    """List what of a value breaks a schema, undeclared keys and times without `Z` included."""
    return list(_problems(schemas(release)[name], value, _read(release), "value"))


def words(release: str, kind: str) -> tuple[str, ...]:
    """Tell the words of an enumeration; none where the release does not have it."""
    return tuple(_read(release)["definitions"].get(kind, {}).get("enum", ()))


def sample(release: str, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Make up a value of a schema with everything that it may hold, each part another."""
    numbers = count(1)
    return _sample(schemas(release)[name], _read(release), numbers)


def _sample(part: Mapping[str, Any], root: Mapping[str, Any], numbers: Iterator[int]) -> Any:  # noqa: ANN401 - as above
    if "$ref" in part:
        return _sample(root["definitions"][part["$ref"].rpartition("/")[2]], root, numbers)
    if "allOf" in part:
        return _sample(part["allOf"][0], root, numbers)
    if "enum" in part:
        return part["enum"][0]
    if part.get("type") == "object":
        return {name: _sample(each, root, numbers) for name, each in part["properties"].items()}
    if part.get("type") == "string":
        return _text_like(part, next(numbers))
    return part.get("type") == "boolean" or min(part.get("maximum", next(numbers)), next(numbers))


def _text_like(part: Mapping[str, Any], number: int) -> str:
    if part.get("format") == "date-time":
        return f"2026-08-21T12:00:{number:02d}.000Z"
    return f"00:00:00:00:00:{number:02d}" if "pattern" in part else f"text {number}"


@cache
def _read(release: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((_FOLDER / f"{release}.json").read_text())
    return read


def _problems(part: Mapping[str, Any], value: object, root: Mapping[str, Any], where: str) -> Iterator[str]:
    unknown = [key for key in part if key not in _KNOWN and not key.startswith("x-")]
    assert not unknown, f"the schema uses {unknown}, which nobody reads here"
    if "$ref" in part:
        yield from _problems(root["definitions"][part["$ref"].rpartition("/")[2]], value, root, where)
        return
    for each in part.get("allOf", ()):
        yield from _problems(each, value, root, where)
    for key in ("anyOf", "oneOf"):
        if key in part and all(any(_problems(each, value, root, where)) for each in part[key]):
            yield f"{where}: fits none of {key}"
    yield from _simple(part, value, where)
    if isinstance(value, dict):
        yield from _object(part, value, root, where)
    if isinstance(value, list):
        yield from _array(part, value, root, where)


def _simple(part: Mapping[str, Any], value: object, where: str) -> Iterator[str]:
    if "type" in part and not _is_type(part["type"], value):
        yield f"{where}: {value!r} is no {part['type']}"
    if "enum" in part and value not in part["enum"]:
        yield f"{where}: {value!r} is none of {part['enum']}"
    if "const" in part and value != part["const"]:
        yield f"{where}: {value!r} is not {part['const']!r}"
    if _is_type("number", value) and not _in_range(part, value):
        yield f"{where}: {value} is out of range"
    if isinstance(value, str):
        yield from _string(part, value, where)


def _in_range(part: Mapping[str, Any], value: Any) -> bool:  # noqa: ANN401 - a number
    return bool(part.get("minimum", value) <= value <= part.get("maximum", value))


def _string(part: Mapping[str, Any], value: str, where: str) -> Iterator[str]:
    if not part.get("minLength", 0) <= len(value) <= part.get("maxLength", len(value)):
        yield f"{where}: length of {value!r}"
    if "pattern" in part and not re.search(part["pattern"], value):
        yield f"{where}: {value!r} does not fit {part['pattern']}"
    if part.get("format") == "date-time" and not _TIME.match(value):
        yield f"{where}: {value!r} is no UTC time with a Z"


def _object(
    part: Mapping[str, Any], value: Mapping[str, Any], root: Mapping[str, Any], where: str
) -> Iterator[str]:
    for name in part.get("required", ()):
        if name not in value:
            yield f"{where}: {name} is missing"
    properties = part.get("properties")
    for name, each in value.items():
        if properties is None:
            continue
        if name in properties:
            yield from _problems(properties[name], each, root, f"{where}.{name}")
        else:
            yield f"{where}: {name} is undeclared"


def _array(part: Mapping[str, Any], value: list[Any], root: Mapping[str, Any], where: str) -> Iterator[str]:
    if not part.get("minItems", 0) <= len(value) <= part.get("maxItems", len(value)):
        yield f"{where}: {len(value)} items"
    for index, each in enumerate(value):
        yield from _problems(part.get("items", {}), each, root, f"{where}[{index}]")


def _is_type(name: str | list[str], value: object) -> bool:
    if isinstance(name, list):
        return any(_is_type(each, value) for each in name)
    if name in ("number", "integer"):
        kinds: type | tuple[type, ...] = int if name == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, _TYPES[name])
