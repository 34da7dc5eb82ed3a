"""Journal place: which databases can be named, and where a relative file is."""

import re
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from controller.settings.complaints import Complaints
from controller.settings.service_tables import DatabaseSettings

_SCHEME = re.compile(r"^([^:/@]*):")
_KNOWN = "sqlite:///FILE or postgresql://USER@HOST/NAME"
_FILE = "sqlite:///"


def check_database(database: DatabaseSettings, complaints: Complaints) -> None:
    """Complain of a database of which we have no kind or no driver; its URL may hold a password."""
    scheme = _scheme(database.url.get_secret_value())
    if scheme not in ("sqlite", "postgres", "postgresql", "postgresql+psycopg"):
        complaints.add("database.url", f"{scheme}:...", _KNOWN)
    elif scheme != "sqlite" and find_spec("psycopg") is None:
        complaints.add("database.url", f"{scheme}:...", "a driver for it: pip install phasewise[postgres]")


def anchored(database: DatabaseSettings, folder: Path) -> DatabaseSettings:
    """Let a relative SQLite file start in the configuration's folder, like every other path."""
    url = database.url.get_secret_value()
    file = url.removeprefix(_FILE) if _scheme(url) == "sqlite" else ""
    if not file or file.startswith((":", "file:")):
        return database
    return database.model_copy(update={"url": SecretStr(f"{_FILE}{folder / file}")})


def _scheme(url: str) -> str:
    found = _SCHEME.match(url)
    return "sqlite" if found is None else found[1]
