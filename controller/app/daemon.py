"""Daemon: starts, reloads and ends everything; nothing here decides about amperes."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.store.journal import SqlJournal
from adapters.store.retention import Retention
from controller.app.parts import Parts, assemble, carried, left_behind
from controller.app.service_manager import ServiceManager
from controller.app.services import Services, connection
from controller.domain.modes import Policies
from controller.errors import RecordError, SettingsError
from controller.policy_files import load as load_policies
from controller.policy_files import tuned
from controller.ports import Clock, RecordedPromise
from controller.settings import Settings
from controller.settings import load as load_settings

_log = logging.getLogger("phasewise")

# How often the files are looked at for changes.
LOOK_S = 2.0


@dataclass(slots=True)
class _Files:
    """The configuration on disk and when it last changed."""

    path: Path
    env: Mapping[str, str]
    seen: tuple[float, ...] = ()

    def read(self) -> tuple[Settings, Policies]:
        settings = load_settings(self.path, self.env)
        self.seen = self._times(settings)
        policies = load_policies(settings.policies.file)
        for mode, by_policy in settings.policies.tuned.items():
            for policy, values in by_policy.items():
                for parameter, value in values.items():
                    policies = tuned(policies, mode, policy, parameter, value)
        return settings, policies

    def changed(self, settings: Settings) -> bool:
        times = self._times(settings)
        changed, self.seen = times != self.seen, times
        return changed

    def _times(self, settings: Settings) -> tuple[float, ...]:
        files = (self.path, settings.policies.file)
        return tuple(_modified(file) for file in files if file is not None)


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


class Daemon:
    """One running Phasewise; `run` returns after SIGTERM, SIGINT or `stop`."""

    def __init__(self, path: Path, clock: Clock, env: Mapping[str, str] | None = None) -> None:
        self._files = _Files(path, os.environ if env is None else env)
        self._clock = clock
        self._manager = ServiceManager()
        self._stopping = False
        self._next: tuple[Settings, Policies] | None = None
        self.parts: Parts | None = None
        self.on_parts: list[Callable[[Parts], None]] = []
        """Called with the parts of each configuration before it starts."""

    async def run(self) -> None:
        """Run until stopped.

        Raises:
            SettingsError: the configuration is wrong at start; a bad reload is only logged.
        """
        settings, policies = self._files.read()
        self._warn(settings)
        journal = _journal(settings, self._clock)
        await journal.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(journal.run())
                self._listen_to_signals()
                await self._configurations(journal, settings, policies)
                writing.cancel()
        finally:
            self._manager.tell("STOPPING=1")
            await journal.close()

    async def _configurations(self, journal: SqlJournal, settings: Settings, policies: Policies) -> None:
        """Run one configuration after the other until stopped."""
        promises = await _load(journal)
        parts, services = self._assembled(settings, policies, journal, promises)
        await services.restore()
        while True:
            await self._run_one(parts, services)
            if self._stopping or self._next is None:
                return
            (settings, policies), self._next = self._next, None
            before, promises = parts, (*promises, *left_behind(parts, self._clock.now()))
            parts, services = self._assembled(settings, policies, journal, promises)
            carried(before.board, parts.board)
            await services.restore_parameters()
            _log.info("configuration reloaded")

    def _assembled(
        self, settings: Settings, policies: Policies, journal: SqlJournal, promises: Sequence[RecordedPromise]
    ) -> tuple[Parts, Services]:
        mqtt = connection(settings, self._clock)
        parts = assemble(settings, policies, self._clock, journal, mqtt=mqtt, promises=promises)
        return parts, Services(parts, journal, self._clock, mqtt)

    async def _run_one(self, parts: Parts, services: Services) -> None:
        self.parts = parts
        for listener in self.on_parts:
            listener(parts)
        parts.loop.listeners.append(lambda _snapshot, _decision: self._manager.tell("WATCHDOG=1"))
        async with asyncio.TaskGroup() as tasks:
            running: list[asyncio.Task[None]] = [
                tasks.create_task(task()) for task in (*parts.tasks, *services.tasks())
            ]
            running.append(tasks.create_task(self._watch_files(parts)))
            self._manager.tell("READY=1")
            try:
                await parts.loop.run()
            finally:
                for task in running:
                    task.cancel()

    def stop(self) -> None:
        """End after what is not safe alone was lowered."""
        self._stopping = True
        if self.parts is not None:
            self.parts.loop.stop()

    def reload(self) -> None:
        """Read the files again; what is wrong with them is logged and the running configuration stays."""
        try:
            loaded = self._files.read()
        except SettingsError as error:
            _log.error("reload refused, the running configuration stays: %s", error)
            if self.parts is not None:
                self.parts.desk.journal.record_event("reload refused", "configuration", str(error))
            return
        if self.parts is None:
            return
        self._warn(loaded[0])
        if loaded[0] == self.parts.settings:
            self.parts.loop.use(loaded[1])
            _log.info("policies reloaded")
            return
        self._next = loaded
        self.parts.loop.stop(farewell=False)

    async def _watch_files(self, parts: Parts) -> None:
        while True:
            await self._clock.sleep(LOOK_S)
            if self._files.changed(parts.settings):
                self.reload()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, ValueError, RuntimeError):  # not in the main thread, or no POSIX
            loop.add_signal_handler(signal.SIGTERM, self.stop)
            loop.add_signal_handler(signal.SIGINT, self.stop)
            loop.add_signal_handler(signal.SIGHUP, self.reload)

    @staticmethod
    def _warn(settings: Settings) -> None:
        for warning in settings.warnings:
            _log.warning("%s", warning)
        if not settings.proof.holds:
            _log.warning("the site is not proven safe without us; `phasewise check` shows why")


def _journal(settings: Settings, clock: Clock) -> SqlJournal:
    database = settings.database
    retention = Retention(**database.retention_days())
    return SqlJournal(database.url.get_secret_value(), clock, retention)


async def _load(journal: SqlJournal) -> tuple[RecordedPromise, ...]:
    try:
        return await journal.load_promises()
    except RecordError as error:
        _log.warning("promises of before the start are unknown, nameplates count: %s", error)
        return ()
