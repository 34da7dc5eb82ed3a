"""Migrations on real SQLite files, and what `phasewise db` makes of them."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Text

import migrations
from adapters.store import admin, tables
from adapters.store.database import database_url, open_engine
from adapters.store.journal import SqlJournal
from adapters.store.retention import Retention
from adapters.store.schema import drift
from controller.errors import RecordError, SettingsError
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import NOON, decision, promise, snapshot


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a database that is not there yet."""
    return tmp_path / "phasewise.db"


def test_an_empty_file_becomes_what_the_code_expects(file: Path) -> None:
    assert admin.upgrade(str(file)) == migrations.HEAD
    assert admin.check(str(file)).well


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(file: Path) -> None:
    admin.upgrade(str(file))
    before = file.read_bytes()

    admin.upgrade(str(file))

    assert file.read_bytes() == before


async def test_promises_of_the_first_revision_come_along(file: Path) -> None:
    _at_revision(file, "0001")
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO promises VALUES ('garage', 'main', '1,2,3', 16.0, 1780315200000000)")
        other.commit()
    journal = SqlJournal(str(file), FakeClock(NOON))

    await journal.open()

    assert await journal.load_promises() == (promise(16.0),)
    await journal.close()
    assert admin.check(str(file)).well


def test_a_column_that_no_migration_knows_is_found(file: Path) -> None:
    admin.upgrade(str(file))
    expected = MetaData(naming_convention=tables.metadata.naming_convention)
    for table in tables.metadata.sorted_tables:
        table.to_metadata(expected)
    expected.tables["events"].append_column(Column("forgotten", Text))

    engine = open_engine(database_url(str(file)), read_only=True)
    with engine.connect() as connection:
        found = drift(connection, expected)
    engine.dispose()

    assert found == ("add column: events forgotten",)


def test_a_table_that_somebody_dropped_is_found(file: Path) -> None:
    admin.upgrade(str(file))
    with closing(sqlite3.connect(file)) as other:
        other.execute("DROP TABLE prices")

    assert admin.check(str(file)).differences == ("add table: prices",)


def test_the_head_that_spares_alembic_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert scripts.get_current_head() == migrations.HEAD


@pytest.mark.parametrize("act", [admin.upgrade, admin.check])
def test_a_newer_database_is_refused_in_one_line(file: Path, act: object) -> None:
    admin.upgrade(str(file))
    _age(file, "9999")

    with pytest.raises(SettingsError) as caught:
        act(str(file))  # type: ignore[operator]

    assert str(caught.value) == (
        f"database: {file} was made by a newer Phasewise (revision 9999); update Phasewise"
    )


async def test_the_daemon_refuses_a_newer_database(file: Path) -> None:
    admin.upgrade(str(file))
    _age(file, "9999")
    journal = SqlJournal(str(file), FakeClock(NOON))

    with pytest.raises(SettingsError, match="newer"):
        await journal.open()

    await journal.close()


def test_checking_does_not_create_a_database(file: Path) -> None:
    with pytest.raises(RecordError, match="no database"):
        admin.check(str(file))

    assert not file.exists()


def test_a_file_that_is_no_database_is_refused_in_one_line(file: Path) -> None:
    file.write_text("Dear diary, " * 100)

    with pytest.raises(RecordError, match="not a database"):
        admin.upgrade(str(file))


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(SettingsError, match="expected sqlite or postgresql"):
        admin.upgrade("mysql://house@db/journal")


async def test_pruning_by_hand_tells_what_went(file: Path) -> None:
    clock = FakeClock(NOON)
    journal = SqlJournal(str(file), clock)
    await journal.open()
    for at_s in (0.0, 60.0):
        journal.record_tick(snapshot(at_s), decision(at_s))
    await journal.close()

    gone = admin.prune(str(file), NOON + timedelta(days=2), Retention(decisions_days=1))

    assert (gone["decisions"], gone["contexts"]) == (2, 1)


def test_pruning_gives_room_back(file: Path) -> None:
    asyncio.run(_many_events(file))
    before = file.stat().st_size

    admin.prune(str(file), NOON + timedelta(days=500))

    assert file.stat().st_size < before / 2


async def _many_events(file: Path) -> None:
    journal = SqlJournal(str(file), FakeClock(NOON))
    await journal.open()
    for number in range(500):
        journal.record_event("lost", str(number), "x" * 2000)
    await journal.close()


def _age(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = ?", [revision])
        other.commit()


def _at_revision(file: Path, revision: str) -> None:
    """Make a database as an older version left it."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = open_engine(database_url(str(file)), durable=True)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
