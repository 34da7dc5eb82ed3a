import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time

import pytest

from controller.chores import Chore, Chores, daily, next_run
from controller.errors import RecordError
from controller.system_clock import SystemClock


@asynccontextmanager
async def running(*chores: Chore) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Chores(chores, SystemClock()).run())
        yield
        task.cancel()


async def nothing() -> None:
    return None


class Work:
    """Counts how often it was begun, and lasts until it is told to end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.begun, self.was_cancelled = error, asyncio.Event(), False

    async def __call__(self) -> None:
        """Work."""
        self.begun.set()
        if self.error is not None:
            raise self.error
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


def at_start(work: Work, name: str = "work") -> Chore:
    return Chore(name=name, do=work, at=time(4), also_at_start=True)


async def test_a_chore_can_begin_at_start() -> None:
    work = Work()

    async with running(at_start(work)), asyncio.timeout(5):
        await work.begun.wait()


async def test_a_chore_waits_for_its_time_otherwise() -> None:
    work, other = Work(), Work()
    waiting = Chore(name="waiting", do=work, at=time((SystemClock().now().hour - 2) % 24))

    async with running(waiting, at_start(other)), asyncio.timeout(5):
        await other.begun.wait()

    assert not work.begun.is_set()


async def test_the_end_cancels_a_chore_in_progress() -> None:
    work = Work()

    async with running(at_start(work)), asyncio.timeout(5):
        await work.begun.wait()

    assert work.was_cancelled


async def test_a_chore_in_progress_is_not_begun_again() -> None:
    begun: list[str] = []
    released = asyncio.Event()

    async def work() -> None:
        begun.append("work")
        await released.wait()

    chore = Chore(name="work", do=work, at=time(4))
    chores = Chores([chore], SystemClock())

    async with asyncio.TaskGroup() as group:
        await chores.begin(group, chore)
        await chores.begin(group, chore)
        released.set()

    assert begun == ["work"]


async def test_a_chore_that_fails_as_expected_leaves_the_others_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing, other = Work(RecordError("disk full")), Work()

    async with running(at_start(failing, "retention"), at_start(other)), asyncio.timeout(5):
        await failing.begun.wait()
        await other.begun.wait()

    assert "retention: disk full" in caplog.messages


async def test_a_bug_in_a_chore_is_not_swallowed() -> None:
    failing = Work(ZeroDivisionError("a bug"))

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(5):
            await Chores([at_start(failing)], SystemClock()).run()

    assert caught.group_contains(ZeroDivisionError)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 2, 11, 2, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, 2, tzinfo=UTC)),
        (datetime(2026, 3, 28, 13, tzinfo=UTC), datetime(2026, 3, 29, 11, 2, tzinfo=UTC)),
    ],
)
def test_prices_are_due_after_one_by_the_clock_on_the_wall(after: datetime, expected: datetime) -> None:
    chores = daily(prices=nothing, retention=nothing, summary=nothing, timezone="Europe/Berlin")
    prices = next(chore for chore in chores if chore.name == "prices")

    assert next_run(prices, after) == expected


def test_a_site_without_a_tariff_fetches_no_prices() -> None:
    chores = daily(prices=None, retention=nothing, summary=nothing, timezone="UTC")

    assert [chore.name for chore in chores] == ["retention", "daily summary"]
