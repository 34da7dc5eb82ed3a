"""Reading: the file as TOML, and one table of it as a model."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from controller.errors import SettingsError
from controller.settings.complaints import Complaints, Raw
from controller.settings.secrets import Place, with_secrets

Model = TypeVar("Model", bound=BaseModel)

AT_LINE = re.compile(r"^(?P<what>.*?) \(at (?P<where>.*)\)$")


def read(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        SettingsError: there is none, it cannot be read, or it is not TOML.
    """
    try:
        # Some editors begin a file with a byte order mark.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(str(path), "", None, f"expected a readable file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(str(path), "", None, "expected a text file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        found = AT_LINE.match(str(error))
        where, what = (found["where"], found["what"]) if found else ("", str(error))
        raise SettingsError(str(path), where, None, f"expected TOML: {what}") from error


def table(where: str, raw: Raw, model: type[Model], place: Place, complaints: Complaints) -> Model:
    """Turn one table into its model.

    After a complaint the answer is an empty stand-in, so that the other tables get read too; the reader
    stops before anything looks at it.
    """
    filled = with_secrets(where, raw, model, place, complaints)
    try:
        # JSON, since a strict model takes lists for tuples and text for paths and enums from there alone.
        return model.model_validate_json(json.dumps(filled, default=str), strict=True)
    except ValidationError as error:
        complaints.add_invalid(where, filled, model, error)
        return model.model_construct()
