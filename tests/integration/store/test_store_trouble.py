"""A SQLite file that is locked, full or cannot be made: what is refused, and how it heals."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from adapters.store.journal import Pace, SqlJournal
from adapters.store.reader import Reader
from controller.domain.units import CircuitId
from controller.errors import RecordError
from controller.ports import Journal
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    GARAGE,
    decision,
    promise,
    snapshot,
)
from tests.integration.store.opening import locked, reopened, written


@dataclass
class SmallDisk:
    """A disk on which the files of SQLite stop growing."""

    is_full: bool = False

    def restrict(self, connection: sqlite3.Connection, _: object) -> None:
        """Let a new connection find the disk as it is."""
        if self.is_full:
            connection.execute("PRAGMA max_page_count = 1")


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """Hand out a disk that every new connection writes to."""
    small = SmallDisk()
    event.listen(Engine, "connect", small.restrict)
    yield small
    event.remove(Engine, "connect", small.restrict)


def test_the_journal_implements_its_port(clock: FakeClock) -> None:
    journal: Journal = SqlJournal("sqlite:///never-opened.db", clock)

    assert not journal.recording


async def test_a_locked_database_refuses_promises_and_heals(
    journal: SqlJournal, file: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with closing(locked(file)):
        with pytest.raises(RecordError, match="locked"):
            await journal.record_promises([promise(16.0)])
        with pytest.raises(RecordError, match="locked"):
            await journal.record_promises([promise(20.0)])
        recording_while_locked = journal.recording

    await written(journal, clock)

    assert not recording_while_locked
    assert journal.recording
    assert await journal.load_promises() == (promise(20.0),)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("adapters.store")]
    assert [line.partition(":")[2].partition(",")[0].strip() for line in said] == [
        "cannot record",
        "recording again; lost meanwhile: nothing",
    ]


async def test_a_locked_database_never_delays_a_tick(
    journal: SqlJournal, reader: Reader, file: Path, clock: FakeClock
) -> None:
    with closing(locked(file)):
        for at_s in (0.0, 60.0, 120.0):
            journal.record_tick(snapshot(at_s), decision(at_s))
            await written(journal, clock)

    await written(journal, clock)

    assert len(list(reader.decisions())) == 3


async def test_what_could_not_be_written_is_written_later_in_its_order(
    journal: SqlJournal, reader: Reader, file: Path, clock: FakeClock
) -> None:
    with closing(locked(file)):
        journal.record_event("lost", "charger:garage")
        await written(journal, clock)
        journal.record_event("back", "charger:garage")

    await written(journal, clock)

    assert [row["kind"] for row in reader.rows("events")] == ["lost", "back"]


async def test_a_full_disk_refuses_promises_and_heals(
    file: Path, disk: SmallDisk, reader: Reader, clock: FakeClock
) -> None:
    journal = await reopened(file, clock)
    await journal.close()
    disk.is_full = True
    journal = await reopened(file, clock)
    journal.record_tick(snapshot(0.0), decision(0.0))
    with pytest.raises(RecordError, match="full"):
        await journal.record_promises([replace(promise(16.0), circuit=CircuitId("x" * 100_000))])
    await written(journal, clock)
    recording_while_full = journal.recording

    disk.is_full = False
    await written(journal, clock)

    assert not recording_while_full
    assert journal.recording
    assert len(list(reader.decisions())) == 1
    assert {known.charger for known in await journal.load_promises()} == {GARAGE}
    await journal.close()


async def test_a_missing_folder_that_cannot_be_made_does_not_stop_the_start(
    tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    journal = SqlJournal(str(tmp_path / "state" / "phasewise.db"), clock, pace=Pace(retry_s=1.0))

    await journal.open()
    recording_at_first = journal.recording
    with pytest.raises(RecordError):
        await journal.load_promises()
    journal.record_tick(snapshot(0.0), decision(0.0))
    (tmp_path / "state").unlink()
    await written(journal, clock)

    assert not recording_at_first
    assert journal.recording
    assert [known.promise_a for known in await journal.load_promises()] == [10.0]
    await journal.close()
