"""Writer: everything that touches the database for the daemon, synchronous, in one thread of its own.

Failures of the database come back as values; the journal decides what to do about them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from adapters.store.database import in_our_words, one_line, open_engine, shown
from adapters.store.outbox import Entry
from adapters.store.rows import TickWriter, write_promises
from adapters.store.schema import bring_up_to_date
from adapters.store.ticks import PolicyDocument
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision
from controller.errors import RecordError, SettingsError
from controller.ports import Recorded

_Value = TypeVar("_Value")

# What is wrong with an entry itself: no later try will help it.
_REFUSALS = (ValueError, IntegrityError, DataError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Engines:
    ordinary: Engine
    durable: Engine
    """Waits for the disk at each commit; only promises need that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How a batch ended."""

    failure: RecordError | None = None
    """The database did not take it; all of it may be tried again."""
    refused: tuple[str, ...] = ()
    """Why single entries can never be written; they are not worth another try."""


class Writer:
    """Opens the database when it is first needed, and again after every failure."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engines: _Engines | None = None
        self._ticks = TickWriter()

    def open(self) -> RecordError | None:
        """Connect and bring the tables up to date.

        Raises:
            SettingsError: the database was made by a newer version, or its driver is missing.
        """
        try:
            self._opened()
        except RecordError as error:
            self.close()
            return error
        return None

    def write_promises(self, promises: Sequence[Recorded]) -> RecordError | None:
        """Write promises and wait until the disk has them."""
        try:
            with in_our_words(), self._opened().durable.begin() as connection:
                write_promises(connection, promises)
        except (RecordError, SettingsError) as error:
            return self._failed(error)
        return None

    def write(self, entries: Sequence[Entry]) -> Written:
        """Write a batch in one transaction; when one entry is at fault, the others without it."""
        try:
            self._apply(entries)
        except (RecordError, SettingsError) as error:
            return Written(failure=self._failed(error))
        except _REFUSALS:
            self._ticks.forget()
            return self._write_singly(entries)
        return Written()

    def write_tick(
        self,
        connection: Connection,
        snapshot: Snapshot,
        decision: Decision,
        policies: PolicyDocument | None,
    ) -> None:
        """Insert a tick, inside a batch.

        Raises:
            ValueError: a number in it is not finite.
        """
        self._ticks.write(connection, snapshot, decision, policies)

    def ask(self, question: Callable[[Connection], _Value]) -> _Value | RecordError:
        """Answer a question, or carry out a chore, in a transaction of its own."""
        try:
            with in_our_words(), self._opened().ordinary.begin() as connection:
                return question(connection)
        except (RecordError, SettingsError) as error:
            return self._failed(error)

    def forget_context(self) -> None:
        """Let the next tick bring its context along again."""
        self._ticks.forget()

    def close(self) -> None:
        """Let go of the connections."""
        if self._engines is not None:
            self._engines.ordinary.dispose()
            self._engines.durable.dispose()
        self._engines = None
        self._ticks.forget()

    def _opened(self) -> _Engines:
        if self._engines is not None:
            return self._engines
        _make_folder(self._url)
        engines = _Engines(ordinary=open_engine(self._url), durable=open_engine(self._url, durable=True))
        bring_up_to_date(engines.durable)
        self._engines = engines
        return engines

    def _apply(self, entries: Sequence[Entry]) -> None:
        try:
            with self._opened().ordinary.begin() as connection:
                for entry in entries:
                    entry.apply(connection)
        except (IntegrityError, DataError):
            raise
        except SQLAlchemyError as error:
            raise RecordError(one_line(error)) from error

    def _write_singly(self, entries: Sequence[Entry]) -> Written:
        refused: list[str] = []
        for entry in entries:
            try:
                self._apply([entry])
            except _REFUSALS as error:
                self._ticks.forget()
                refused.append(f"{entry.importance.name.lower()}: {_why(error)}")
            except (RecordError, SettingsError) as error:
                refused.append(f"{entry.importance.name.lower()}: {self._failed(error)}")
        return Written(refused=tuple(refused))

    def _failed(self, error: RecordError | SettingsError) -> RecordError:
        # A fresh connection is cheap, and a broken one heals in no other way.
        self.close()
        return error if isinstance(error, RecordError) else RecordError(str(error))


def _why(error: Exception) -> str:
    return one_line(error) if isinstance(error, SQLAlchemyError) else str(error)


def _make_folder(url: URL) -> None:
    if url.drivername != "sqlite" or not url.database:
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"{shown(url)}: {error.strerror}") from error
