"""The journal on real SQLite files: what it keeps, and what happens when the file cannot be written."""

import asyncio
import io
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine, event

from adapters.store.database import database_url, open_engine
from adapters.store.export import export
from adapters.store.journal import Pace, SqlJournal
from adapters.store.reader import Reader
from adapters.store.retention import Retention
from controller.codec import digest
from controller.domain.readings import Answer, Outcome, PersonRequest, Plug, SiteCap
from controller.domain.units import CircuitId
from controller.errors import RecordError
from controller.ports import Journal
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    GARAGE,
    NOON,
    PRICES,
    SITE,
    YARD,
    charger,
    decision,
    on,
    promise,
    snapshot,
    verdict,
    write,
)


@pytest.fixture
def clock() -> FakeClock:
    """Hand out a clock that stands at noon."""
    return FakeClock(NOON)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a database in a folder that is not there yet."""
    return tmp_path / "state" / "phasewise.db"


@pytest_asyncio.fixture
async def journal(file: Path, clock: FakeClock) -> AsyncIterator[SqlJournal]:
    """Hand out an open journal."""
    opened = await reopened(file, clock)
    yield opened
    await opened.close()


@pytest.fixture
def reader(file: Path) -> Iterator[Reader]:
    """Hand out a reader of the same file."""
    with Reader(str(file)) as found:
        yield found


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


def test_the_journal_implements_its_port(clock: FakeClock) -> None:
    journal: Journal = SqlJournal("sqlite:///never-opened.db", clock)

    assert not journal.recording


async def test_promises_survive_a_restart(journal: SqlJournal, file: Path, clock: FakeClock) -> None:
    await journal.record_promises([promise(16.0), promise(6.0, YARD)])

    again = await reopened(file, clock)

    assert await again.load_promises() == (promise(16.0), promise(6.0, YARD))
    await again.close()


async def test_a_recorded_promise_is_on_the_disk_at_once(journal: SqlJournal, file: Path) -> None:
    await journal.record_promises([promise(16.0)])

    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT charger, promise_a FROM promises").fetchall() == [("garage", 16.0)]


def test_promises_wait_for_the_disk_and_the_rest_does_not(tmp_path: Path) -> None:
    modes = []
    for durable in (True, False):
        engine = open_engine(database_url(str(tmp_path / "probe.db")), durable=durable)
        with engine.connect() as connection:
            modes.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
        engine.dispose()

    # https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL, 1 is NORMAL.
    assert modes == [2, 1]


async def test_a_confirmed_cut_is_recorded_in_the_background(journal: SqlJournal, clock: FakeClock) -> None:
    await journal.record_promises([promise(16.0)])
    journal.record_tick(snapshot(0), decision(0, verdict(promise_a=6.0)))

    await written(journal, clock)

    assert [known.promise_a for known in await journal.load_promises()] == [6.0]


async def test_a_recorded_tick_comes_back_bit_by_bit(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    looked, decided = snapshot(1.5, charger(1.0, power_w=6900.0)), decision(1.5, writes=(write(),))
    journal.record_tick(looked, decided)

    await written(journal, clock)

    (tick,) = reader.decisions()
    assert tick.snapshot == looked
    assert tick.decision == decided
    assert tick.digest == digest(decided)


async def test_ticks_that_share_a_site_share_its_object(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    for at_s in (0.0, 60.0):
        journal.record_tick(snapshot(at_s), decision(at_s))
    await written(journal, clock)

    first, second = reader.decisions()

    assert first.site == SITE
    assert second.snapshot.site is first.snapshot.site


async def test_a_changed_site_is_kept_beside_the_old_one(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    bigger = replace(SITE, id="bigger")
    journal.record_tick(snapshot(0.0), decision(0.0))
    journal.record_tick(on(bigger, snapshot(60.0)), decision(60.0))

    await written(journal, clock)

    assert [tick.site for tick in reader.decisions()] == [SITE, bigger]


async def test_ticks_remember_the_policies_they_were_decided_under(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    journal.record_tick(snapshot(0.0), decision(0.0))
    for at_s, says in ((60.0, "old"), (120.0, "new")):
        journal.record_policies({"modes": {"fast": {"says": says}}})
        journal.record_tick(snapshot(at_s), decision(at_s))

    await written(journal, clock)

    said = [tick.policies and tick.policies["modes"]["fast"]["says"] for tick in reader.decisions()]
    assert said == [None, "old", "new"]


async def test_the_decision_at_an_instant_is_the_last_one_before_it(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    for at_s in (0.0, 60.0, 120.0):
        journal.record_tick(snapshot(at_s), decision(at_s))
    await written(journal, clock)

    found = reader.decision_at(NOON + timedelta(seconds=100))
    latest = reader.latest_decision()

    assert found is not None
    assert found.at == NOON + timedelta(seconds=60)
    assert latest is not None
    assert latest.at == NOON + timedelta(seconds=120)
    assert reader.decision_at(NOON - timedelta(seconds=1)) is None


async def test_a_tick_that_cannot_be_recorded_does_not_take_others_along(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    journal.record_tick(snapshot(0.0), decision(0.0, verdict(value=float("nan"))))
    journal.record_tick(snapshot(60.0), decision(60.0))

    await written(journal, clock)

    assert [tick.at for tick in reader.decisions()] == [NOON + timedelta(seconds=60)]
    assert journal.lost == {"refused": 1}
    assert journal.recording


async def test_writes_are_kept_with_their_answers(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    answer = Answer(write=7, outcome=Outcome.REFUSED, at_mono_s=1001.0, detail="locked")
    journal.record_tick(snapshot(0.0), decision(0.0, writes=(write(7),)))
    journal.record_tick(replace(snapshot(1.0), answers=(answer,)), decision(1.0))

    await written(journal, clock)

    (row,) = reader.rows("writes")
    assert (row["target"], row["kind"], row["l1_a"], row["promise_a"]) == ("garage", "raise", 16.0, 16.0)
    assert (row["outcome"], row["detail"]) == ("refused", "locked")


async def test_an_answer_belongs_to_the_latest_write_of_its_number(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    answer = Answer(write=7, outcome=Outcome.DELIVERED, at_mono_s=1002.0)
    for at_s in (0.0, 1.0):
        journal.record_tick(snapshot(at_s), decision(at_s, writes=(write(7),)))
    journal.record_tick(replace(snapshot(2.0), answers=(answer,)), decision(2.0))

    await written(journal, clock)

    assert [row["outcome"] for row in reader.rows("writes")] == [None, "delivered"]


async def test_what_persons_set_survives_a_restart(journal: SqlJournal, file: Path, clock: FakeClock) -> None:
    request = PersonRequest(mode="solar", limit_a=8.0, limit_until=NOON + timedelta(hours=1))
    cap = SiteCap(limit_w=4200.0, until=NOON + timedelta(hours=1))
    journal.keep_request(GARAGE, request)
    journal.keep_cap(cap)
    journal.keep_out_of_service(frozenset({YARD}))
    journal.keep_parameter("solar/surplus/start_w", 1500.0)
    await journal.close()

    again = await reopened(file, clock)

    assert await again.load_requests() == {GARAGE: request}
    assert await again.load_cap() == cap
    assert await again.load_out_of_service() == {YARD}
    assert await again.load_parameters() == {"solar/surplus/start_w": 1500.0}
    await again.close()


async def test_what_expired_during_a_restart_is_gone(
    journal: SqlJournal, file: Path, clock: FakeClock
) -> None:
    journal.keep_request(GARAGE, PersonRequest(boost_until=NOON + timedelta(minutes=1)))
    journal.keep_cap(SiteCap(limit_w=4200.0, until=NOON + timedelta(minutes=1)))
    await journal.close()
    clock.jump(60.0)

    again = await reopened(file, clock)

    assert await again.load_requests() == {}
    assert await again.load_cap() is None
    await again.close()


async def test_what_persons_take_back_is_forgotten(journal: SqlJournal, clock: FakeClock) -> None:
    journal.keep_request(GARAGE, PersonRequest(mode="off"))
    journal.keep_out_of_service(frozenset({YARD, GARAGE}))
    journal.keep_parameter("a/b/c", 1.0)
    await written(journal, clock)

    journal.keep_request(GARAGE, None)
    journal.keep_out_of_service(frozenset({GARAGE}))
    journal.keep_parameter("a/b/c", None)
    await written(journal, clock)

    assert await journal.load_requests() == {}
    assert await journal.load_out_of_service() == {GARAGE}
    assert await journal.load_parameters() == {}


async def test_what_a_person_asked_is_written_with_the_next_beat(
    journal: SqlJournal, clock: FakeClock
) -> None:
    await written(journal, clock)
    journal.keep_request(GARAGE, PersonRequest(mode="off"))

    await clock.advance(1.0)
    await journal.beat()

    assert await journal.load_requests() == {GARAGE: PersonRequest(mode="off")}


async def test_prices_come_back_with_their_age(journal: SqlJournal, clock: FakeClock) -> None:
    journal.record_prices("day-ahead", PRICES, NOON - timedelta(hours=2))
    newer = replace(PRICES[1], import_per_kwh=0.2)
    journal.record_prices("day-ahead", [newer], NOON)
    await written(journal, clock)

    known = await journal.load_prices("day-ahead")

    assert known.slots == (PRICES[0], newer)
    assert known.fetched == NOON - timedelta(hours=2)
    assert (await journal.load_prices("other")).fetched is None


async def test_past_prices_are_not_loaded(journal: SqlJournal, clock: FakeClock) -> None:
    journal.record_prices("day-ahead", PRICES, NOON)
    await clock.advance(3600.0)
    await journal.beat()

    assert (await journal.load_prices("day-ahead")).slots == (PRICES[1],)


async def test_events_are_kept_with_their_time(journal: SqlJournal, reader: Reader, clock: FakeClock) -> None:
    journal.record_event("lost", "charger:garage", "no answer")

    await written(journal, clock)

    (row,) = reader.rows("events")
    assert (row["at"], row["kind"], row["subject"], row["detail"]) == (
        NOON,
        "lost",
        "charger:garage",
        "no answer",
    )


async def test_a_session_is_taken_up_after_a_restart(
    journal: SqlJournal, reader: Reader, file: Path, clock: FakeClock
) -> None:
    journal.record_tick(snapshot(0.0, charger(0.0, session_wh=0.0)), decision(0.0))
    await journal.close()
    again = await reopened(file, clock)

    again.record_tick(snapshot(30.0, charger(30.0, session_wh=50.0)), decision(30.0))
    again.record_tick(snapshot(40.0, charger(40.0, plug=Plug.A)), decision(40.0))
    await again.close()

    (session,) = reader.sessions()
    assert session.total_wh == 50.0
    assert (session.started, session.ended) == (NOON, NOON + timedelta(seconds=40))


async def test_raw_readings_and_means_come_back(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    for at_s in range(121):
        journal.record_tick(snapshot(float(at_s), grid_w=float(at_s)), decision(float(at_s)))
    await written(journal, clock)

    raw = [row for row in reader.readings(resolution="raw") if row["device"] == "meter:grid"]
    means = [row for row in reader.readings() if row["device"] == "meter:grid"]
    quarters = [row for row in reader.readings(resolution="quarter") if row["device"] == "meter:grid"]

    assert [row["power_w"] for row in raw] == [float(at_s) for at_s in range(120)]
    assert [row["power_w"] for row in means] == [29.5, 89.5]
    assert [row["power_w"] for row in quarters] == [59.5]


async def test_a_span_is_half_open(journal: SqlJournal, reader: Reader, clock: FakeClock) -> None:
    for at_s in range(61):
        journal.record_tick(snapshot(float(at_s), grid_w=float(at_s)), decision(float(at_s)))
    await written(journal, clock)

    since, until = NOON + timedelta(seconds=20), NOON + timedelta(seconds=23)
    raw = reader.readings(since, until, "raw")

    assert [row["power_w"] for row in raw if row["device"] == "meter:grid"] == [20.0, 21.0, 22.0]


async def test_pruning_keeps_what_is_young_and_thins_what_is_old(
    file: Path, reader: Reader, clock: FakeClock
) -> None:
    journal = await reopened(file, clock, Retention(samples_days=1, minutes_days=2, decisions_days=1))
    for at_s in range(0, 1900, 20):
        journal.record_tick(snapshot(float(at_s), grid_w=100.0), decision(float(at_s)))
    await written(journal, clock)
    clock.jump(3 * 86400.0)
    journal.record_tick(snapshot(3 * 86400.0), decision(3 * 86400.0))
    await written(journal, clock)

    await journal.prune()

    assert len(list(reader.decisions())) == 1
    assert list(reader.readings(until=NOON + timedelta(days=1), resolution="raw")) == []
    assert list(reader.readings(until=NOON + timedelta(days=1))) == []
    quarters = [row for row in reader.readings(resolution="quarter") if row["device"] == "meter:grid"]
    assert [(row["at"], row["count"]) for row in quarters[:2]] == [
        (NOON, 45),
        (NOON + timedelta(minutes=15), 45),
    ]
    await journal.close()


async def test_ticks_after_pruning_everything_can_still_be_read(
    file: Path, reader: Reader, clock: FakeClock
) -> None:
    journal = await reopened(file, clock, Retention(decisions_days=0))
    journal.record_tick(snapshot(0.0), decision(0.0))
    await written(journal, clock)
    await journal.prune()

    journal.record_tick(snapshot(60.0), decision(60.0))
    await written(journal, clock)

    assert [tick.snapshot for tick in reader.decisions()] == [snapshot(60.0)]
    await journal.close()


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


async def test_promises_are_recorded_again_in_a_database_that_lost_them(
    journal: SqlJournal, file: Path, clock: FakeClock
) -> None:
    await journal.record_promises([promise(16.0)])
    with closing(locked(file)) as other:
        journal.record_event("lost", "charger:garage")
        await written(journal, clock)
        other.execute("DELETE FROM promises")
        other.execute("COMMIT")

    await written(journal, clock)

    assert await journal.load_promises() == (promise(16.0),)


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


def test_reading_does_not_create_a_database(file: Path, reader: Reader) -> None:
    with pytest.raises(RecordError, match="no database"):
        reader.latest_decision()

    assert not file.exists()


async def test_exports_are_what_was_recorded(journal: SqlJournal, reader: Reader, clock: FakeClock) -> None:
    for at_s in range(61):
        tick = snapshot(float(at_s), charger(float(at_s), session_wh=0.0))
        journal.record_tick(tick, decision(float(at_s)))
    await written(journal, clock)

    sessions, readings, decisions = io.StringIO(), io.StringIO(), io.StringIO()
    export(reader, "sessions", "csv", sessions)
    export(reader, "readings", "csv", readings)
    count = export(reader, "decisions", "jsonl", decisions)

    assert sessions.getvalue().splitlines()[1].startswith("garage,2026-06-01T12:00:00+00:00,,")
    assert readings.getvalue().splitlines()[1].startswith("2026-06-01T12:00:00+00:00,charger:garage,60,60,")
    lines = decisions.getvalue().splitlines()
    assert len(lines) == count == 2
    assert json.loads(lines[0])["decision"]["chargers"]["garage"]["share_a"] == 10


async def test_a_csv_of_decisions_has_a_row_a_charger(
    journal: SqlJournal, reader: Reader, clock: FakeClock
) -> None:
    journal.record_tick(snapshot(0.0), decision(0.0))
    await written(journal, clock)
    found = io.StringIO()

    export(reader, "decisions", "csv", found)

    header, row = found.getvalue().splitlines()
    assert header.startswith("at,digest,charger,share_a,limit_a,promise_a,mode")
    assert row.endswith(",garage,10,10,10,fast,C,False,circuit:main")


async def test_the_background_writes_by_itself(journal: SqlJournal, reader: Reader, clock: FakeClock) -> None:
    journal.record_tick(snapshot(0.0), decision(0.0))

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(journal.run())
        while await asyncio.to_thread(reader.latest_decision) is None:
            await clock.advance(1.0)
        running.cancel()

    assert len(list(reader.decisions())) == 1
