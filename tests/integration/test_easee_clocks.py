"""An Easee charger of an operator behind a host whose clock is ahead of the cloud's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.errors import DeviceUnreachable
from controller.ports import Clock
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_faults import EaseeFaults
from simulator.clock import ScaledClock
from tests.contracts.easee_bench import EaseeBench, charger_of, connection_of, operator

OTHERS = "somebody else sent"


class AheadClock:
    """The same clock, a minute ahead."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Tell a wrong wall time."""
        return self._clock.now() + timedelta(minutes=1)

    def mono_s(self) -> float:
        """Tell monotonic seconds."""
        return self._clock.mono_s()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)


@asynccontextmanager
async def bay(faults: EaseeFaults) -> AsyncIterator[EaseeBench]:
    clock = ScaledClock(SystemClock(), speed=20.0)
    ahead = AheadClock(clock)
    stream = await asyncio.to_thread(operator)
    twin = EaseeTwin(stream, clock=clock)
    twin.faults = faults
    keys = connection_of(stream) | {"silence_s": 600.0, "answer_s": 10.0, "skew_s": 5.0, "beat_s": 1.0}
    bench = EaseeBench(twin, charger_of(twin, keys, ahead), ahead)
    async with twin, bench.running():
        await bench.heard.polled_anew(1)
        for celsius in range(20, 24):
            await clock.sleep(5.0)
            await twin.tell(150, float(celsius))
        yield bench


async def test_a_response_is_ours_though_the_hosts_clock_is_ahead(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    async with bay(EaseeFaults()) as bench:
        await bench.charger.set_limit(9.0)

        assert len(bench.twin.commands) == 1
    assert caplog.text.count("s ahead of Easee's") == 1
    assert OTHERS not in caplog.text


async def test_where_nothing_tells_the_difference_the_log_says_that_it_may_be_the_clock(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    async with bay(EaseeFaults(arrival_header=False)) as bench:
        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(9.0)

    assert caplog.text.count("see to this host's clock") == 1
    assert OTHERS not in caplog.text


async def test_what_somebody_else_sent_is_said_though_the_hosts_clock_is_ahead(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    async with bay(EaseeFaults(deaf=True)) as bench, asyncio.TaskGroup() as group:
        writing = group.create_task(_failing(bench))
        sent = await bench.twin.until_commanded()
        await bench.twin.respond(replace(sent, made=sent.made - timedelta(seconds=30)), accepted=True)
        assert isinstance(await writing, DeviceUnreachable)

    assert OTHERS in caplog.text


async def _failing(bench: EaseeBench) -> Exception | None:
    try:
        await bench.charger.set_limit(9.0)
    except DeviceUnreachable as error:
        return error
    return None
