"""Secrets: never in the file; a key ending in `_env` or `_file` names where one is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from controller.settings.complaints import Complaints, Raw

PASSWORD_IN_URL = re.compile(r"^[^:/@]+://[^/@:]*:[^/@]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where secrets and files are looked for."""

    env: Mapping[str, str]
    folder: Path
    """The folder of the configuration; relative paths start there."""

    def anchored(self, path: str) -> str:
        """Make a path independent of where the daemon was started."""
        return str(self.folder / path)


_NOT_FOUND = "not found"
"""Stands in for a secret about which there is a complaint: that it is not there is no second one."""


def secret_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """List the fields of a model that hold secrets."""
    return tuple(name for name, field in model.model_fields.items() if _holds_secret(field.annotation))


def with_secrets(where: str, raw: Raw, model: type[BaseModel], place: Place, complaints: Complaints) -> Raw:
    """Put secrets in place of the keys that name where they are, and paths in full.

    A field `password` of type `SecretStr` is spelled `password_env` or `password_file` in the file.
    """
    filled = {key: _anchored(key, value, place) for key, value in raw.items()}
    for key in secret_keys(model):
        in_file = filled.pop(key, None)
        sources = [name for name in (f"{key}_env", f"{key}_file") if name in filled]
        if in_file is not None and not _may_stand_in_file(model, key, in_file):
            complaints.add(f"{where}.{key}", None, f"{key}_env or {key}_file: no secret stands in this file")
        elif in_file is not None and not sources:
            filled[key] = in_file
        elif in_file is not None:
            complaints.add(f"{where}.{sources[0]}", filled[sources[0]], f"only one of {key} and {sources[0]}")
        filled |= _first_secret(where, key, {name: filled.pop(name) for name in sources}, place, complaints)
    _check_env_keys(where, filled, model, place, complaints)
    return filled


def _may_stand_in_file(model: type[BaseModel], key: str, value: object) -> bool:
    extra = model.model_fields[key].json_schema_extra
    is_open = isinstance(extra, dict) and bool(extra.get("open"))
    return is_open and not PASSWORD_IN_URL.match(str(value))


def _first_secret(where: str, key: str, sources: Raw, place: Place, complaints: Complaints) -> dict[str, str]:
    for extra in list(sources)[1:]:
        complaints.add(f"{where}.{extra}", sources[extra], f"only one of {' and '.join(sources)}")
    for name, value in list(sources.items())[:1]:
        found = _secret(f"{where}.{name}", value, place, complaints)
        return {key: _NOT_FOUND if found is None else found}
    return {}


def _holds_secret(annotation: Any) -> bool:  # noqa: ANN401 - any type
    return annotation is SecretStr or SecretStr in get_args(annotation)


def _anchored(key: str, value: object, place: Place) -> object:
    is_path = key == "file" or key.endswith("_file")
    return place.anchored(value) if is_path and isinstance(value, str) else value


def _secret(key: str, value: object, place: Place, complaints: Complaints) -> str | None:
    if not isinstance(value, str) or not value:
        complaints.add(key, value, "the name of where the secret is")
        return None
    if key.endswith("_env"):
        found = place.env.get(value)
        if not found:
            complaints.add(key, value, "the name of an environment variable that is set")
        return found or None
    return _from_file(key, value, complaints)


def _from_file(key: str, path: str, complaints: Complaints) -> str | None:
    try:
        found = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        complaints.add(key, path, f"a readable file: {why_unreadable(error)}")
        return None
    if not found:
        complaints.add(key, path, "a file that holds a secret; it is empty")
    return found or None


def why_unreadable(error: OSError | ValueError) -> str:
    """Say in words what keeps a file from being read."""
    return (error.strerror or "not readable") if isinstance(error, OSError) else "it is not text, or no path"


def _check_env_keys(
    where: str, raw: Raw, model: type[BaseModel], place: Place, complaints: Complaints
) -> None:
    """Check the keys by which a kind's own model names environment variables itself."""
    for key, value in raw.items():
        if key.endswith("_env") and key in model.model_fields and isinstance(value, str):
            _secret(f"{where}.{key}", value, place, complaints)
