"""What lifts an Easee charger's limit, or keeps its car waiting: plugging in, trips, losses, reboots."""

from datetime import timedelta

from controller.domain.readings import Plug
from controller.system_clock import SystemClock
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_faults import EaseeFaults
from simulator.clock import ScaledClock
from tests.contracts.easee_bay import bay


async def test_plugging_in_resets_the_limit_and_it_is_repeated_at_once() -> None:
    async with bay() as bench:
        await bench.charger.set_limit(8.0)
        await bench.heard.until(lambda state: state.limit_a == 8.0)
        await bench.clock.sleep(1.1)  # The charger tells when in whole seconds.

        bench.plug_in()
        await bench.heard.until(lambda state: state.plug.car)
        await bench.heard.until(lambda state: state.limit_a == 8.0)

        assert bench.offered_a() == 8.0


async def test_a_car_that_is_too_slow_trips_the_charger_until_it_is_replugged() -> None:
    async with bay(speed=60.0, beat_s=3.0, silence_s=1200.0, answer_s=30.0, confirm_s=20.0) as bench:
        bench.plug_in()
        await bench.charger.set_limit(16.0)
        bench.draw((16.0, 16.0, 16.0))
        await bench.charger.set_limit(8.0)

        await bench.heard.until(lambda state: "2048" in state.held)
        tripped_a = bench.offered_a()
        bench.unplug()
        free = await bench.heard.until(lambda state: not state.held)

        assert (tripped_a, free.plug) == (0.0, Plug.A)


async def test_a_start_at_exactly_6_a_is_late_but_comes() -> None:
    clock = ScaledClock(SystemClock(), speed=600.0)
    device = EaseeDevice(clock=clock, circuit=EaseeCircuitModel(clock=clock), slow_start=True)
    device.plug_in("a car")
    device.set_dynamic(6.0, None)
    at_once_a = device.offered_a
    await clock.sleep(310.0)

    assert (at_once_a, device.offered_a) == (0.0, 6.0)


async def test_a_charger_that_the_cloud_has_lost_is_lost_and_back_when_it_is_back() -> None:
    async with bay() as bench:
        await bench.twin.tell(250, value=False)
        assert "cloud" in await bench.until_lost()
        silent_since = len(bench.heard.states)

        await bench.twin.tell(250, value=True, at=bench.clock.now() + timedelta(seconds=1))

        await bench.heard.until(lambda _: len(bench.heard.states) > silent_since)


async def test_a_reset_is_seen_though_the_chargers_clock_stepped_back_at_its_reboot() -> None:
    async with bay() as bench:
        await bench.charger.set_limit(9.0)
        await bench.heard.until(lambda state: state.limit_a == 9.0)

        bench.twin.faults.skew_s = -600.0
        await bench.twin.restart()

        await bench.heard.until(lambda state: state.limit_a == 32.0)


async def test_a_limit_of_which_nothing_is_told_since_a_reboot_is_written_once_more() -> None:
    async with bay(EaseeFaults(lose_observations=frozenset({48})), cloud=False, confirm_s=0.3) as bench:
        await bench.twin.tell(48, 32.0)
        await bench.charger.set_limit(9.0)
        await bench.twin.tell(48, 9.0)
        await bench.heard.until(lambda state: state.limit_a == 9.0)
        await bench.clock.sleep(2.5)  # Nothing starts anew within a boot.

        await bench.twin.restart()
        await bench.twin.until_commanded()
        await bench.heard.until(lambda state: state.limit_a == 9.0)

        assert bench.holds_a() == 9.0
        assert len(bench.twin.commands) == 2
