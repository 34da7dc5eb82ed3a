"""Readings, sessions and exports of real SQLite files."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store.export import export
from adapters.store.journal import SqlJournal
from adapters.store.reader import Reader
from adapters.store.retention import Retention
from controller.domain.readings import Plug
from controller.errors import RecordError
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    NOON,
    charger,
    decision,
    snapshot,
)
from tests.integration.store.opening import reopened, written


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
