"""A bay with one Easee charger behind a real broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_faults import EaseeFaults
from simulator.chargers.easee_words import Sent
from simulator.clock import ScaledClock
from tests.contracts.easee_bench import EaseeBench, charger_of, connection_of, operator

MONDAY_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def bay(
    faults: EaseeFaults | None = None,
    speed: float = 1.0,
    *,
    cloud: bool = True,
    device: EaseeDevice | None = None,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[EaseeBench]:
    """Open a bay whose charger repeats nothing but temperature and voltages."""
    clock = ScaledClock(SystemClock(), speed=speed)
    stream = await asyncio.to_thread(operator)
    twin = EaseeTwin(stream, device, clock=clock)
    twin.faults = faults or EaseeFaults()
    async with twin, EaseeCloudTwin(stream, twin, clock=clock) as state:
        keys = connection_of(stream, state if cloud else None) | {"silence_s": 60.0, "draw_ttl_s": 60.0} | own
        bench = EaseeBench(twin, charger_of(twin, keys, clock), clock)
        async with bench.running():
            await bench.heard.polled_anew(1)
            yield bench


async def sent(bench: EaseeBench, limit_a: float, lease_s: float | None = None) -> Sent:
    """Set a limit and tell what the charger was sent for it."""
    await bench.charger.set_limit(limit_a, lease_s)
    return bench.twin.commands[-1]
