"""What a charger run by EVerest tells of itself behind a real broker, alone and beside a neighbour."""

import asyncio

import pytest

from adapters.wire.mqtt import Broker
from controller.domain.readings import Plug
from controller.errors import DeviceRefused, DeviceUnreachable
from simulator.chargers.everest import EverestTwin
from simulator.chargers.everest_faults import Faults
from simulator.chargers.everest_profile import Profile
from tests.contracts.bench import PATIENCE_S
from tests.contracts.everest_bench import CYCLE_S, EverestBench, charger_of
from tests.integration.everest_stations import V1, V1_MAIN, W3, Later, house, until
from tests.servers import free_port


async def test_a_limit_that_is_not_told_in_amperes_is_unknown_and_the_rest_is_told() -> None:
    async with house(W3) as bench, bench.running():
        await until(bench, 32.0)
        bench.plug_in()
        bench.twin.faults = Faults(hides_amperes=True)

        state = await bench.heard.until(lambda state: state.limit_a is None and state.plug.car)

        assert state.plug is Plug.B


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


async def test_the_everest_api_is_told_that_we_are_there() -> None:
    async with house(V1) as bench, bench.running():
        async with asyncio.timeout(PATIENCE_S):
            while sum(call.name == "communication_check" for call in bench.twin.calls) < 2:
                await bench.twin.until_cycle()

        assert all(call.args is True for call in bench.twin.calls if call.name == "communication_check")
