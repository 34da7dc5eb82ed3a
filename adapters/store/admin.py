"""Administration: what `phasewise db` does. Plain functions; a running daemon is not disturbed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

import migrations
from adapters.store.database import database_url, in_our_words, open_engine, require_file
from adapters.store.retention import Retention, steps
from adapters.store.schema import bring_up_to_date, drift, refuse_newer, revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What `check` found."""

    revision: str | None
    """`None`: nothing was ever recorded there."""
    newest: str
    """The revision that this version works with."""
    differences: tuple[str, ...]
    """Where the tables are not what this version expects, a line each."""

    @property
    def well(self) -> bool:
        """Whether this database can be used as it is."""
        return self.revision == self.newest and not self.differences


def upgrade(url: str) -> str:
    """Bring a database up to date, creating it if need be; tell its revision.

    Raises:
        SettingsError: it was made by a newer version, or the URL is wrong.
        RecordError: it does not answer.
    """
    with _engine(url) as engine:
        return bring_up_to_date(engine)


def check(url: str) -> Check:
    """Compare a database with what this version expects; changes nothing. Errors as for `upgrade`."""
    require_file(database_url(url))
    with _engine(url, read_only=True) as engine, in_our_words(), engine.connect() as connection:
        found = revision(connection)
        if found != migrations.HEAD:
            refuse_newer(connection)
            return Check(revision=found, newest=migrations.HEAD, differences=())
        return Check(revision=found, newest=migrations.HEAD, differences=drift(connection))


def prune(url: str, now: datetime, retention: Retention | None = None) -> Mapping[str, int]:
    """Thin readings by age and delete what is older than its retention; tell the rows that went, by table.

    Errors as for `upgrade`.
    """
    require_file(database_url(url))
    gone: dict[str, int] = {}
    with _engine(url) as engine:
        bring_up_to_date(engine)
        for name, step in steps(retention or Retention(), now).items():
            with in_our_words(), engine.begin() as connection:
                gone[name] = step(connection)
    return gone


@contextmanager
def _engine(url: str, *, read_only: bool = False) -> Iterator[Engine]:
    engine = open_engine(database_url(url), durable=True, read_only=read_only)
    try:
        yield engine
    finally:
        engine.dispose()
