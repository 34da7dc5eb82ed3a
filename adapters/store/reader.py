"""Reader: the journal for those who ask, beside a running daemon or without one.

Everything streams: a year of rows passes through without being held in memory.
"""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, select

from adapters.store import tables
from adapters.store.database import database_url, in_our_words, open_engine, require_file
from adapters.store.means import condensed
from adapters.store.sampling import MINUTE_S, QUARTER_S, unpacked
from adapters.store.session_rows import session_of
from adapters.store.ticks import Context, Opened, RecordedTick, recorded
from controller.errors import RecordError
from controller.sessions import Session

Resolution = Literal["raw", "minute", "quarter"]

ReadingRow = Mapping[str, Any]
"""One row by column: `at`, `device`, and what the device told; see `docs/storage.md`."""

_ROWS_AT_ONCE = 200


class Reader:
    """Reads a journal; a context manager. Thread-safe; each iterator belongs to one thread at a time.

    Spans are half open: `since` belongs to them, `until` does not; `None` leaves a side open.
    Every method raises RecordError when the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._url = database_url(url)
        self._engine = open_engine(self._url, read_only=True)
        self._contexts: dict[str, Opened] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def decisions(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[RecordedTick]:
        """Tell the recorded ticks of a span, oldest first."""
        at = tables.decisions.c.at
        wanted = select(tables.decisions).where(*_span(at, since, until)).order_by(at, tables.decisions.c.id)
        with self._connected() as connection:
            for row in connection.execute(wanted):
                yield self._tick(connection, row)

    def decision_at(self, at: datetime) -> RecordedTick | None:
        """Tell the last tick that was recorded at or before an instant."""
        return self._last_tick(tables.decisions.c.at <= at)

    def latest_decision(self) -> RecordedTick | None:
        """Tell the tick that was recorded last."""
        return self._last_tick()

    def sessions(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Session]:
        """Tell the sessions that started in a span, oldest first."""
        started = tables.sessions.c.started
        wanted = select(tables.sessions).where(*_span(started, since, until))
        with self._connected() as connection:
            for row in connection.execute(wanted.order_by(started, tables.sessions.c.charger)):
                yield session_of(row)

    def readings(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        resolution: Resolution = "minute",
    ) -> Iterator[ReadingRow]:
        """Tell readings minute by minute, oldest first; each row has `at` and `device`.

        Raw ones are there for as long as they are kept; quarter hours for ever.
        """
        if resolution == "raw":
            return self._samples(since, until)
        return self._means(since, until, MINUTE_S if resolution == "minute" else QUARTER_S)

    def rows(
        self,
        table: Literal["writes", "prices", "events"],
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[ReadingRow]:
        """Tell the rows of a plain table, oldest first."""
        of, at = _PLAIN[table]
        with self._connected() as connection:
            for row in connection.execute(select(of).where(*_span(at, since, until)).order_by(at)):
                yield row._asdict()

    def _samples(self, since: datetime | None, until: datetime | None) -> Iterator[ReadingRow]:
        samples = tables.samples
        # A minute that began before the span may reach into it.
        begun = None if since is None else since - timedelta(seconds=MINUTE_S)
        wanted = select(samples).where(*_span(samples.c.starts, begun, until))
        with self._connected() as connection:
            for row in connection.execute(wanted.order_by(samples.c.starts, samples.c.device)):
                yield from _within(_samples_of(row), since, until)

    def _means(self, since: datetime | None, until: datetime | None, span_s: int) -> Iterator[ReadingRow]:
        with self._connected() as connection:
            yield from (_as_reading(row) for row in _stored(connection, span_s, since, until))
            if span_s == QUARTER_S:
                minutes = _stored(connection, MINUTE_S, since, until)
                yield from (_as_reading(row) for row in condensed(minutes))

    def _last_tick(self, *conditions: ColumnElement[bool]) -> RecordedTick | None:
        decisions = tables.decisions
        wanted = select(decisions).where(*conditions).order_by(decisions.c.at.desc(), decisions.c.id.desc())
        with self._connected() as connection:
            row = connection.execute(wanted.limit(1)).one_or_none()
            return None if row is None else self._tick(connection, row)

    def _tick(self, connection: Connection, row: Row[Any]) -> RecordedTick:
        if row.context not in self._contexts:
            self._contexts[row.context] = _read_context(connection, row.context)
        return recorded(self._contexts[row.context], row.at, row.digest, row.body)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        require_file(self._url)
        with in_our_words(), self._engine.connect() as connection:
            yield connection.execution_options(yield_per=_ROWS_AT_ONCE)


def _span(at: Column[datetime], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    conditions = []
    if since is not None:
        conditions.append(at >= since)
    if until is not None:
        conditions.append(at < until)
    return conditions


def _stored(
    connection: Connection, span_s: int, since: datetime | None, until: datetime | None
) -> Iterator[ReadingRow]:
    means = tables.means
    wanted = select(means).where(means.c.span_s == span_s, *_span(means.c.starts, since, until))
    for row in connection.execute(wanted.order_by(means.c.starts, means.c.device)):
        yield row._asdict()


def _as_reading(row: ReadingRow) -> ReadingRow:
    return {"at": row["starts"], **{name: value for name, value in row.items() if name != "starts"}}


def _samples_of(row: Row[Any]) -> Iterator[ReadingRow]:
    for sample in unpacked(row.body):
        at = row.starts + timedelta(seconds=float(sample["at_s"] or 0.0))
        told = {name: value for name, value in sample.items() if name != "at_s"}
        yield {"at": at, "device": row.device, **told}


def _within(
    readings: Iterator[ReadingRow], since: datetime | None, until: datetime | None
) -> Iterator[ReadingRow]:
    for reading in readings:
        if (since is None or reading["at"] >= since) and (until is None or reading["at"] < until):
            yield reading


def _read_context(connection: Connection, name: str) -> Opened:
    row = connection.execute(select(tables.contexts).where(tables.contexts.c.id == name)).one_or_none()
    if row is None:
        raise RecordError(f"the database lost the site {name} that its decisions refer to")
    context = Context(
        id=row.id,
        site=zlib.decompress(row.site),
        policies=zlib.decompress(row.policies),
        sample=zlib.decompress(row.sample),
    )
    return Opened.of(context)


_PLAIN: Mapping[str, tuple[Table, Column[datetime]]] = {
    "writes": (tables.writes, tables.writes.c.at),
    "prices": (tables.prices, tables.prices.c.starts),
    "events": (tables.events, tables.events.c.at),
}
