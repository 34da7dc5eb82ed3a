"""Reading: a policy file and the presets become one frozen set of modes."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import policies
from controller.domain.modes import Mode, Policies
from controller.errors import SettingsError
from controller.policy_files.checking import Place, checked_mode, checked_modes

BOOST = "boost"


def load(path: Path | None) -> Policies:
    """Read a policy file on top of the presets; without one, the presets alone.

    A mode of the file with a `stack` adds a mode or replaces a preset; one without tunes the preset.

    Raises:
        SettingsError: with file, key, value and what was expected; nothing of the file is taken then.
    """
    if path is None:
        return _presets()
    return from_document(_parsed(path), str(path))


def from_document(document: Mapping[str, Any], file: str = "policies") -> Policies:
    """Build policies from a parsed file, or from what `document` told; errors as for `load`."""
    return _with_modes(_presets(), document, file)


def document(policies: Policies) -> dict[str, Any]:
    """Write policies in full as a policy file's tables, so that `from_document` restores them exactly."""
    return {"modes": {name: _mode_document(mode) for name, mode in policies.modes.items()}}


def _mode_document(mode: Mode) -> dict[str, Any]:
    settings = {policy: dict(values) for policy, values in mode.settings.items() if values}
    return {"says": mode.says, "stack": list(mode.stack), **settings}


@cache
def _presets() -> Policies:
    """Read the modes that the product brings; they pass the same checks as a user's file."""
    empty = Policies(modes={}, registry=policies.ALL, boost=BOOST)
    for name, text in _preset_texts():
        empty = _with_modes(empty, tomllib.loads(text), name)
    return empty


def _preset_texts() -> Iterator[tuple[str, str]]:
    folder = files("policies") / "presets"
    for preset in sorted(folder.iterdir(), key=lambda each: each.name):
        if preset.name.endswith(".toml"):
            yield preset.name, preset.read_text(encoding="utf-8")


def _with_modes(known: Policies, document: Mapping[str, Any], file: str) -> Policies:
    place = Place(file=file, registry=known.registry)
    modes = dict(known.modes)
    for name, table in checked_modes(document, place).items():
        modes[name] = checked_mode(name, table, known.modes, place)
    return replace(known, modes=modes)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise SettingsError(str(path), "", None, f"cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise SettingsError(str(path), "", None, "not TOML: nested too deeply") from error
    except ValueError as error:
        raise SettingsError(str(path), "", None, f"not TOML: {error}") from error
