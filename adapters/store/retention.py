"""Retention: raw readings for a day, minute means for a month, quarter hours for ever.

Pruning goes in small steps, each a transaction of its own, so that a promise never waits long behind one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Table, delete, func, select

from adapters.store import tables
from adapters.store.means import condensed, quarter_of
from adapters.store.rows import upsert
from adapters.store.sampling import MINUTE_S

# Months of minutes that nobody pruned are condensed week by week.
_AT_ONCE = timedelta(days=7)

Step = Callable[[Connection], int]
"""Deletes or condenses; tells how many rows went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days each kind of row is kept; `None` keeps it for ever."""

    samples_days: float | None = 1.0
    minutes_days: float | None = 31.0
    """Older minutes are condensed to quarter hours, which stay."""
    decisions_days: float | None = 14.0
    writes_days: float | None = 365.0
    events_days: float | None = 365.0
    prices_days: float | None = 365.0
    sessions_days: float | None = None


def steps(retention: Retention, now: datetime) -> Mapping[str, Step]:
    """Tell what pruning has to do, by table, in this order."""
    old: dict[str, tuple[Table, Column[datetime], float | None]] = {
        "samples": (tables.samples, tables.samples.c.starts, retention.samples_days),
        "decisions": (tables.decisions, tables.decisions.c.at, retention.decisions_days),
        "writes": (tables.writes, tables.writes.c.at, retention.writes_days),
        "events": (tables.events, tables.events.c.at, retention.events_days),
        "prices": (tables.prices, tables.prices.c.ends, retention.prices_days),
        "sessions": (tables.sessions, tables.sessions.c.ended, retention.sessions_days),
    }
    found: dict[str, Step] = {
        name: _older_than(table, column, now - timedelta(days=days))
        for name, (table, column, days) in old.items()
        if days is not None
    }
    if retention.minutes_days is not None:
        found["minutes"] = _condense(quarter_of(now - timedelta(days=retention.minutes_days)))
    return {**found, "contexts": _drop_orphans, "pages": _hand_back_pages}


def _older_than(table: Table, column: Column[datetime], before: datetime) -> Step:
    def run(connection: Connection) -> int:
        return connection.execute(delete(table).where(column < before)).rowcount

    return run


def _drop_orphans(connection: Connection) -> int:
    used = select(tables.decisions.c.context)
    return connection.execute(delete(tables.contexts).where(tables.contexts.c.id.not_in(used))).rowcount


def _condense(before: datetime) -> Step:
    means = tables.means
    minutes = means.c.span_s == MINUTE_S

    def run(connection: Connection) -> int:
        oldest = connection.execute(select(func.min(means.c.starts)).where(minutes)).scalar()
        if oldest is None or oldest >= before:
            return 0
        span = minutes & (means.c.starts < min(before, quarter_of(oldest) + _AT_ONCE))
        rows = connection.execute(select(means).where(span).order_by(means.c.starts))
        upsert(connection, means, list(condensed(row._asdict() for row in rows)))
        return connection.execute(delete(means).where(span)).rowcount

    return run


def _hand_back_pages(connection: Connection) -> int:
    """Give free pages of a SQLite file back to the file system; PostgreSQL has its own vacuum."""
    if connection.dialect.name == "sqlite":
        # The driver stops a statement without columns after its first step, and that frees a single page;
        # a script runs to its end. It commits first, which is right here: nothing else is in this step.
        connection.connection.cursor().executescript("PRAGMA incremental_vacuum")
    return 0
