"""Database: how SQLite and PostgreSQL are opened, and what their failures are called here."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from controller.errors import RecordError, SettingsError

# Longer than any commit of ours, shorter than anybody's patience.
_BUSY_TIMEOUT_S = 1.0
_CONNECT_TIMEOUT_S = 3
_STATEMENT_TIMEOUT_MS = 10_000
# A server whose host vanished is given up after this instead of the kernel's quarter of an hour.
_SILENT_SERVER_MS = 5_000


def database_url(text: str) -> URL:
    """Understand `sqlite:///FILE`, a bare file name, or `postgresql://...`.

    >>> str(database_url("phasewise.db"))
    'sqlite:///phasewise.db'
    >>> database_url("postgres://house@db/journal").drivername
    'postgresql+psycopg'

    Raises:
        SettingsError: it is none of them.
    """
    try:
        url = make_url(text if "://" in text else f"sqlite:///{text}")
    except ArgumentError as error:
        raise SettingsError("database", "url", None, "expected sqlite:///FILE or postgresql://...") from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError("database", "url", url.drivername, "expected sqlite or postgresql")
    return url


def shown(url: URL) -> str:
    """Tell where the database is, without its password."""
    return url.database or "memory" if url.drivername == "sqlite" else url.render_as_string()


def open_engine(url: URL, *, durable: bool = False, read_only: bool = False) -> Engine:
    """Prepare connections; nothing is opened before the first use.

    `durable` waits at each commit until the disk has it. Without it a power cut may take the last commits,
    never the consistency of what came before.

    Raises:
        SettingsError: the driver of this kind of database is not installed.
    """
    if url.drivername == "sqlite":
        return _sqlite_engine(url, durable=durable, read_only=read_only)
    try:
        return _postgres_engine(url, durable=durable, read_only=read_only)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise SettingsError(
            "database", "url", url.drivername, "needs: pip install phasewise[postgres]"
        ) from error


@contextmanager
def in_our_words() -> Iterator[None]:
    """Say a database's failure as a RecordError of one line.

    Raises:
        RecordError: something inside failed in the database.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise RecordError(one_line(error)) from error


def one_line(error: SQLAlchemyError) -> str:
    """Tell the database's own words, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def _sqlite_engine(url: URL, *, durable: bool, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=4 if read_only else 1,
        connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        if read_only:
            connection.execute("PRAGMA query_only = ON")
            return
        if connection.execute("PRAGMA page_count").fetchone() == (0,):
            # Only an empty file takes this; it lets `prune` hand pages back to the file system.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver's own BEGIN comes late and takes the write lock later still.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: URL, *, durable: bool, read_only: bool) -> Engine:
    options = {
        "statement_timeout": _STATEMENT_TIMEOUT_MS,
        "lock_timeout": int(_BUSY_TIMEOUT_S * 1000),
        "synchronous_commit": "on" if durable else "off",
        "default_transaction_read_only": "on" if read_only else "off",
    }
    connect_args: dict[str, Any] = {
        "connect_timeout": _CONNECT_TIMEOUT_S,
        "tcp_user_timeout": _SILENT_SERVER_MS,
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
    }
    return create_engine(url, pool_size=4 if read_only else 1, pool_pre_ping=True, connect_args=connect_args)


def require_file(url: URL) -> None:
    """Refuse to read a SQLite file that is not there; opening it would create an empty one.

    Raises:
        RecordError: there is none.
    """
    if url.drivername == "sqlite" and not Path(url.database or "").is_file():
        raise RecordError(f"no database at {shown(url)}")
