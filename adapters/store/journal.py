"""The journal for the daemon: never in the loop's way, and honest about what it could not record."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from adapters.store import retention as pruning
from adapters.store import standing
from adapters.store.database import database_url
from adapters.store.notebook import Notebook
from adapters.store.retention import Retention
from adapters.store.session_rows import read_open_sessions
from adapters.store.writer import Writer
from controller.domain.readings import PersonRequest, SiteCap
from controller.domain.units import ChargerId
from controller.errors import RecordError
from controller.ports import Clock, KnownPrices, Recorded, RecordedLimiter, RecordedPromise

_log = logging.getLogger(__name__)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the journal writes, and how long anybody waits for it."""

    beat_s: float = 1.0
    """How often it looks whether something is due."""
    flush_s: float = 10.0
    """Ordinary entries gather this long: fewer commits spare an SD card."""
    batch: int = 50
    """Entries of one transaction; a promise waits behind one batch at most."""
    retry_s: float = 5.0
    """How long a database that failed is left alone."""
    session_s: float = 60.0
    """How often sessions that go on are saved."""
    patience_s: float = 2.0
    """A promise that takes longer counts as not recorded."""
    capacity: int = 1000
    """Entries that may wait while the database is away."""


class SqlJournal(Notebook):
    """Implements the Journal port; `run` writes in the background until cancelled, `close` ends it."""

    def __init__(
        self, url: str, clock: Clock, retention: Retention | None = None, pace: Pace | None = None
    ) -> None:
        self._pace = pace or Pace()
        super().__init__(clock, Writer(database_url(url)), self._pace.capacity)
        self._retention = retention or Retention()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._recording = self._resumed = self._closed = False
        self._trouble = ""
        self._refused = 0
        self._flush_due_s = self._sessions_due_s = self._retry_due_s = clock.mono_s()

    @property
    def recording(self) -> bool:
        """Whether promises can be written down: false from a failed try until one succeeds."""
        return self._recording

    @property
    def lost(self) -> Mapping[str, int]:
        """Entries that were given up, by kind; `refused` counts those that could never be written."""
        dropped = {kind.name.lower(): count for kind, count in self._outbox.dropped.items()}
        return dropped | ({"refused": self._refused} if self._refused else {})

    async def open(self) -> None:
        """Connect, migrate, and take up the sessions that were open; a dead database does not stop it.

        Raises:
            SettingsError: the database was made by a newer version, or its driver is missing.
        """
        failure = await self._on_thread(self._writer.open)
        if failure is not None:
            self._fail(failure)
            return
        self._recording = True
        await self._resume_sessions()

    async def run(self) -> None:
        """Write what waits, beat by beat, until cancelled."""
        while True:
            await self._clock.sleep(self._pace.beat_s)
            await self.beat()

    async def beat(self) -> None:
        """Write what is due now, unless the database is being left alone."""
        now_s = self._clock.mono_s()
        if now_s < self._retry_due_s:
            return
        if self._trouble or now_s >= self._flush_due_s or self._outbox.urgent or self._batch_waits:
            self._flush_due_s = now_s + self._pace.flush_s
            await self._catch_up(now_s)

    async def close(self) -> None:
        """Write what still waits, as far as the database takes it, and end the thread; once is enough."""
        if self._closed:
            return
        self._closed = True
        self._put_unfinished()
        while len(self._outbox) and await self._flush():
            continue
        if self._board.unwritten and not self._trouble:
            await self._write_promises()
        await self._on_thread(self._writer.close)
        self._thread.shutdown()

    async def record_promises(self, promises: Sequence[Recorded]) -> None:
        """Return once these promises are on the disk, to be kept over a power cut.

        Raises:
            RecordError: they are not, as far as anybody knows. They are tried again in the background.
        """
        self._board.put(promises)
        if not self._recording:
            # The loop has waited once already; the background finds out when it is worth another try.
            raise RecordError(self._trouble or "the database is not open")
        failure = await self._write_promises()
        if failure is not None:
            raise failure

    async def load_promises(self) -> tuple[RecordedPromise, ...]:
        """Tell the promises of the time before the restart.

        Raises:
            RecordError: the database does not answer; so do the other loads.
        """
        promises = await self._ask(standing.read_promises)
        self._board.loaded(promises)
        return promises

    async def load_limiters(self) -> tuple[RecordedLimiter, ...]:
        """Tell the promises of circuits' limiters of the time before the restart."""
        promises = await self._ask(standing.read_limiters)
        self._board.loaded(promises)
        return promises

    async def load_requests(self) -> Mapping[ChargerId, PersonRequest]:
        """Tell what persons asked and has not expired by wall time."""
        return await self._ask(partial(standing.read_requests, now=self._clock.now()))

    async def load_cap(self) -> SiteCap | None:
        """Tell the grid operator's cap, unless it has expired."""
        return await self._ask(partial(standing.read_cap, now=self._clock.now()))

    async def load_out_of_service(self) -> frozenset[ChargerId]:
        """Tell the chargers that persons declared to be switched off."""
        return await self._ask(standing.read_out_of_service)

    async def load_parameters(self) -> Mapping[str, float]:
        """Tell the tuned policy parameters by `mode/policy/parameter`."""
        return await self._ask(standing.read_parameters)

    async def load_prices(self, source: str) -> KnownPrices:
        """Tell a source's prices from now on, with their age."""
        return await self._ask(partial(standing.read_prices, source=source, now=self._clock.now()))

    async def prune(self) -> None:
        """Thin readings by age and delete what is older than its retention.

        Raises:
            RecordError: it could not; nothing is lost by that.
        """
        for step in pruning.steps(self._retention, self._clock.now()).values():
            await self._ask(step)
        await self._on_thread(self._writer.forget_context)

    @property
    def _batch_waits(self) -> bool:
        return len(self._outbox) >= self._pace.batch

    async def _catch_up(self, now_s: float) -> None:
        if self._trouble:
            # After an outage the database may be another one: nothing counts as written.
            self._board.distrust()
        if (self._trouble or self._board.unwritten) and await self._write_promises() is not None:
            return
        if not self._resumed:
            await self._resume_sessions()
        if now_s >= self._sessions_due_s:
            self._sessions_due_s = now_s + self._pace.session_s
            self._put_sessions(self._sessions.open)
        if await self._flush() and self._trouble:
            lost = ", ".join(f"{count} {kind}" for kind, count in self.lost.items())
            _log.warning("journal: recording again; lost meanwhile: %s", lost or "nothing")
            self._trouble = ""

    async def _flush(self) -> bool:
        batch = self._outbox.take(self._pace.batch)
        # Cancelling the daemon does not stop a transaction that has begun; `close` waits for it.
        written = await asyncio.shield(self._on_thread(partial(self._writer.write, batch)))
        if written.failure is not None:
            self._outbox.put_back(batch)
            self._fail(written.failure)
            return False
        if written.refused and not self._refused:
            _log.warning("journal: cannot be recorded, now or later: %s", written.refused[0])
        self._refused += len(written.refused)
        return True

    async def _write_promises(self) -> RecordError | None:
        promises = self._board.unwritten
        failure: RecordError | None
        try:
            async with asyncio.timeout(self._pace.patience_s):
                failure = await self._on_thread(partial(self._writer.write_promises, promises))
        except TimeoutError:
            failure = RecordError(f"the database did not answer within {self._pace.patience_s:g} s")
        self._recording = failure is None
        if failure is None:
            self._board.written(promises)
        else:
            self._fail(failure)
        return failure

    async def _resume_sessions(self) -> None:
        try:
            stored = await self._ask(read_open_sessions)
        except RecordError as error:
            self._fail(error)
            return
        self._resumed = True
        begun = {session.charger for session in self._sessions.open}
        self._sessions.resume(session for session in stored if session.charger not in begun)
        # The database came late, and these chargers have gone on to a session of their own.
        left = [replace(session, ended=session.seen) for session in stored if session.charger in begun]
        self._put_sessions(left)

    def _fail(self, failure: RecordError) -> None:
        self._retry_due_s = self._clock.mono_s() + self._pace.retry_s
        if not self._trouble:
            _log.warning("journal: cannot record, will try again: %s", failure)
        self._trouble = str(failure)

    async def _ask(self, question: Callable[[Connection], _Value]) -> _Value:
        answer = await self._on_thread(partial(self._writer.ask, question))
        if isinstance(answer, RecordError):
            raise answer
        return answer

    def _on_thread(self, work: Callable[[], _Value]) -> asyncio.Future[_Value]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)
