"""A Tesla that sleeps is woken to be started and for nothing else; an idle one costs nothing."""

import pytest

from controller.domain.readings import Plug
from controller.errors import DeviceRefused
from simulator.chargers.tesla import TeslaTwin
from tests.contracts.tesla_bench import charger_of
from tests.integration.tesla_cars import asked, parked, plugged


async def test_a_sleeping_car_is_never_woken_to_look() -> None:
    async with parked() as bench:
        bench.twin.car.sleep()
        await bench.heard.polled_anew(5)

        assert not bench.twin.car.is_online
        assert asked(bench, "wake_up") == 0


async def test_a_sleeping_car_stays_plugged_in_and_draws_nothing() -> None:
    async with plugged() as bench:
        bench.twin.car.sleep()

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert (state.plug, state.draw_a) == (Plug.B, (0.0, 0.0, 0.0))


async def test_a_charging_car_out_of_reach_may_still_draw() -> None:
    async with plugged() as bench:
        bench.draw((10.0, 10.0, 10.0))
        await bench.heard.until(lambda state: state.plug is Plug.C)
        bench.twin.car.sleep("offline")

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert (state.plug, state.draw_a) == (Plug.C, None)


@pytest.mark.parametrize("dialect", ["fleet", "owner", "proxy", "ble"])
async def test_a_sleeping_car_is_woken_to_be_started(dialect: str) -> None:
    async with plugged(dialect) as bench:
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)

        await bench.charger.set_limit(10.0)

        assert bench.offered_a() == 10.0
        assert asked(bench, "wake_up") == 1


async def test_a_sleeping_car_is_not_woken_to_be_lowered() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)
        for limit_a in (8.0, 0.0):
            with pytest.raises(DeviceRefused, match="asleep"):
                await bench.charger.set_limit(limit_a)

        assert asked(bench, "wake_up", "charge_stop") == 0
        assert not bench.twin.car.is_online


async def test_a_car_that_wakes_slowly_is_tried_again_without_another_wake_up() -> None:
    async with plugged(wake_wait_s=0.1) as bench:
        bench.twin.car.sleep()
        bench.twin.car.wakes_in_s = 1.0
        await bench.heard.until(lambda state: state.limit_a is None)
        for _ in range(2):
            with pytest.raises(DeviceRefused, match="sleeps on"):
                await bench.charger.set_limit(10.0)
        await bench.heard.until(lambda state: state.limit_a is not None)
        await bench.charger.set_limit(10.0)

        assert bench.offered_a() == 10.0
        assert asked(bench, "wake_up") == 1


async def test_a_car_that_left_and_sleeps_holds_nothing_any_more() -> None:
    async with plugged() as bench:
        await bench.charger.set_limit(16.0)
        bench.unplug()
        await bench.heard.until(lambda state: not state.plug.car)
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)

        answered_mono_s = await bench.charger.set_limit(0.0)

        told = [state for state in bench.heard.states if state.limit_a == 0.0]
        assert told[-1].at_mono_s >= answered_mono_s
        assert asked(bench, "wake_up") == 0


async def test_an_idle_car_is_looked_at_for_free() -> None:
    async with parked(poll_s=0.05, idle_poll_s=900.0) as bench:
        await bench.heard.polled_anew(1)
        for _ in range(5):
            await bench.until_asked()

        assert asked(bench, "vehicle_data") == 1


async def test_a_car_that_wakes_is_looked_at_at_once() -> None:
    async with parked(poll_s=0.05, idle_poll_s=900.0) as bench:
        await bench.heard.polled_anew(1)
        bench.twin.car.sleep()
        await bench.heard.until(lambda state: state.limit_a is None)

        bench.plug_in()

        await bench.heard.until(lambda state: state.plug.car)


async def test_a_probe_wakes_nobody() -> None:
    async with TeslaTwin() as twin:
        twin.car.sleep()

        probe = await charger_of(twin).probe()

        assert "asleep" in probe.found
        assert not twin.car.is_online
