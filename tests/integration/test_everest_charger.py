"""A charger run by EVerest, behind a real broker, through what may go wrong."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.wire.mqtt import Broker
from controller.domain.readings import Plug
from controller.errors import DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from tests.contracts.bench import PATIENCE_S
from tests.contracts.everest_bench import CYCLE_S, EverestBench, charger_of, everest_house
from tests.fakes.clock import FakeClock
from tests.servers import free_port

Y2023 = Profile(version=(2023, 8, 0))
Y2024 = Profile(version=(2024, 10, 0))
W2 = Profile(version=(2025, 10, 0))
W3 = Profile(version=(2026, 2, 1))
API = Profile(version=(2025, 10, 0), interface="api")
API_2023 = Profile(version=(2023, 8, 0), interface="api")
V1 = Profile(version=(2026, 2, 1), interface="api_v1", evse="evse_api", node="limits_api")

V1_MAIN = Profile(version=(9999, 0, 0), interface="api_v1", evse="evse_api", node="limits_api")

PROFILES = {
    "W1 2023": Y2023,
    "W1 at a node": Y2024,
    "W2": W2,
    "W3": W3,
    "module API": API,
    "module API 2023": API_2023,
    "API v1": V1,
    "API v1 main": V1_MAIN,
}
ALL = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
INTERNAL = pytest.mark.parametrize("profile", [Y2023, Y2024, W2, W3], ids=["W1", "W1 node", "W2", "W3"])
WALKING = pytest.mark.parametrize("profile", [Y2024, W2, W3, V1], ids=["W1 node", "W2", "W3", "API v1"])


class Later(SystemClock):
    """A clock that is ahead."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Tell the time that it will be."""
        return super().now() + self._ahead


async def until(bench: EverestBench, limit_a: float) -> None:
    await bench.heard.until(lambda state: state.limit_a == limit_a)


async def until_held(twin: EverestTwin, limit_a: float) -> None:
    """Wait until the external limit is this."""
    async with asyncio.timeout(PATIENCE_S):
        while twin.station.external_a != limit_a:
            assert twin.crashed is None
            await twin.until_cycle()


def house(
    profile: Profile,
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AbstractAsyncContextManager[EverestBench]:
    return everest_house(profile, **own)


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


@INTERNAL
async def test_a_limit_is_written_again_when_everest_says_that_it_started(profile: Profile) -> None:
    async with house(profile) as bench, bench.running():
        await bench.charger.set_limit(10.0)
        await until(bench, 10.0)

        await bench.twin.restart()

        await until_held(bench.twin, 10.0)


@ALL
async def test_a_limit_is_written_again_after_a_restart_that_nobody_heard(profile: Profile) -> None:
    async with house(profile) as bench, bench.running():
        await bench.charger.set_limit(10.0)
        await until(bench, 10.0)

        bench.twin.faults = Faults(says_ready=False)
        await bench.twin.restart()

        await until_held(bench.twin, 10.0)
        await until(bench, 10.0)


async def test_a_restart_that_hides_behind_a_lower_limit_is_noticed_by_the_heartbeat() -> None:
    async with house(V1) as bench, bench.running():
        await until(bench, 32.0)
        await bench.charger.set_limit(10.0)
        bench.twin.station.fuse_a = 8.0  # What is enforced would not show that 10 A were forgotten.
        await bench.heard.polled_anew()

        await bench.twin.restart()

        await until_held(bench.twin, 10.0)


async def test_a_restart_during_a_silence_that_hides_behind_a_lower_limit_is_reckoned_with() -> None:
    async with house(W3) as bench, bench.running():
        await until(bench, 32.0)
        await bench.charger.set_limit(10.0)
        bench.twin.station.fuse_a = 8.0  # What is enforced would not show that 10 A were forgotten.
        bench.hang()
        await bench.until_lost()

        bench.twin.station.reboot()
        bench.heal()

        await until_held(bench.twin, 10.0)


async def test_a_limit_that_is_not_told_in_amperes_is_unknown_and_the_rest_is_told() -> None:
    async with house(W3) as bench, bench.running():
        await until(bench, 32.0)
        bench.plug_in()
        bench.twin.faults = Faults(hides_amperes=True)

        state = await bench.heard.until(lambda state: state.limit_a is None and state.plug.car)

        assert state.plug is Plug.B


async def test_a_limit_is_written_again_when_the_broker_was_killed() -> None:
    async with house(W3) as bench, bench.running():
        await bench.charger.set_limit(10.0)
        await until(bench, 10.0)

        bench.server.kill()
        await bench.until_lost()
        bench.twin.station.reboot()  # EVerest ends with its broker.
        bench.server.start()

        await until_held(bench.twin, 10.0)


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


async def test_a_twin_without_a_broker_says_what_to_start() -> None:
    twin = EverestTwin(Broker(host="127.0.0.1", port=free_port()))
    twin.patience_s = 0.3

    with pytest.raises(DeviceUnreachable, match=r"no MQTT broker at 127\.0\.0\.1:\d+, .*: start one first"):
        await twin.start()


async def test_probing_writes_nothing() -> None:
    async with house(W3, silent_s=PATIENCE_S) as bench:
        await bench.charger.probe()

        assert not bench.twin.calls


async def test_a_probe_warns_of_a_clock_that_is_off() -> None:
    async with house(W3, silent_s=PATIENCE_S) as bench:
        bench.twin.station.clock = Later(3600.0)

        probe = await bench.charger.probe()

        assert any("ahead of ours" in warning for warning in probe.warnings)


async def test_two_chargers_share_the_connection_to_their_broker() -> None:
    other = Profile(version=W3.version, evse="connector_2", node="sink_2")
    async with house(W3) as bench, EverestTwin(bench.twin.broker, other, cycle_s=CYCLE_S) as second:
        charger = charger_of(bench.server.port, other, bench.clock)
        neighbour = EverestBench(second, charger, bench.server, bench.clock)
        async with bench.running(), neighbour.running():
            await until(bench, 32.0)
            await until(neighbour, 32.0)
            await bench.charger.set_limit(10.0)
            await neighbour.charger.set_limit(20.0)

            assert (bench.holds_a(), neighbour.holds_a()) == (10.0, 20.0)
            assert bench.charger.link is neighbour.charger.link


async def test_a_silent_charger_ends_nothing_for_its_neighbour() -> None:
    other = Profile(version=W3.version, evse="connector_2", node="sink_2")
    async with house(W3) as bench, EverestTwin(bench.twin.broker, other, cycle_s=CYCLE_S) as second:
        charger = charger_of(bench.server.port, other, bench.clock, silent_s=PATIENCE_S)
        neighbour = EverestBench(second, charger, bench.server, bench.clock)
        async with bench.running(), neighbour.running():
            await until(bench, 32.0)
            await until(neighbour, 32.0)
            sessions = bench.charger.link.connection.sessions

            bench.hang()
            await bench.until_lost()
            await neighbour.heard.polled_anew(3)

            assert not neighbour.lost
            assert bench.charger.link.connection.sessions == sessions


async def test_wrong_types_are_refused_and_the_charger_is_lost_until_it_makes_sense() -> None:
    async with house(W3) as bench, bench.running():
        await until(bench, 32.0)
        bench.twin.faults = Faults(wrong_types=True)

        await bench.until_lost()
        bench.heal()

        await until(bench, 32.0)


async def test_a_limit_that_is_answered_and_not_kept_is_written_again() -> None:
    async with house(W3) as bench, bench.running():
        await until(bench, 32.0)
        bench.twin.faults = Faults(ignores_limits=True)
        await bench.charger.set_limit(10.0)
        bench.heal()

        await until_held(bench.twin, 10.0)


async def test_a_raise_that_nothing_confirms_is_unknown_over_the_everest_api() -> None:
    async with house(V1, answer_s=4.0) as bench, bench.running():
        await until(bench, 32.0)
        await bench.charger.set_limit(10.0)
        bench.twin.faults = Faults(mute=True)

        with pytest.raises(DeviceUnreachable):
            await bench.charger.set_limit(16.0)


async def test_inoperative_is_a_fault_until_it_is_cleared() -> None:
    async with house(W3) as bench, bench.running():
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug is Plug.B)
        bench.twin.raise_error("evse_manager/Inoperative")

        state = await bench.heard.until(lambda state: state.plug is Plug.F)
        bench.twin.raise_error("evse_manager/Inoperative", active=False)
        await bench.heard.until(lambda state: state.plug is Plug.B)

        assert state.held == "error evse_manager/Inoperative"


async def test_a_lack_of_energy_is_no_persons_pause() -> None:
    async with house(V1, resume_s=0.3) as bench, bench.running():
        bench.plug_in()
        await until(bench, 32.0)
        await bench.charger.set_limit(0.0)

        state = await bench.heard.polled_anew(4)

        assert state.held == ""


async def test_a_persons_pause_is_found_where_no_reason_is_told() -> None:
    async with house(V1, resume_s=0.3) as bench, bench.running():
        bench.plug_in()
        await bench.charger.set_limit(10.0)
        await until(bench, 10.0)
        bench.person_pauses()

        await bench.heard.until(lambda state: state.held == "paused by a person")

        with pytest.raises(DeviceRefused):
            await bench.charger.set_limit(16.0)


async def test_phases_can_be_chosen() -> None:
    async with house(W3, use_phases=1) as bench, bench.running():
        await bench.charger.set_limit(16.0)

        assert bench.twin.relay_mode == 1


async def test_over_the_everest_api_the_plug_is_unknown_until_something_happens() -> None:
    async with house(V1) as bench, bench.running():
        await until(bench, 32.0)
        at_first = bench.heard.latest.plug
        bench.plug_in()
        await bench.heard.until(lambda state: state.plug is Plug.B)
        bench.unplug()
        await bench.heard.until(lambda state: state.plug is Plug.A)

        assert at_first is Plug.UNKNOWN


async def test_after_2026_02_the_everest_api_is_asked_for_what_it_does_not_repeat() -> None:
    async with house(V1_MAIN, silent_s=PATIENCE_S) as bench:
        probe = await bench.charger.probe()
        async with bench.running():
            state = await bench.heard.until(lambda state: state.plug is Plug.A)

        assert (probe.values["state"], probe.values["ceiling_a"], state.ceiling_a) == ("A", 32.0, 32.0)
        assert probe.found == "EVerest evse_api DE*PNX*E123456*1"


async def test_the_everest_api_is_asked_again_after_a_restart() -> None:
    async with house(V1_MAIN) as bench, bench.running():
        await bench.heard.until(lambda state: state.plug is Plug.A)

        await bench.twin.restart()

        await bench.heard.until(lambda state: state.plug is Plug.UNKNOWN)
        await bench.heard.until(lambda state: state.plug is Plug.A)


async def test_the_everest_api_is_told_that_we_are_there() -> None:
    async with house(V1) as bench, bench.running():
        async with asyncio.timeout(PATIENCE_S):
            while sum(call.name == "communication_check" for call in bench.twin.calls) < 2:
                await bench.twin.until_cycle()

        assert all(call.args is True for call in bench.twin.calls if call.name == "communication_check")


def _entry(limit_a: float) -> dict[str, object]:
    return {
        "timestamp": "2023-09-05T10:15:30.000Z",
        "limits_to_root": {},
        "limits_to_leaves": {"ac_max_current_A": limit_a},
    }
