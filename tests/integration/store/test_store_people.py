"""What persons set, prices and events in real SQLite files."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from adapters.store.journal import SqlJournal
from adapters.store.reader import Reader
from controller.domain.readings import PersonRequest, SiteCap
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    GARAGE,
    NOON,
    PRICES,
    YARD,
)
from tests.integration.store.opening import reopened, written


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
