"""The journal on a real PostgreSQL that crashes, hangs and comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text

from adapters.store import admin
from adapters.store.database import database_url, shown
from adapters.store.journal import Pace, SqlJournal
from adapters.store.reader import Reader
from adapters.store.retention import Retention
from controller.domain.readings import Answer, Outcome, PersonRequest
from controller.errors import RecordError
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    GARAGE,
    NOON,
    PRICES,
    YARD,
    charger,
    decision,
    promise,
    snapshot,
    verdict,
    write,
)
from tests.postgres import Postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Hand out a running server."""
    postgres = Postgres()
    postgres.start()
    yield postgres
    postgres.remove()


@pytest.fixture
def url(server: Postgres) -> Iterator[str]:
    """Hand out an empty database."""
    engine = create_engine(database_url(server.url()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE journal"))
    engine.dispose()
    yield server.url("journal")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE journal WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def clock() -> FakeClock:
    """Hand out a clock that stands at noon."""
    return FakeClock(NOON)


@pytest_asyncio.fixture
async def journal(url: str, clock: FakeClock) -> AsyncIterator[SqlJournal]:
    """Hand out an open journal that loses patience soon."""
    opened = SqlJournal(url, clock, Retention(minutes_days=0), Pace(retry_s=1.0, patience_s=0.5))
    await opened.open()
    yield opened
    await opened.close()


async def written(journal: SqlJournal, clock: FakeClock) -> None:
    """Let everything that is due come due."""
    for _ in range(3):
        await clock.advance(61.0)
        await journal.beat()


async def test_everything_comes_back(journal: SqlJournal, url: str, clock: FakeClock) -> None:
    answer = Answer(write=7, outcome=Outcome.DELIVERED, at_mono_s=1001.0)
    looked = replace(snapshot(1.0, charger(1.0, session_wh=5.0)), answers=(answer,))
    journal.record_tick(snapshot(0.0, charger(0.0)), decision(0.0, writes=(write(7),)))
    journal.record_tick(looked, decision(60.0))
    journal.record_prices("day-ahead", PRICES, NOON)
    journal.record_event("lost", "charger:garage")
    journal.keep_request(GARAGE, PersonRequest(mode="off"))
    journal.keep_out_of_service(frozenset({YARD}))
    await written(journal, clock)
    await journal.close()

    with Reader(url) as reader:
        assert [tick.snapshot for tick in reader.decisions()][1] == looked
        assert [row["outcome"] for row in reader.rows("writes")] == ["delivered"]
        assert len(list(reader.rows("events"))) == 1
        assert len(list(reader.readings(resolution="raw"))) == 6
        assert [session.total_wh for session in reader.sessions()] == [5.0]


async def test_promises_are_replaced_by_newer_ones(journal: SqlJournal) -> None:
    await journal.record_promises([promise(16.0), promise(6.0, YARD)])
    await journal.record_promises([promise(20.0)])

    assert await journal.load_promises() == (promise(20.0), promise(6.0, YARD))


async def test_minutes_are_condensed(journal: SqlJournal, url: str, clock: FakeClock) -> None:
    for at_s in range(0, 1900, 20):
        journal.record_tick(snapshot(float(at_s), grid_w=100.0), decision(float(at_s)))
    await written(journal, clock)
    clock.jump(3600.0)

    await journal.prune()

    with Reader(url) as reader:
        assert list(reader.readings()) == []
        quarters = [row for row in reader.readings(resolution="quarter") if row["device"] == "meter:grid"]
    assert [row["count"] for row in quarters] == [45, 45, 3]


async def test_a_server_that_crashes_refuses_promises_until_it_is_back(
    journal: SqlJournal, server: Postgres, clock: FakeClock
) -> None:
    await journal.record_promises([promise(10.0)])
    server.crash()
    with pytest.raises(RecordError):
        await journal.record_promises([promise(16.0)])
    journal.record_tick(snapshot(0.0), decision(0.0, verdict(promise_a=16.0)))
    await written(journal, clock)
    recording_without_server = journal.recording

    server.start()
    await written(journal, clock)

    assert not recording_without_server
    assert journal.recording
    assert [known.promise_a for known in await journal.load_promises()] == [16.0]


async def test_a_server_that_was_restarted_meanwhile_is_not_even_noticed(
    journal: SqlJournal, server: Postgres
) -> None:
    await journal.record_promises([promise(10.0)])
    server.crash()
    server.start()

    await journal.record_promises([promise(16.0)])

    assert journal.recording


async def test_a_server_that_hangs_costs_no_more_than_our_patience(
    journal: SqlJournal, server: Postgres, clock: FakeClock
) -> None:
    await journal.record_promises([promise(10.0)])
    with server.frozen():
        async with asyncio.timeout(2):
            with pytest.raises(RecordError, match="within"):
                await journal.record_promises([promise(16.0)])
            with pytest.raises(RecordError):
                await journal.record_promises([promise(17.0)])

    await written(journal, clock)

    assert journal.recording
    assert [known.promise_a for known in await journal.load_promises()] == [17.0]


async def test_a_daemon_starts_without_its_server(server: Postgres, url: str, clock: FakeClock) -> None:
    server.crash()
    journal = SqlJournal(url, clock, pace=Pace(retry_s=1.0))
    await journal.open()
    recording_at_first = journal.recording
    journal.record_tick(snapshot(0.0), decision(0.0))

    server.start()
    await written(journal, clock)

    assert not recording_at_first
    assert journal.recording
    assert [known.promise_a for known in await journal.load_promises()] == [10.0]
    await journal.close()


def test_migrations_lead_to_the_tables_of_the_code(url: str) -> None:
    admin.upgrade(url)

    assert admin.check(url).well


def test_pruning_by_hand_works_here_too(url: str) -> None:
    admin.upgrade(url)

    assert set(admin.prune(url, NOON).values()) == {0}


def test_a_message_about_the_database_never_tells_its_password() -> None:
    assert "secret" not in shown(database_url("postgresql://house:secret@db/journal"))
