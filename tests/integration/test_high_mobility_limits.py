"""Limits of a High Mobility charger: whether they arrived, what became of them, what the car follows."""

import asyncio

import pytest

from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId
from controller.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from simulator.house.base_load import SteadyLoad
from simulator.house.car import ORDINARY, Car
from simulator.house.house import House
from simulator.house.sockets import wire
from tests.contracts.high_mobility_bench import Path, charger_of
from tests.integration.high_mobility_benches import MONDAY_NOON, PATHS, bench_with


async def test_a_read_back_that_is_older_than_the_write_confirms_nothing() -> None:
    async with bench_with(clock_skew_s=0.5) as bench:
        await bench.charger.set_limit(8.0)
        bench.twin.faults = Faults(stale_s=30.0, ignores_current=True)

        await bench.charger.set_limit(12.0)
        state = await bench.heard.polled_anew()

        assert state.limit_a is None


async def test_a_charger_that_does_not_keep_a_limit_is_seen() -> None:
    async with bench_with(Faults(ignores_current=True)) as bench:
        await bench.charger.set_limit(8.0)

        state = await bench.heard.until(lambda state: state.limit_a is not None)

        assert state.limit_a == 16.0


@pytest.mark.parametrize("faults", [Faults(milliamperes=True), Faults(no_timestamps=True)])
@pytest.mark.parametrize("path", PATHS)
async def test_other_units_and_no_timestamps_are_understood(path: Path, faults: Faults) -> None:
    async with bench_with(faults, path) as bench:
        answered_mono_s = await bench.charger.set_limit(13.0)

        state = await bench.heard.until(lambda state: state.limit_a == 13.0)

        assert state.at_mono_s >= answered_mono_s


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("invalid_command", DeviceRefused),
        ("rate_limit", DeviceRefused),
        ("unauthorised", DeviceRefused),
        ("pending", DeviceUnreachable),
        ("vehicle_asleep", DeviceUnreachable),
        ("oem_error", DeviceNonsense),
    ],
)
async def test_a_limit_that_fails_says_whether_it_may_have_arrived(
    path: Path, reason: str, kind: type[DeviceError]
) -> None:
    async with HighMobilityTwin() as twin:
        twin.faults = Faults(refuse=reason)

        with pytest.raises(kind):
            await charger_of(twin, path=path).set_limit(8.0)


async def test_a_limit_that_goes_first_at_the_very_start_loses_nobody() -> None:
    async with bench_with(Faults(only=frozenset({"getAvailability"}), delay_s=0.3)) as bench:
        await bench.twin.until_called("getAvailability")
        await bench.charger.set_limit(9.0)

        await bench.heard.polled_anew()

        assert not bench.lost


async def test_a_limit_below_the_chargers_own_minimum_becomes_that() -> None:
    async with bench_with() as bench:
        bench.twin.device.minimum_a = 10.0
        await bench.heard.polled_anew()

        await bench.charger.set_limit(8.0)

        assert bench.holds_a() == 10.0
        assert (await bench.heard.until(lambda state: state.limit_a == 10.0)).limit_a == 10.0


@pytest.mark.parametrize("path", PATHS)
async def test_without_timestamps_a_lower_limit_than_was_told_is_none_and_a_higher_one_is_seen(
    path: Path,
) -> None:
    async with bench_with(Faults(no_timestamps=True), path) as bench:
        await bench.charger.set_limit(12.0)
        await bench.heard.until(lambda state: state.limit_a == 12.0)

        bench.other_writes(8)
        await bench.heard.until(lambda state: state.limit_a is None)
        bench.other_writes(32)
        state = await bench.heard.until(lambda state: state.limit_a is not None)

        assert state.limit_a == 32.0


async def test_a_charger_that_allows_less_than_is_ever_written_is_sent_nothing() -> None:
    async with bench_with() as bench:
        bench.twin.device.minimum_a, bench.twin.device.maximum_a = 0.1, 1.0
        await bench.heard.polled_anew()

        with pytest.raises(DeviceRefused, match="own maximum of 1 A"):
            await bench.charger.set_limit(6.0)

        assert "set" not in bench.twin.calls


async def test_a_maximum_between_two_steps_is_never_written() -> None:
    async with bench_with() as bench:
        bench.twin.device.maximum_a = 10.4
        await bench.heard.polled_anew()

        await bench.charger.set_limit(16.0)

        assert bench.holds_a() == 10.0


async def test_a_minimum_above_the_configured_one_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async with bench_with() as bench:
        bench.twin.device.minimum_a = 10.0
        await bench.heard.polled_anew(4)

    said = [record.message for record in caplog.records if "min_a" in record.message]
    assert said == ["bay: takes no less than 10 A, min_a is 6: set it to that"]


async def test_a_car_follows_the_current_that_the_cloud_set() -> None:
    spec = ChargerSpec(id=ChargerId("bay"), circuit=CircuitId("main"))
    site = Site(circuits=(Circuit(id=spec.circuit, limit_a=(25.0, 25.0, 25.0)),), chargers=(spec,))
    house = House(
        site, starts=MONDAY_NOON, base_loads={spec.circuit: (SteadyLoad((0.0, 0.0, 0.0)),)}, sag_v_per_a=0.0
    )
    async with HighMobilityTwin() as twin:
        wiring = wire(house, {spec.id: twin})
        house.plug_in(spec.id, Car(ORDINARY))

        await charger_of(twin).set_limit(9.0)
        for _ in range(300):
            wiring.step(0.1)

        assert house.root.currents_a == pytest.approx((9.0, 9.0, 9.0))
        assert twin.device.status == "charging"


async def test_questions_and_limits_at_once_do_not_mix_up_their_answers() -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin, give_way_s=1.0)
        told: list[object] = []

        async def ask() -> None:
            told.append(await charger.commands["get_state"].call(properties="plugType"))

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(ask())
            for limit_a in (8.0, 9.0):
                group.create_task(charger.set_limit(limit_a))

        assert [list(state) for state in told if isinstance(state, dict)] == [["plugType"]] * 3
        assert twin.device.current_a == 9.0
