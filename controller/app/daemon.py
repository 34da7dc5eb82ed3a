"""Daemon: starts, reloads and ends everything; nothing here decides about amperes."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.store.journal import SqlJournal
from adapters.store.retention import Retention
from adapters.wire.mqtt import Connection
from controller.app.claim import Claim, journal_held
from controller.app.equipment import Equipment, equip
from controller.app.files import Files
from controller.app.handover import hand_over, promises_of
from controller.app.parts import Parts, Task, assemble, supervised
from controller.app.service_manager import ServiceManager
from controller.app.services import Services
from controller.collector import settle
from controller.domain.modes import Policies
from controller.errors import RecordError, SettingsError
from controller.ports import Clock, Recorded
from controller.settings import Settings
from controller.settings.journal_place import journal_file
from controller.signals import listening
from controller.supervision import Watch

_log = logging.getLogger("phasewise")

# How often the files are looked at for changes, and how soon a reload that was asked for begins.
LOOK_S = 1.0


class Daemon:
    """One running Phasewise; `run` returns after SIGTERM, SIGINT or `stop`."""

    def __init__(self, path: Path, clock: Clock, env: Mapping[str, str] | None = None) -> None:
        self._files = Files(path, os.environ if env is None else env)
        self._claim = Claim(path)
        self._clock = clock
        self._manager = ServiceManager()
        self._stopping = self._asked = False
        self._next: Equipment | None = None
        self._mqtt: tuple[Connection | None, asyncio.Task[None] | None] = (None, None)
        self.parts: Parts | None = None
        self.on_parts: list[Callable[[Parts], None]] = []
        """Called with the parts of each configuration before it starts."""

    async def run(self) -> None:
        """Run until stopped.

        Raises:
            SettingsError: at start, the configuration is wrong or another daemon runs it; a reload only logs.
            ExceptionGroup: a fault of our own; what is safe was written before.
        """
        settings, policies = self._files.read()
        with self._claim.held(), journal_held(journal_file(settings.database)):
            await self._run_alone(settings, policies)

    async def _run_alone(self, settings: Settings, policies: Policies) -> None:
        equipment = equip(settings, policies, self._clock)
        _warn(settings)
        journal = _journal(settings, self._clock)
        try:
            await journal.open()
            journal.record_event("started", "daemon")
            reactions = {signal.SIGTERM: self.stop, signal.SIGINT: self.stop, signal.SIGHUP: self.reload}
            with listening(reactions):
                await self._run(journal, equipment)
            journal.record_event("stopped", "daemon")
        finally:
            await journal.close()

    def stop(self) -> None:
        """End after what is not safe alone was lowered."""
        self._stopping = True
        self._manager.tell("STOPPING=1")
        if self.parts is not None:
            self.parts.loop.stop()

    def reload(self) -> None:
        """Read the files again soon; with anything wrong in them the running configuration stays."""
        self._asked = True

    async def _run(self, journal: SqlJournal, equipment: Equipment) -> None:
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(self._kept("journal", journal, journal.run)())
            try:
                await self._configurations(tasks, journal, equipment)
            finally:
                writing.cancel()
                self._connect(tasks, journal, None)

    async def _configurations(
        self, tasks: asyncio.TaskGroup, journal: SqlJournal, equipment: Equipment
    ) -> None:
        """Run one configuration after the other until stopped."""
        parts = assemble(equipment, self._clock, journal, await _load(journal))
        services = Services(parts, journal, self._clock)
        if journal.recording:
            await services.restore()
        while not self._stopping:
            self._connect(tasks, journal, parts.equipment.mqtt)
            await self._run_one(journal, parts, services)
            if self._next is not None:
                parts, services = self._switched(self._next, parts, services, journal)

    def _switched(
        self, equipment: Equipment, old: Parts, before: Services, journal: SqlJournal
    ) -> tuple[Parts, Services]:
        """Put the next configuration together from what the one before knows."""
        self._next = None
        parts = assemble(equipment, self._clock, journal, promises_of(old.board, self._clock))
        hand_over(old.board, parts.board, old.settings, parts.settings, self._clock.mono_s())
        services = Services(parts, journal, self._clock)
        services.inherit(before)
        _log.info("configuration reloaded")
        return parts, services

    async def _run_one(self, journal: SqlJournal, parts: Parts, services: Services) -> None:
        """Run a configuration; its devices outlive the loop, so that the farewell reaches them."""
        self.parts = parts
        for listener in self.on_parts:
            listener(parts)
        parts.loop.listeners.append(lambda _snapshot, _decision: self._manager.tell("WATCHDOG=1"))
        watching = self._kept("configuration files", journal, lambda: self._watch_files(parts))
        async with _running(parts.tasks), _running((*services.tasks(), watching)):
            settle()
            self._manager.tell("READY=1")
            await parts.loop.run()

    async def _watch_files(self, parts: Parts) -> None:
        while True:
            await self._clock.sleep(LOOK_S)
            if self._asked or self._files.changed():
                self._asked = False
                await self._reload(parts)

    async def _reload(self, parts: Parts) -> None:
        try:
            settings, policies = await asyncio.to_thread(self._files.read)
            self._claim.renew()
            if settings == parts.settings:
                parts.desk.swap_policies(policies)
                _log.info("policies reloaded")
                return
            equipment = equip(settings, policies, self._clock, parts.equipment)
        except SettingsError as error:
            for one in (error, *error.others):
                _log.error("reload refused, the running configuration stays: %s", one)
            parts.desk.journal.record_event("reload refused", "configuration", str(error))
            return
        _warn(settings)
        _warn_of_restart(parts.settings, settings)
        self._next = equipment
        parts.loop.stop(farewell=False)

    def _connect(self, tasks: asyncio.TaskGroup, journal: SqlJournal, mqtt: Connection | None) -> None:
        """Keep the MQTT connection of the configuration running, over reloads that leave it alone."""
        present, running = self._mqtt
        if mqtt is present:
            return
        if running is not None:
            running.cancel()
        task = None
        if mqtt is not None:
            task = tasks.create_task(_after(running, self._kept("MQTT", journal, mqtt.run)))
        self._mqtt = mqtt, task

    def _kept(self, name: str, journal: SqlJournal, run: Task) -> Task:
        return supervised(run, Watch(name, journal.record_event), self._clock)


@asynccontextmanager
async def _running(tasks: Sequence[Task]) -> AsyncIterator[None]:
    """Keep tasks running for as long as the block lasts."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(task()) for task in tasks]
        try:
            yield
        finally:
            for one in running:
                one.cancel()


async def _after(earlier: asyncio.Task[None] | None, run: Task) -> None:
    """Let an earlier connection say goodbye first: both write the same topics."""
    if earlier is not None:
        await asyncio.wait([earlier])
    await run()


def _warn(settings: Settings) -> None:
    for warning in settings.warnings:
        _log.warning("%s", warning)


def _warn_of_restart(before: Settings, after: Settings) -> None:
    if before.database != after.database:
        _log.warning("%s: database: a change takes effect at the next restart", after.path)


def _journal(settings: Settings, clock: Clock) -> SqlJournal:
    database = settings.database
    retention = Retention(**database.retention_days())
    return SqlJournal(database.url.get_secret_value(), clock, retention)


async def _load(journal: SqlJournal) -> tuple[Recorded, ...]:
    try:
        return (*await journal.load_promises(), *await journal.load_limiters())
    except RecordError as error:
        _log.warning("promises of before the start are unknown, nameplates count: %s", error)
        return ()
