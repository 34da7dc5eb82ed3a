"""Supervision: said once, tried again, and no trouble for anybody else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.errors import CredentialsError, DeviceUnreachable
from controller.supervision import FIRST_PAUSE_S, LONGEST_PAUSE_S, Watch, keep_running
from tests.fakes.clock import FakeClock


class _Device:
    """Fails whenever it is run, after being heard if a test wants it."""

    def __init__(self, clock: FakeClock, error: Exception, *, is_heard: bool = False) -> None:
        self.events: list[tuple[str, str, str]] = []
        self.watch = Watch("meter grid", self._note)
        self.runs_s: list[float] = []
        self.error: Exception | None = error
        self.is_heard = is_heard
        self._clock = clock

    def _note(self, kind: str, subject: str, detail: str) -> None:
        self.events.append((kind, subject, detail))

    async def run(self) -> None:
        self.runs_s.append(self._clock.mono_s())
        if self.is_heard:
            self.watch.heard()
        await self._clock.sleep(1.0)
        if self.error is not None:
            raise self.error
        self.watch.heard()
        await asyncio.Event().wait()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(keep_running(self.run, self.watch, self._clock))
            yield
            task.cancel()

    @property
    def pauses_s(self) -> list[float]:
        return [later - earlier - 1.0 for earlier, later in zip(self.runs_s, self.runs_s[1:], strict=False)]


@pytest.mark.parametrize("error", [DeviceUnreachable("no answer"), CredentialsError("who?"), KeyError("bug")])
async def test_a_device_is_reported_once_when_lost_and_once_when_back(error: Exception) -> None:
    clock = FakeClock()
    device = _Device(clock, error)
    async with device.kept():
        await clock.advance(100.0)
        device.error = None
        await clock.advance(100.0)

    assert [kind for kind, _, _ in device.events] == ["lost", "back"]
    assert str(error) in device.events[0][2]


async def test_pauses_grow_up_to_a_limit() -> None:
    clock = FakeClock()
    device = _Device(clock, DeviceUnreachable("no answer"))
    async with device.kept():
        await clock.advance(120.0)

    assert device.pauses_s[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert device.pauses_s[-1] == LONGEST_PAUSE_S


async def test_a_device_that_was_heard_and_went_away_is_tried_again_soon() -> None:
    clock = FakeClock()
    device = _Device(clock, DeviceUnreachable("no answer"), is_heard=True)
    async with device.kept():
        await clock.advance(60.0)

    assert set(device.pauses_s) == {FIRST_PAUSE_S}


async def test_a_bug_earns_no_such_credit() -> None:
    clock = FakeClock()
    device = _Device(clock, KeyError("bug"), is_heard=True)
    async with device.kept():
        await clock.advance(120.0)

    assert device.pauses_s[-1] == LONGEST_PAUSE_S


async def test_where_a_bug_is_gets_told_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    device = _Device(clock, KeyError("bug"), is_heard=True)
    async with device.kept():
        await clock.advance(120.0)

    traces = [record for record in caplog.records if record.exc_info]
    assert len(traces) == 1
    assert traces[0].levelno == logging.ERROR


async def test_ordinary_silence_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    device = _Device(clock, DeviceUnreachable("no answer"))
    async with device.kept():
        await clock.advance(120.0)

    assert [record.getMessage() for record in caplog.records] == ["meter grid is lost: no answer"]


async def test_the_end_of_the_daemon_is_not_a_failure() -> None:
    clock = FakeClock()
    device = _Device(clock, DeviceUnreachable("no answer"))
    async with device.kept():
        await clock.settle()

    assert device.events == []
