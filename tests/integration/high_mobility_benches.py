"""What the tests of a High Mobility charger share: both of its paths, and a bench with its faults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from tests.contracts.high_mobility_bench import HighMobilityBench, Path, charger_of

MONDAY_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATHS: tuple[Path, ...] = ("telematics", "rest")


@asynccontextmanager
async def bench_with(
    faults: Faults | None = None,
    path: Path = "telematics",
    phases: tuple[int, ...] = (2, 3, 1),
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[HighMobilityBench]:
    async with HighMobilityTwin() as twin:
        twin.faults = faults or Faults()
        bench = HighMobilityBench(twin, charger_of(twin, path=path, phases=phases, **own))
        async with bench.running():
            yield bench
