"""What a restart must not forget: promises in real SQLite files."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from adapters.store.database import database_url, open_engine
from adapters.store.journal import SqlJournal
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    LIMITED,
    NOON_S,
    YARD,
    decision,
    leased,
    limited,
    limiter_promise,
    on,
    promise,
    snapshot,
    verdict,
)
from tests.integration.store.opening import locked, reopened, written


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


async def test_a_limiters_promise_survives_a_restart(
    journal: SqlJournal, file: Path, clock: FakeClock
) -> None:
    await journal.record_promises([limiter_promise((16.0, 10.0, 6.0)), promise(16.0)])
    await journal.record_promises([limiter_promise((20.0, 10.0, 6.0))])

    again = await reopened(file, clock)

    assert await again.load_limiters() == (limiter_promise((20.0, 10.0, 6.0)),)
    assert await again.load_promises() == (promise(16.0),)
    await again.close()


async def test_a_limiters_confirmed_cut_is_recorded_in_the_background(
    journal: SqlJournal, clock: FakeClock
) -> None:
    await journal.record_promises([limiter_promise((16.0, 16.0, 16.0))])
    journal.record_tick(on(LIMITED, snapshot(0)), limited(decision(0), (6.0, 6.0, 6.0)))

    await written(journal, clock)

    assert [known.promise_a for known in await journal.load_limiters()] == [(6.0, 6.0, 6.0)]


async def test_the_end_of_a_lease_survives_a_restart(
    journal: SqlJournal, file: Path, clock: FakeClock
) -> None:
    charger = replace(promise(6.0), silent_a=10.0, lapses_mono_s=NOON_S + 60.0, mono_s=NOON_S)
    limiter = replace(limiter_promise(), lapses_mono_s=NOON_S + 90.5, mono_s=NOON_S)
    await journal.record_promises([charger, limiter])

    again = await reopened(file, clock)

    assert await again.load_promises() == (charger,)
    assert await again.load_limiters() == (limiter,)
    await again.close()


async def test_a_renewed_lease_is_recorded_in_the_background(journal: SqlJournal, clock: FakeClock) -> None:
    journal.record_tick(snapshot(0), leased(decision(0), NOON_S + 60.0))
    journal.record_tick(snapshot(30), leased(decision(30), NOON_S + 90.0))

    await written(journal, clock)

    assert [known.lapses_mono_s for known in await journal.load_promises()] == [NOON_S + 90.0]


async def test_the_end_of_a_lease_can_be_read_as_wall_time(journal: SqlJournal, file: Path) -> None:
    await journal.record_promises([replace(promise(6.0), lapses_mono_s=NOON_S + 60.0, mono_s=NOON_S)])

    with closing(sqlite3.connect(file)) as other:
        (lapses,) = other.execute("SELECT datetime(lapses / 1000000, 'unixepoch') FROM promises").fetchone()
    assert lapses == "2026-06-01 12:01:00"
