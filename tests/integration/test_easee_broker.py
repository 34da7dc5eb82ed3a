import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import aio_pika
import pytest

from adapters.chargers.easee.settings import EaseeSettings
from adapters.chargers.easee.stream import stream_for
from controller.domain.readings import Plug
from controller.errors import CredentialsError, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_circuit import EaseeCircuitModel
from simulator.chargers.easee_cloud import EaseeCloudTwin
from simulator.chargers.easee_device import EaseeDevice
from simulator.chargers.easee_operator import Operator
from tests.contracts.bench import PATIENCE_S
from tests.contracts.easee_bench import (
    QUICK,
    EaseeBench,
    account_of,
    charger_of,
    connection_of,
    operator,
)
from tests.rabbitmq import shared
from tests.servers import free_port

PATIENT = {"silence_s": 60.0, "draw_ttl_s": 60.0, "answer_s": 2.0}


def twin_of(own: Operator, serial: str) -> EaseeTwin:
    clock = SystemClock()
    device = EaseeDevice(clock=clock, serial=serial, circuit=EaseeCircuitModel(clock=clock))
    return EaseeTwin(own, device, clock)


async def consumers(own: Operator) -> tuple[int, int]:
    """Count who consumes the queue and what waits in it, as nobody of ours would."""
    async with await aio_pika.connect(own.url) as connection:
        found = (await (await connection.channel()).get_queue(own.queue)).declaration_result
        return found.consumer_count or 0, found.message_count or 0


@asynccontextmanager
async def two_bays() -> AsyncIterator[tuple[EaseeBench, EaseeBench, Operator]]:
    own = await asyncio.to_thread(operator)
    clock = SystemClock()
    async with twin_of(own, "EH1") as one, twin_of(own, "EH2") as two:
        benches = [
            EaseeBench(twin, charger_of(twin, connection_of(own) | PATIENT, clock), clock)
            for twin in (one, two)
        ]
        async with benches[0].running(), benches[1].running():
            for bench in benches:
                await bench.heard.polled_anew(1)
            yield benches[0], benches[1], own


async def test_chargers_of_one_operator_share_one_consumer() -> None:
    async with two_bays() as (one, two, own):
        await one.charger.set_limit(9.0)
        await two.charger.set_limit(12.0)

        assert (one.holds_a(), two.holds_a()) == (9.0, 12.0)
        assert (await consumers(own))[0] == 1


async def test_what_was_heard_is_acknowledged() -> None:
    async with two_bays() as (one, _, own):
        await one.charger.set_limit(9.0)
        await one.clock.sleep(0.6)

    assert await consumers(own) == (0, 0)


async def test_a_killed_broker_loses_everybody_and_brings_everybody_back() -> None:
    async with two_bays() as (one, two, _):
        await one.charger.set_limit(9.0)
        await one.heard.until(lambda state: state.limit_a == 9.0)
        await asyncio.to_thread(shared().kill)
        try:
            await one.until_lost()
            await two.until_lost()
            with pytest.raises(DeviceUnreachable):
                await one.charger.set_limit(10.0)
        finally:
            await asyncio.to_thread(shared().start)
        silent_since = len(one.heard.states)

        await one.heard.until(lambda _: len(one.heard.states) > silent_since)
        async with asyncio.timeout(PATIENCE_S):
            while not one.twin.reached:
                await SystemClock().sleep(0.05)
        await one.charger.set_limit(11.0)
        assert one.holds_a() == 11.0


async def test_a_twin_without_a_broker_says_what_to_start() -> None:
    twin = EaseeTwin(Operator(url=f"amqp://guest:hush@127.0.0.1:{free_port()}/"))

    with pytest.raises(
        DeviceUnreachable, match=r"no RabbitMQ at 127\.0\.0\.1:\d+, .*: start one first"
    ) as said:
        await twin.start()

    assert "hush" not in str(said.value)


async def test_a_backlog_is_no_news() -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        for limit_a in range(6, 32):
            await twin.tell(48, float(limit_a), twin.now() - timedelta(hours=1, seconds=-limit_a))
        await SystemClock().sleep(1.1)  # Observations carry whole seconds.
        twin.device.set_dynamic(8.0, None)
        await SystemClock().sleep(0.2)
        bench = EaseeBench(twin, charger_of(twin, connection_of(own, cloud) | PATIENT))
        async with bench.running():
            await bench.heard.polled_anew(3)

        assert {state.limit_a for state in bench.heard.states} == {8.0}


async def test_a_queue_that_is_deleted_is_noticed() -> None:
    async with two_bays() as (one, _, own):
        async with await aio_pika.connect(own.url) as connection:
            await (await connection.channel()).queue_delete(own.queue)

        assert "broker" in await one.until_lost()


async def test_a_wrong_password_is_the_operators_to_put_right() -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin:
        charger = charger_of(twin, connection_of(own) | {"password": "wrong-and-secret"})

        with pytest.raises(CredentialsError) as refused:
            await charger.run(lambda _: None)

        assert "wrong-and-secret" not in str(refused.value)


async def test_the_cloud_tells_where_the_stream_is() -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        bench = EaseeBench(twin, charger_of(twin, account_of(cloud) | PATIENT))
        async with bench.running():
            await bench.charger.set_limit(9.0)

        assert twin.device.dynamic_a == 9.0
        assert cloud.asked["/api/streams/amqp/v2"] == 1


async def test_a_charger_whose_task_ends_hands_the_stream_on_to_the_others() -> None:
    own = await asyncio.to_thread(operator)
    clock = SystemClock()
    async with twin_of(own, "EH1") as first, twin_of(own, "EH2") as second:
        keys = connection_of(own) | PATIENT
        one, two = (EaseeBench(twin, charger_of(twin, keys, clock), clock) for twin in (first, second))
        stream = stream_for(EaseeSettings.model_validate(QUICK | {"serial": "EH1"} | keys), clock)
        async with AsyncExitStack() as later:
            async with one.running():
                await stream.link.until_up()  # The first leads.
                await later.enter_async_context(two.running())
                await two.heard.polled_anew(1)
            await second.tell(48, 7.0, second.now() + timedelta(seconds=2))
            await two.heard.until(lambda state: state.limit_a == 7.0)

        assert (stream.link.connections, two.lost) == (1, [])


async def test_a_probe_looks_without_taking_messages_from_anybody() -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        before = await consumers(own)
        probe = await charger_of(twin, connection_of(own, cloud)).probe()

        assert (probe.found, probe.version) == ("Easee EH1", "release 340")
        assert await consumers(own) == before
        assert cloud.asked["/api/accounts/login"] == 1


@pytest.mark.parametrize(("grid_type", "says"), [(1, None), (33, "a ground fault"), (50, "charges nobody")])
async def test_a_probe_tells_of_faults_in_the_wiring(grid_type: int, says: str | None) -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        twin.device.grid_type = grid_type
        probe = await charger_of(twin, connection_of(own, cloud)).probe()

    told = [warning for warning in probe.warnings if "an electrician has to look" in warning]
    assert len(told) == (says is not None)
    assert all(says is not None and says in warning for warning in told)


async def test_the_cloud_is_asked_with_a_renewed_token() -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        charger = charger_of(twin, connection_of(own, cloud))
        cloud.token_life_s = 60  # We renew a minute before.
        await charger.probe()
        await charger.probe()
        cloud.refreshes = False
        await charger.probe()

        assert cloud.asked["/api/accounts/refresh_token"] >= 2
        assert cloud.asked["/api/accounts/login"] >= 2


@pytest.mark.parametrize("status", [401, 403])
async def test_an_account_that_is_refused_is_the_operators_to_put_right(status: int) -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        cloud.status = status

        with pytest.raises(CredentialsError):
            await charger_of(twin, connection_of(own, cloud)).probe()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"accessToken": 5}'])
async def test_a_cloud_that_talks_nonsense_does_not_stop_the_stream(body: bytes) -> None:
    own = await asyncio.to_thread(operator)
    async with twin_of(own, "EH1") as twin, EaseeCloudTwin(own, twin) as cloud:
        cloud.body = body
        bench = EaseeBench(twin, charger_of(twin, connection_of(own, cloud) | PATIENT))
        async with bench.running():
            state = await bench.heard.until(lambda state: state.limit_a == 32.0)

        assert state.plug is Plug.A
