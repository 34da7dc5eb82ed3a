"""A limit is written again whatever forgot it: EVerest, its broker, or a charger that did not keep it."""

import asyncio

import pytest

from controller.domain.readings import Plug
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from tests.contracts.bench import PATIENCE_S
from tests.integration.everest_stations import ALL, V1, V1_MAIN, W2, W3, Y2023, Y2024, house, until

INTERNAL = pytest.mark.parametrize("profile", [Y2023, Y2024, W2, W3], ids=["W1", "W1 node", "W2", "W3"])


async def until_held(twin: EverestTwin, limit_a: float) -> None:
    """Wait until the external limit is this."""
    async with asyncio.timeout(PATIENCE_S):
        while twin.station.external_a != limit_a:
            assert twin.crashed is None
            await twin.until_cycle()


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


async def test_a_limit_is_written_again_when_the_broker_was_killed() -> None:
    async with house(W3) as bench, bench.running():
        await bench.charger.set_limit(10.0)
        await until(bench, 10.0)

        bench.server.kill()
        await bench.until_lost()
        bench.twin.station.reboot()  # EVerest ends with its broker.
        bench.server.start()

        await until_held(bench.twin, 10.0)


async def test_a_limit_that_is_answered_and_not_kept_is_written_again() -> None:
    async with house(W3) as bench, bench.running():
        await until(bench, 32.0)
        bench.twin.faults = Faults(ignores_limits=True)
        await bench.charger.set_limit(10.0)
        bench.heal()

        await until_held(bench.twin, 10.0)


async def test_the_everest_api_is_asked_again_after_a_restart() -> None:
    async with house(V1_MAIN) as bench, bench.running():
        await bench.heard.until(lambda state: state.plug is Plug.A)

        await bench.twin.restart()

        await bench.heard.until(lambda state: state.plug is Plug.UNKNOWN)
        await bench.heard.until(lambda state: state.plug is Plug.A)
