"""What a connection promises about publications that the broker acknowledges."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.wire.mqtt import Broker, Connection
from adapters.wire.mqtt_messages import EXACTLY_ONCE
from controller.system_clock import SystemClock
from tests.mqtt_connecting import AVAILABILITY, connection_to
from tests.mqtt_observer import PATIENCE_S, observing, running
from tests.servers import Mosquitto

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
ACCEPTED = b"\x20\x02\x00\x00"


class Recorder:
    """A broker that accepts everybody, keeps every packet, and acknowledges nothing else."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, int, bytes]] = []
        """Kind, flags and body, over all connections."""
        self.port = 0
        self._came = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen meanwhile."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield
            self.throw_out()

    async def until(self, kind: int, contains: bytes = b"", count: int = 1) -> list[tuple[int, bytes]]:
        """Wait for so many packets of a kind; tell their flags and bodies."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := self.found(kind, contains)) < count:
                self._came.clear()
                await self._came.wait()
        return found

    def found(self, kind: int, contains: bytes = b"") -> list[tuple[int, bytes]]:
        """Tell flags and bodies of the packets of a kind."""
        return [(flags, body) for each, flags, body in self.packets if each == kind and contains in body]

    def throw_out(self) -> None:
        """End every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                await self._read_packet(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _read_packet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = (await reader.readexactly(1))[0]
        length, shift = 0, 0
        while (part := (await reader.readexactly(1))[0]) & 0x80:
            length, shift = length | (part & 0x7F) << shift, shift + 7
        body = await reader.readexactly(length | part << shift)
        self.packets.append((first >> 4, first & 0x0F, body))
        self._came.set()
        if first >> 4 == CONNECT:
            writer.write(ACCEPTED)


def nameless(port: int) -> Connection:
    return Connection(Broker(host="127.0.0.1", port=port), SystemClock())


async def test_what_is_published_exactly_once_arrives_once_and_in_order(broker: Mosquitto) -> None:
    speaker, listener = nameless(broker.port), nameless(broker.port)
    with listener.subscribe("limit", qos=EXACTLY_ONCE) as messages:
        async with running(speaker.run(), listener.run()), asyncio.timeout(PATIENCE_S):
            await listener.until_listening()
            await speaker.until_connected()
            for number in range(500):
                speaker.publish("limit", str(number), qos=EXACTLY_ONCE)
            heard = [int((await anext(messages)).payload) for _ in range(500)]

    assert heard == list(range(500))


async def test_a_broker_that_hangs_and_acknowledges_nothing_costs_neither_time_nor_memory(
    broker: Mosquitto,
) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as other, running(connection.run()):
        await other.until_says(AVAILABILITY, b"online")
        broker.freeze()
        for number in range(20_000):
            connection.publish("limit", str(number), qos=EXACTLY_ONCE)
        dropped = connection.dropped
        broker.thaw()
        await other.until_says("limit", b"19999")

    # What is left waits in the outbox (1000) and in paho (200); no buffer of the system takes more.
    assert dropped >= 20_000 - 1300


async def test_nothing_of_a_lost_connection_is_said_after_a_restart_of_the_broker(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with running(connection.run()), asyncio.timeout(PATIENCE_S):
        await connection.until_connected()
        broker.freeze()
        for number in range(300):
            connection.publish("limit", f"old {number}", qos=EXACTLY_ONCE)
        broker.kill()
        broker.start()
        async with observing(broker.port, "#") as other:
            await other.until_says(AVAILABILITY, b"online")
            connection.publish("limit", "new", qos=EXACTLY_ONCE)
            await other.until_says("limit", b"new")

    assert [payload for topic, payload, _ in other.seen if topic == "limit"] == [b"new"]


async def test_what_was_not_acknowledged_is_not_said_again_on_the_next_connection() -> None:
    recorder = Recorder()
    async with recorder.serving():
        connection = nameless(recorder.port)
        async with running(connection.run()), asyncio.timeout(PATIENCE_S):
            await connection.until_connected()
            connection.publish("limit", "16 A", qos=EXACTLY_ONCE)
            await recorder.until(PUBLISH, b"16 A")
            recorder.throw_out()
            await recorder.until(CONNECT, count=2)
            while connection.sessions < 2:
                await SystemClock().sleep(0.01)
            connection.publish("limit", "8 A", qos=EXACTLY_ONCE)
            await recorder.until(PUBLISH, b"8 A")

    said = [body.rpartition(b"limit")[2][2:] for _, body in recorder.found(PUBLISH)]
    assert said == [b"16 A", b"8 A"]


async def test_the_next_connection_has_the_same_name_and_so_throws_the_old_one_out() -> None:
    recorder = Recorder()
    async with recorder.serving(), running(nameless(recorder.port).run()):
        await recorder.until(CONNECT)
        recorder.throw_out()
        connects = await recorder.until(CONNECT, count=2)

    (_, first), (_, second) = connects
    assert first == second
    assert b"phasewise" in first
    assert first[7] & 0b10  # A clean session.


async def test_the_broker_throws_a_connection_out_when_its_successor_comes(broker: Mosquitto) -> None:
    first, second = connection_to(broker.port), connection_to(broker.port)
    async with running(first.run()), asyncio.timeout(PATIENCE_S):
        await first.until_connected()
        async with running(second.run()):
            while first.connected:
                await SystemClock().sleep(0.01)


async def test_what_was_given_up_while_the_broker_hung_is_not_said_when_it_goes_on(broker: Mosquitto) -> None:
    connection = connection_to(broker.port)
    async with observing(broker.port, "#") as other, running(connection.run()):
        await other.until_says(AVAILABILITY, b"online")
        broker.freeze()
        for number in range(300):
            connection.publish("answer", str(number), qos=EXACTLY_ONCE)
        connection.publish("limit", "16 A", qos=EXACTLY_ONCE, within_s=0.0)
        connection.publish("limit", "8 A", qos=EXACTLY_ONCE)
        broker.thaw()
        await other.until_says("limit", b"8 A")

    assert [payload for topic, payload, _ in other.seen if topic == "limit"] == [b"8 A"]


async def test_what_lay_unread_in_a_broker_that_hung_is_not_said_after_the_connection_was_given_up(
    broker: Mosquitto,
) -> None:
    connection = connection_to(broker.port, keepalive_s=1)
    async with observing(broker.port, "#") as other, running(connection.run()):
        await other.until_says(AVAILABILITY, b"online")
        broker.freeze()
        connection.publish("limit", "16 A", qos=EXACTLY_ONCE)
        async with asyncio.timeout(PATIENCE_S):
            while connection.connected:
                await SystemClock().sleep(0.01)
            broker.thaw()
            await connection.until_connected()
        connection.publish("limit", "8 A", qos=EXACTLY_ONCE)
        await other.until_says("limit", b"8 A")

    assert [payload for topic, payload, _ in other.seen if topic == "limit"] == [b"8 A"]


@pytest.mark.parametrize("first", [0, EXACTLY_ONCE])
async def test_who_listens_with_less_care_does_not_lower_it_for_others(first: int) -> None:
    recorder = Recorder()
    async with recorder.serving():
        connection = nameless(recorder.port)
        async with running(connection.run()), asyncio.timeout(PATIENCE_S):
            await connection.until_connected()
            with (
                connection.subscribe("limit", qos=first),
                connection.subscribe("limit", qos=EXACTLY_ONCE - first),
            ):
                asked = await recorder.until(SUBSCRIBE, count=2)

    assert asked[-1][1].endswith(b"limit\x02")
