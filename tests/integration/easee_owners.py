"""Easee chargers of owners: a bay whose adapter goes the owner's way, and what tests ask of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from adapters.chargers.easee.charger import EaseeCharger
from adapters.chargers.easee.owner import OwnerPath
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_cloud import EaseeCloudTwin
from tests.contracts.bench import PATIENCE_S
from tests.contracts.easee_bench import EaseeOwnerBench, charger_of, owner_of

PATIENT: dict[str, object] = {"silence_s": 60.0, "draw_ttl_s": 60.0, "answer_s": 6.0}


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await SystemClock().sleep(0.02)


@asynccontextmanager
async def bay(
    prepare: Callable[[EaseeCloudTwin, EaseeTwin], None] = lambda *_: None,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[EaseeOwnerBench]:
    """A bay whose charger repeats nothing but temperature and voltages; its limit stands at 6 A.

    Of two limits of one second the larger is believed: what is written later has to be larger.
    """
    twin = EaseeTwin()
    twin.device.dynamic_a = 6.0
    async with EaseeCloudTwin(None, twin) as cloud:
        prepare(cloud, twin)
        async with twin:
            bench = EaseeOwnerBench(twin, charger_of(twin, owner_of(cloud) | PATIENT | own), cloud)
            async with bench.running():
                yield bench


def path_of(bench: EaseeOwnerBench) -> OwnerPath:
    charger = bench.charger
    assert isinstance(charger, EaseeCharger)
    path = charger._device.path  # noqa: SLF001 - counts what no state tells
    assert isinstance(path, OwnerPath)
    return path


async def followed(bench: EaseeOwnerBench) -> None:
    """Wait until the hub tells everything."""
    await until(lambda: path_of(bench).hub.has_told(bench.twin.device.serial))
