"""What a charger run by EVerest is told, what it then enforces, when that lapses; and the trap of 2023."""

import pytest

from controller.errors import DeviceUnreachable
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from tests.contracts.everest_bench import everest_house
from tests.fakes.clock import FakeClock
from tests.integration.everest_stations import ALL, V1, W2, W3, Y2023, Y2024, Later, house, until

WALKING = pytest.mark.parametrize("profile", [Y2024, W2, W3, V1], ids=["W1 node", "W2", "W3", "API v1"])


@ALL
async def test_a_limit_is_written_and_read_back_in_every_profile(profile: Profile) -> None:
    async with house(profile) as bench, bench.running():
        await until(bench, 32.0)

        await bench.charger.set_limit(10.0)

        await until(bench, 10.0)
        assert bench.twin.station.enforced_a == 10.0
        assert bench.twin.crashed is None


@ALL
async def test_a_pause_offers_the_car_nothing_in_every_profile(profile: Profile) -> None:
    async with house(profile) as bench, bench.running():
        bench.plug_in()
        await until(bench, 32.0)

        await bench.charger.set_limit(0.0)

        await until(bench, 0.0)
        assert bench.offered_a() == 0.0


@WALKING
async def test_a_limit_walks_into_its_safe_entry_when_the_controller_dies(profile: Profile) -> None:
    async with house(profile) as bench:
        bench.plug_in()
        async with bench.running():
            await until(bench, 32.0)
            await bench.charger.set_limit(16.0, lease_s=600.0)
        before_a = bench.offered_a()

        bench.twin.station.clock = Later(601.0)

        assert (before_a, bench.offered_a()) == (16.0, 0.0)


async def test_a_renewed_limit_does_not_lapse() -> None:
    clock = FakeClock()
    async with everest_house(W3, clock, cycle_s=10.0) as bench:
        for _ in range(4):
            await bench.charger.set_limit(16.0, lease_s=60.0)
            await clock.advance(50.0)
        renewed_a = bench.twin.station.external_a
        await clock.advance(10.0)

        assert (renewed_a, bench.twin.station.external_a) == (16.0, 0.0)


async def test_2023_gets_no_later_entry_for_it_would_not_be_enforced() -> None:
    async with house(Y2023) as bench, bench.running():
        await bench.charger.set_limit(16.0, lease_s=0.5)

        assert len(bench.twin.station.entries) == 1


async def test_2023_never_sells_the_fuse_as_export() -> None:
    async with house(Y2023) as bench, bench.running():
        bench.plug_in()
        await bench.charger.set_limit(0.0)

        assert bench.twin.station.sells_export
        assert bench.offered_a() == 0.0


async def test_the_trap_of_2023_is_real_in_the_twin() -> None:
    async with house(Y2023) as bench:
        bench.plug_in()
        bench.twin.station.set_limits(
            {"schedule_import": [_entry(0.0)]}  # Without an export schedule.
        )

        assert bench.offered_a() == 40.0


async def test_more_than_was_told_is_told_as_it_is() -> None:
    async with house(Y2023) as bench, bench.running():
        await bench.charger.set_limit(0.0)
        await until(bench, 0.0)

        bench.twin.station.set_limits({"schedule_import": [_entry(0.0)]})

        await until(bench, 40.0)


async def test_a_lower_limit_of_others_does_not_lower_the_promise() -> None:
    async with house(W3) as bench, bench.running():
        await bench.charger.set_limit(16.0)
        await until(bench, 16.0)

        bench.twin.station.fuse_a = 8.0
        state = await bench.heard.polled_anew()

        assert (bench.twin.station.enforced_a, state.limit_a) == (8.0, 16.0)


async def test_what_is_enforced_at_the_start_is_pinned_and_not_raised() -> None:
    async with house(W3) as bench:
        bench.other_writes(13)

        async with bench.running():
            await until(bench, 13.0)

        assert bench.twin.calls[-1].name == "set_external_limits"
        assert bench.twin.station.external_a == 13.0


async def test_a_raise_that_nothing_confirms_is_unknown_over_the_everest_api() -> None:
    async with house(V1, answer_s=4.0) as bench, bench.running():
        await until(bench, 32.0)
        await bench.charger.set_limit(10.0)
        bench.twin.faults = Faults(mute=True)

        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(16.0)


async def test_phases_can_be_chosen() -> None:
    async with house(W3, use_phases=1) as bench, bench.running():
        await bench.charger.set_limit(16.0)

        assert bench.twin.relay_mode == 1


def _entry(limit_a: float) -> dict[str, object]:
    return {
        "timestamp": "2023-09-05T10:15:30.000Z",
        "limits_to_root": {},
        "limits_to_leaves": {"ac_max_current_A": limit_a},
    }
