"""A car that Bluetooth does not find, that knows better than its limit, or that was just woken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from controller.domain.readings import Plug
from controller.errors import DeviceRefused
from controller.system_clock import SystemClock
from simulator.chargers.tesla import TeslaTwin
from tests.contracts.tesla_bench import TeslaBench, charger_of

NOTHING = (0.0, 0.0, 0.0)


class NotingClock(SystemClock):
    """Notes for how long somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Wait, and note it."""
        self.waited_s.append(seconds)
        await super().sleep(seconds)


@asynccontextmanager
async def plugged(dialect: str, **own: Any) -> AsyncIterator[TeslaBench]:  # noqa: ANN401 - settings
    clock = NotingClock()
    async with TeslaTwin(dialect) as twin:
        bench = TeslaBench(twin, charger_of(twin, clock, **own), clock)
        async with bench.running():
            bench.plug_in()
            await bench.heard.until(lambda state: state.plug.car)
            yield bench


async def test_a_car_that_bluetooth_does_not_find_is_away_and_not_silent() -> None:
    async with plugged("ble") as bench:
        bench.unplug()
        await bench.heard.until(lambda state: state.plug is Plug.A)
        bench.twin.car.sleep("offline")
        await bench.heard.until(lambda state: state.limit_a is None)

        state = await bench.heard.polled_anew()

        assert (state.plug, state.draw_a) == (Plug.A, NOTHING)
        assert not bench.lost


async def test_a_car_that_left_the_reach_of_bluetooth_holds_nothing() -> None:
    async with plugged("ble") as bench:
        bench.unplug()
        await bench.heard.until(lambda state: state.plug is Plug.A)
        bench.twin.car.sleep("offline")
        await bench.heard.until(lambda state: state.limit_a is None)
        await bench.charger.set_limit(0.0)

        assert bench.heard.latest.limit_a == 0.0


async def test_a_charging_car_that_bluetooth_loses_may_still_draw() -> None:
    async with plugged("ble") as bench:
        bench.draw((10.0, 10.0, 10.0))
        await bench.heard.until(lambda state: state.plug is Plug.C)
        bench.twin.car.sleep("offline")

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert (state.plug, state.draw_a) == (Plug.C, None)


async def test_a_car_out_of_reach_cannot_be_started_and_nothing_changed() -> None:
    async with plugged("ble", wake_wait_s=0.1) as bench:
        bench.twin.car.sleep("offline")
        await bench.heard.until(lambda state: state.limit_a is None)

        with pytest.raises(DeviceRefused, match="sleeps on"):
            await bench.charger.set_limit(10.0)


@pytest.mark.parametrize("dialect", ["fleet", "owner", "proxy", "ble"])
async def test_a_car_that_was_just_woken_is_left_alone_for_a_moment(dialect: str) -> None:
    async with plugged(dialect, woken_s=0.0625) as bench:
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)
        await bench.charger.set_limit(10.0)

        assert isinstance(bench.clock, NotingClock)
        assert 0.0625 in bench.clock.waited_s


async def test_a_car_that_knows_its_own_bound_is_not_asked_again_and_again() -> None:
    async with plugged("fleet", poll_s=30.0, idle_poll_s=900.0) as bench:
        bench.twin.car.request_max_a = 13
        before = len(bench.twin.named("vehicle_data"))
        await bench.charger.set_limit(16.0)

        assert bench.offered_a() == 13.0
        # Once for the cap, once for the start.
        assert len(bench.twin.named("vehicle_data")) - before == 2
