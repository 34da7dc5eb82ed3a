"""Journals on real SQLite files, as the tests open, fill and lock them."""

import sqlite3
from pathlib import Path

from adapters.store.journal import Pace, SqlJournal
from adapters.store.retention import Retention
from tests.fakes.clock import FakeClock


async def reopened(file: Path, clock: FakeClock, retention: Retention | None = None) -> SqlJournal:
    """Open a journal that is quick to try again."""
    opened = SqlJournal(f"sqlite:///{file}", clock, retention, Pace(retry_s=1.0))
    await opened.open()
    return opened


async def written(journal: SqlJournal, clock: FakeClock) -> None:
    """Let everything that is due come due."""
    await clock.advance(61.0)
    await journal.beat()


def locked(file: Path) -> sqlite3.Connection:
    """Lock the database against every writer until the connection is closed."""
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    return holder
