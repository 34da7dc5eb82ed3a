"""Journal place: which databases can be named, and where a relative file is."""

import os
import re
from collections.abc import Iterator
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
    url = database.url.get_secret_value()
    scheme = _scheme(url)
    if url.startswith("sqlite:") and not url.startswith(_FILE):
        complaints.add("database.url", url, f"{_KNOWN}: three slashes, four before an absolute path")
    elif scheme not in ("sqlite", "postgres", "postgresql", "postgresql+psycopg"):
        complaints.add("database.url", f"{scheme}:...", _KNOWN)
    elif scheme != "sqlite" and find_spec("psycopg") is None:
        complaints.add("database.url", f"{scheme}:...", "a driver for it: pip install phasewise[postgres]")


def journal_file(database: DatabaseSettings) -> Path | None:
    """Tell where a SQLite journal is; `None`: in memory, or on a server."""
    url = database.url.get_secret_value()
    file = url.removeprefix(_FILE).partition("?")[0] if _scheme(url) == "sqlite" else ""
    return None if not file or file.startswith((":", "file:")) else Path(file)


def unwritable(database: DatabaseSettings) -> Iterator[str]:
    """Warn of a journal that cannot be kept where it is to be; that may have changed by the start."""
    file = journal_file(database)
    if file is None:
        return
    harm = "no car can charge more while there is no journal"
    if file.is_dir():
        yield f"database.url: {file} is a folder: {harm}"
        return
    folder = next(place for place in file.absolute().parents if place.exists())
    for place in (folder, file):
        if place.exists() and not os.access(place, os.W_OK):
            yield f"database.url: {place} may not be written to: {harm}"


def anchored(database: DatabaseSettings, folder: Path) -> DatabaseSettings:
    """Let a relative SQLite file start in the configuration's folder, like every other path."""
    file = journal_file(database)
    if file is None:
        return database
    _, mark, options = database.url.get_secret_value().partition("?")
    return database.model_copy(update={"url": SecretStr(f"{_FILE}{folder / file}{mark}{options}")})


def _scheme(url: str) -> str:
    found = _SCHEME.match(url)
    return "sqlite" if found is None else found[1]
