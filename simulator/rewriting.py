"""Rewriting: a configuration that points at twins instead of the devices that it names."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.casting import Keys

Tables = Mapping[str, Any]


def rewritten(tables: Tables, moved: Mapping[str, Keys], database: str) -> dict[str, Any]:
    """Point moved devices at their twins, and keep the journal apart from the real one.

    `tables` is the parsed TOML; what it says of broker and topics stays.
    """
    changed = {name: value for name, value in tables.items() if name != "database"}
    for name in ("meters", "chargers", "vehicles"):
        if name in tables:
            changed[name] = [{**device, **_keys(name, device, moved)} for device in tables[name]]
    if "circuits" in tables:
        changed["circuits"] = [_circuit(circuit, moved) for circuit in tables["circuits"]]
    kept = {key: value for key, value in tables.get("database", {}).items() if not key.startswith("url")}
    changed["database"] = {**kept, "url": f"sqlite:///{database}"}
    return changed


def limiter_key(circuit: str) -> str:
    """Name the limiter of a circuit among what has moved; no id has a point in it."""
    return f"{circuit}.limiter"


def toml_text(tables: Tables) -> str:
    """Write tables as TOML; comments are not kept, values are.

    >>> print(toml_text({"site": {"id": "home"}, "meters": [{"id": "grid", "phases": [1, 2]}]}), end="")
    [site]
    id = "home"
    <BLANKLINE>
    [[meters]]
    id = "grid"
    phases = [1, 2]
    <BLANKLINE>
    """
    return "".join(f"{line}\n" for line in _lines(tables))


def _circuit(circuit: Tables, moved: Mapping[str, Keys]) -> Tables:
    if "limiter" not in circuit:
        return circuit
    return {**circuit, "limiter": {**circuit["limiter"], **moved.get(limiter_key(circuit["id"]), {})}}


def _keys(table: str, device: Tables, moved: Mapping[str, Keys]) -> Keys:
    """Tell what changes for a device; a vehicle without a kind is none, whatever its name."""
    return {} if table == "vehicles" and "kind" not in device else moved.get(device["id"], {})


def _lines(tables: Tables) -> Iterator[str]:
    for name, value in tables.items():
        for table in value if isinstance(value, list) else [value]:
            yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            for key, item in table.items():
                yield f"{_key(key)} = {_value(item)}"
            yield ""


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # Every JSON string is a TOML basic string.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _value(key)
