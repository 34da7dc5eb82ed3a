"""Ticks, writes and their answers in real SQLite files."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from adapters.store.journal import SqlJournal
from adapters.store.reader import Reader
from adapters.store.retention import Retention
from controller.codec import digest
from controller.domain.readings import Answer, Outcome
from tests.fakes.clock import FakeClock
from tests.fakes.recorded_house import (
    NOON,
    SITE,
    charger,
    decision,
    on,
    snapshot,
    verdict,
    write,
)
from tests.integration.store.opening import reopened, written


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


async def test_the_background_writes_by_itself(journal: SqlJournal, reader: Reader, clock: FakeClock) -> None:
    journal.record_tick(snapshot(0.0), decision(0.0))

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(journal.run())
        while await asyncio.to_thread(reader.latest_decision) is None:
            await clock.advance(1.0)
        running.cancel()

    assert len(list(reader.decisions())) == 1
