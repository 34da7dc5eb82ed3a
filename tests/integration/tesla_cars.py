"""What the tests of a Tesla share: a car that is parked or plugged in, and what it was asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from simulator.chargers.tesla import TeslaTwin
from tests.contracts.tesla_bench import TeslaBench, charger_of

COMMANDS = ("set_charging_amps", "charge_start", "charge_stop")
SLOW: dict[str, Any] = {"poll_s": 30.0, "idle_poll_s": 900.0}


@asynccontextmanager
async def parked(dialect: str = "fleet", **own: Any) -> AsyncIterator[TeslaBench]:  # noqa: ANN401 - settings
    async with TeslaTwin(dialect) as twin:
        bench = TeslaBench(twin, charger_of(twin, **own))
        async with bench.running():
            yield bench


@asynccontextmanager
async def plugged(dialect: str = "fleet", **own: Any) -> AsyncIterator[TeslaBench]:  # noqa: ANN401 - settings
    async with parked(dialect, **own) as bench:
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)
        yield bench


def asked(bench: TeslaBench, *names: str) -> int:
    return len(bench.twin.named(*names))
