import asyncio
import gc
import logging
import signal
import sys
from pathlib import Path

import psutil
import pytest

from controller.system_clock import SystemClock
from tests.mqtt_connecting import AVAILABILITY, connection_to, until_no_thread_is_left
from tests.mqtt_observer import PATIENCE_S, observing, running
from tests.servers import Mosquitto, free_port


async def test_what_is_published_is_seen_and_retained_only_where_asked(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as early, running(connection.run()):
        await early.until_says(AVAILABILITY, b"online")
        connection.publish("a/state", "12.5", retain=True)
        connection.publish("a/error", "no such mode")
        await early.until_says("a/error", b"no such mode")
        async with observing(broker.port, "#") as late:
            await late.until_says("a/state", b"12.5")
            assert late.latest == {AVAILABILITY: b"online", "a/state": b"12.5"}


async def test_an_empty_retained_payload_takes_a_topic_away(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as early, running(connection.run()):
        connection.publish("charger/gone", "1", retain=True)
        await early.until_says("charger/gone", b"1")
        connection.publish("charger/gone", b"", retain=True)
        await early.until_says("charger/gone", b"")
        async with observing(broker.port, "#") as late:
            await late.until_says(AVAILABILITY, b"online")
            assert "charger/gone" not in late.latest


async def test_a_subscription_tells_what_is_said_now_from_what_was_retained(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as other:
        other.publish("house/old", "1", retain=True)
        await other.until_says("house/old", b"1")
        with connection.subscribe("house/+") as messages:
            async with running(connection.run()), asyncio.timeout(PATIENCE_S):
                old = await anext(messages)
                other.publish("house/new", b"\xff\x00", retain=True)
                new = await anext(messages)
    assert (old.topic, old.payload, old.retained) == ("house/old", b"1", True)
    assert (new.topic, new.payload, new.retained) == ("house/new", b"\xff\x00", False)
    assert old.at_mono_s <= new.at_mono_s


async def test_who_waited_until_it_listens_misses_nothing(broker: Mosquitto) -> None:
    async with observing(broker.port, "#") as other:
        connection = connection_to(broker.port)
        async with running(connection.run()), asyncio.timeout(PATIENCE_S):
            for number in range(30):
                with connection.subscribe(f"house/{number}") as messages:
                    await connection.until_listening()
                    other.publish(f"house/{number}", b"said once")
                    assert (await anext(messages)).payload == b"said once"


async def test_leaving_says_offline_and_leaves_no_thread(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as other:
        async with running(connection.run()):
            await other.until_says(AVAILABILITY, b"online")
        await other.until_says(AVAILABILITY, b"offline")
        await until_no_thread_is_left()


@pytest.mark.parametrize("there", [True, False])
async def test_leaving_closes_every_socket_without_a_collection(broker: Mosquitto, there: bool) -> None:
    process = psutil.Process()
    before = process.num_fds()
    connection = connection_to(broker.port if there else free_port())
    gc.disable()
    try:
        async with running(connection.run()), asyncio.timeout(PATIENCE_S):
            if there:
                await connection.until_connected()
            while process.num_fds() == before:
                await SystemClock().sleep(0.01)
        await until_no_thread_is_left()
        async with asyncio.timeout(PATIENCE_S):
            while process.num_fds() > before:
                await SystemClock().sleep(0.01)
    finally:
        gc.enable()


async def test_a_connection_that_left_can_be_run_again(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as other:
        for _ in range(2):
            async with running(connection.run()):
                await other.until_says(AVAILABILITY, b"online")
            await other.until_says(AVAILABILITY, b"offline")


async def test_a_killed_process_is_said_to_be_offline_by_its_last_will(broker: Mosquitto) -> None:
    source = (
        "import asyncio\n"
        "from tests.integration.test_mqtt_connection import connection_to\n"
        f"async def main():\n    await connection_to({broker.port}).run()\n"
        "asyncio.run(main())\n"
    )
    async with observing(broker.port, "#") as other:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", source, cwd=Path(__file__).parents[2]
        )
        await other.until_says(AVAILABILITY, b"online")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await other.until_says(AVAILABILITY, b"offline")


async def test_after_a_restart_of_the_broker_everything_is_as_before(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="adapters.wire.mqtt")
    connection = connection_to(broker.port)
    with connection.subscribe("ask/#") as messages:
        async with running(connection.run()):
            async with observing(broker.port, "#") as other:
                connection.publish("state", "before", retain=True)
                await other.until_says("state", b"before")
            broker.kill()
            connection.publish("state", "while away", retain=True)
            connection.publish("answer", "nobody hears this")
            broker.start()
            async with observing(broker.port, "#") as other:
                await other.until_says(AVAILABILITY, b"online")
                await other.until_says("state", b"while away")
                other.publish("ask/again", "?")
                async with asyncio.timeout(PATIENCE_S):
                    assert (await anext(messages)).topic == "ask/again"
                assert "answer" not in other.latest
    said = [record.getMessage().partition(": ")[2] or record.getMessage() for record in caplog.records]
    assert said[0] == "connected"
    assert len([record for record in caplog.records if " lost: " in record.getMessage()]) == 1
    assert said[-1] == "connected again"
    assert len(said) == 3


async def test_a_broker_that_is_dead_at_the_start_is_found_when_it_comes(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    broker.kill()
    connection = connection_to(broker.port)
    with connection.subscribe("ask/#") as messages:
        async with running(connection.run()):
            for number in range(5000):
                connection.publish("state", str(number), retain=True)
            # The first attempt fails before the broker is there.
            while not caplog.records:
                await SystemClock().sleep(0.01)
            broker.start()
            async with observing(broker.port, "#") as other:
                await other.until_says("state", b"4999")
                other.publish("ask/now", "?")
                async with asyncio.timeout(PATIENCE_S):
                    assert (await anext(messages)).topic == "ask/now"
    assert [record.getMessage() for record in caplog.records] == [
        f"MQTT broker 127.0.0.1:{broker.port} cannot be reached; trying again",
        f"MQTT broker 127.0.0.1:{broker.port}: connected again",
    ]


async def test_a_broker_that_hangs_costs_neither_time_nor_memory(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as other, running(connection.run()):
        await other.until_says(AVAILABILITY, b"online")
        broker.freeze()
        for number in range(20_000):
            connection.publish("answer", "x" * 1000)
            connection.publish("state", str(number), retain=True)
        dropped = connection.dropped
        broker.thaw()
        await other.until_says("state", b"19999")
    # What is left waits in the outbox (1000), in paho (200), and in the buffers of the operating system.
    assert dropped > 10_000


async def test_ten_thousand_messages_leave_the_newest_and_drop_the_rest(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    with connection.subscribe("flood", bound=100) as flood, connection.subscribe("end") as end:
        async with observing(broker.port, "#") as other, running(connection.run()):
            await other.until_says(AVAILABILITY, b"online")
            for number in range(10_000):
                other.publish("flood", str(number))
            other.publish("end", "")
            async with asyncio.timeout(PATIENCE_S):
                await anext(end)
                first = await anext(flood)
    assert flood.dropped > 0
    assert connection.dropped == flood.dropped
    assert int(first.payload) >= 9_000


def publication(topic: bytes, payload: bytes) -> bytes:
    """Write a PUBLISH packet of QoS 0 by hand."""
    return bytes([0x30, 2 + len(topic) + len(payload), 0, len(topic)]) + topic + payload


async def test_a_broker_that_talks_nonsense_is_survived() -> None:
    accepted = b"\x20\x02\x00\x00"
    answers = [
        b"\xf7\xff\xff\xff\xff\xffgarbage",
        accepted + publication(b"\xff\xfe", b"hi") + publication(b"ok", b"hi"),
    ]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answers.pop(0))
        if not answers:
            await reader.read()
        writer.close()
        if not answers:
            ended.set()

    ended = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    connection = connection_to(server.sockets[0].getsockname()[1])
    async with server:
        with connection.subscribe("#") as messages:
            async with running(connection.run()), asyncio.timeout(PATIENCE_S):
                message = await anext(messages)
        await ended.wait()
    assert (message.topic, message.payload) == ("ok", b"hi")
    assert connection.refused == 1
