"""Chores: jobs by the calendar. They know callables, not what is behind them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from controller.errors import PhasewiseError
from controller.ports import Clock

# APScheduler drops a job that is a second late by default; a suspended laptop is hours late.
GRACE_S = 6 * 3600

Job = Callable[[], Awaitable[None]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something to do once a day."""

    name: str
    do: Job
    at: time
    """By the clock on the wall of `timezone`."""
    timezone: str = "UTC"
    also_at_start: bool = False


def daily(*, prices: Job | None, retention: Job, summary: Job, timezone: str) -> tuple[Chore, ...]:
    """List what the daemon does every day.

    Prices a little after they are published, so that a first empty answer is the exception; retention
    while nobody looks; the summary once the day is over. None at 02:00 to 03:00, which summer time may skip.
    """
    chores = (
        Chore(name="retention", do=retention, at=time(3, 40), timezone=timezone),
        Chore(name="daily summary", do=summary, at=time(0, 10), timezone=timezone),
    )
    if prices is None:
        return chores
    return (*chores, Chore(name="prices", do=prices, at=time(13, 2), timezone=timezone, also_at_start=True))


class Chores:
    """Does every chore at its time, one of a name at once."""

    def __init__(self, chores: Sequence[Chore], clock: Clock) -> None:
        self._chores, self._clock = chores, clock
        self._running: set[str] = set()

    async def run(self) -> None:
        """Do chores until cancelled; those in progress are cancelled too.

        A chore that fails in a way we know is logged and comes again at its time; any other fault is a bug
        and ends this.
        """
        async with asyncio.TaskGroup() as group:
            scheduler = self._scheduler(group)
            scheduler.start()
            for chore in self._chores:
                if chore.also_at_start:
                    await self.begin(group, chore)
            try:
                await asyncio.Event().wait()
            finally:
                scheduler.shutdown(wait=False)

    async def begin(self, group: asyncio.TaskGroup, chore: Chore) -> None:
        """Begin a chore, unless it is still in progress; it ends in `group`.

        A fault in it is seen there. APScheduler would swallow it.
        """
        if chore.name not in self._running:
            self._running.add(chore.name)
            group.create_task(self._do(chore), name=f"chore {chore.name}")

    def _scheduler(self, group: asyncio.TaskGroup) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": GRACE_S}
        )
        for chore in self._chores:
            scheduler.add_job(self.begin, _trigger(chore), (group, chore), id=chore.name)
        return scheduler

    async def _do(self, chore: Chore) -> None:
        try:
            await chore.do()
        except PhasewiseError as error:
            _log.warning("%s: %s", chore.name, error)
        finally:
            self._running.discard(chore.name)


def next_run(chore: Chore, after: datetime) -> datetime:
    """Tell when a chore comes next, in UTC."""
    found: datetime = _trigger(chore).get_next_fire_time(None, after)
    return found.astimezone(UTC)


def _trigger(chore: Chore) -> CronTrigger:
    return CronTrigger(hour=chore.at.hour, minute=chore.at.minute, timezone=ZoneInfo(chore.timezone))
