import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters.catalog import Surroundings
from adapters.meters.mqtt_json import MqttJsonSettings, build
from adapters.panel import Panel
from adapters.wire.mqtt import Broker, Connection
from controller.commands import Command, SetMode
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from controller.system_clock import SystemClock
from tests.fakes.example_tick import DECISION, EXTRAS, GARAGE, KNOWN, SNAPSHOT
from tests.mqtt_observer import PATIENCE_S, Observer, observing, running
from tests.servers import Mosquitto

PREFIX = "phasewise/home"
GARAGE_TOPIC = f"{PREFIX}/charger/garage"


class House:
    """A real panel on a real broker, with an observer beside it."""

    def __init__(self, port: int) -> None:
        self.commands: list[Command] = []
        self.connection = Connection(
            Broker(host="127.0.0.1", port=port, client_id="phasewise-home"),
            SystemClock(),
            availability=f"{PREFIX}/availability",
        )
        self.panel = Panel(
            self.connection,
            prefix=PREFIX,
            clock=SystemClock(),
            known=lambda: KNOWN,
            handle=self.handle,
            period_s=0.05,
        )

    def handle(self, command: Command) -> str | None:
        """Accept everything; show a chosen mode."""
        self.commands.append(command)
        if isinstance(command, SetMode):
            verdict = replace(DECISION.chargers[GARAGE], mode=command.mode)
            self.panel.show(replace(DECISION, chargers={GARAGE: verdict}), SNAPSHOT, EXTRAS)
        return None


@asynccontextmanager
async def house(port: int) -> AsyncIterator[tuple[House, Observer]]:
    built = House(port)
    built.panel.show(DECISION, SNAPSHOT, EXTRAS)
    async with observing(port, "#") as other, running(built.connection.run(), built.panel.run()):
        # The last topic of a tick.
        await other.until_says(f"{PREFIX}/policy/solar/surplus/start_w", b"1400")
        yield built, other


async def test_the_state_is_there_for_whoever_comes_later(broker: Mosquitto) -> None:
    async with house(broker.port), observing(broker.port, f"{PREFIX}/#") as late:
        await late.until_says(f"{GARAGE_TOPIC}/share_a", b"9")
        await late.until(lambda: GARAGE_TOPIC in late.latest)
        assert all(retained for _, _, retained in late.seen)
        assert json.loads(late.latest[GARAGE_TOPIC])["reason"] == "9 A: main fuse L2 leaves 9 A"


async def test_topics_of_a_charger_that_is_gone_are_swept_off_the_broker(broker: Mosquitto) -> None:
    async with observing(broker.port, "#") as early:
        early.publish(f"{PREFIX}/charger/sold/share_a", "16", retain=True)
        await early.until_says(f"{PREFIX}/charger/sold/share_a", b"16")
        async with house(broker.port):
            await early.until_says(f"{PREFIX}/charger/sold/share_a", b"")
        async with observing(broker.port, "#") as late:
            await late.until(lambda: f"{GARAGE_TOPIC}/share_a" in late.latest)
            assert f"{PREFIX}/charger/sold/share_a" not in late.latest


async def test_a_command_is_taken_and_its_effect_shown(broker: Mosquitto) -> None:
    async with house(broker.port) as (at, other):
        other.publish(f"{GARAGE_TOPIC}/mode/set", "fast")
        await other.until_says(f"{GARAGE_TOPIC}/mode", b"fast")
        assert at.commands == [SetMode(charger=GARAGE, mode="fast")]


async def test_a_refused_command_is_answered_and_changes_nothing(broker: Mosquitto) -> None:
    async with house(broker.port) as (at, other):
        before = dict(other.latest)
        other.publish(f"{GARAGE_TOPIC}/mode/set", "turbo")
        await other.until_says(f"{GARAGE_TOPIC}/mode/error", b"unknown mode 'turbo'; known: fast, solar")
        assert at.commands == []
        changed = {topic for topic in other.latest if other.latest[topic] != before.get(topic)}
        assert changed == {f"{GARAGE_TOPIC}/mode/set", f"{GARAGE_TOPIC}/mode/error"}
        async with observing(broker.port, f"{PREFIX}/#") as late:
            await late.until_says(f"{GARAGE_TOPIC}/mode", b"solar")
            assert f"{GARAGE_TOPIC}/mode/error" not in late.latest


async def test_a_command_that_was_retained_before_we_came_does_nothing(broker: Mosquitto) -> None:
    async with observing(broker.port, "#") as early:
        early.publish(f"{GARAGE_TOPIC}/mode/set", "fast", retain=True)
        await early.until_says(f"{GARAGE_TOPIC}/mode/set", b"fast")
    async with house(broker.port) as (at, other):
        other.publish(f"{PREFIX}/site/limit_w/set", "asked afterwards")
        await other.until(lambda: f"{PREFIX}/site/limit_w/error" in other.latest)
        assert at.commands == []
        assert at.panel.ignored == 1
        assert f"{GARAGE_TOPIC}/mode/error" not in other.latest


async def test_garbage_on_every_command_topic_harms_nothing(broker: Mosquitto) -> None:
    garbage = [b"\x00\xff\xfe", b"", b"[" * 3000, b'{"by": 1e999}', b"9" * 4000, b"\xed\xa0\x80"]
    knobs = ["charger/garage/plan", "policy/solar/surplus/start_w", "site/limit_w", "charger/\u2603/mode"]
    async with house(broker.port) as (at, other):
        for knob in knobs:
            for payload in garbage:
                other.publish(f"{PREFIX}/{knob}/set", payload)
        other.publish(f"{GARAGE_TOPIC}/mode/set", "fast")
        await other.until_says(f"{GARAGE_TOPIC}/mode", b"fast")
        # An empty plan drops the plan; everything else was refused.
        assert at.panel.accepted == 2
        assert at.panel.refused == len(knobs) * len(garbage) - 1


async def test_a_flood_of_commands_keeps_the_loop_running_and_ends_with_the_last(broker: Mosquitto) -> None:
    async with house(broker.port) as (at, other):
        for number in range(10_000):
            other.publish(f"{GARAGE_TOPIC}/limit_a/set", str(number))
        other.publish(f"{GARAGE_TOPIC}/mode/set", "fast")
        await other.until_says(f"{GARAGE_TOPIC}/mode", b"fast")
        assert len(at.commands) + at.panel.refused + at.connection.dropped <= 10_001


async def test_after_a_restart_of_the_broker_state_and_commands_are_back(broker: Mosquitto) -> None:
    async with house(broker.port) as (at, _):
        broker.kill()
        cut = replace(DECISION.chargers[GARAGE], share_a=6.0)
        at.panel.show(replace(DECISION, chargers={GARAGE: cut}), SNAPSHOT, EXTRAS)
        broker.start()
        async with observing(broker.port, "#") as other:
            await other.until_says(f"{GARAGE_TOPIC}/share_a", b"6")
            await other.until_says(f"{PREFIX}/site/grid_power_w", b"-1234")
            other.publish(f"{GARAGE_TOPIC}/mode/set", "fast")
            await other.until_says(f"{GARAGE_TOPIC}/mode", b"fast")


async def test_a_meter_reads_what_is_said_now_and_not_what_was_retained(broker: Mosquitto) -> None:
    connection = Connection(Broker(host="127.0.0.1", port=broker.port), SystemClock(), availability="we")
    settings = MqttJsonSettings.model_validate({"topic": "p1", "values": {"power_w": {"path": "P"}}})
    meter = build(MeterId("grid"), settings, Surroundings(clock=SystemClock(), site=None, mqtt=connection))
    arrived: asyncio.Queue[MeterReading] = asyncio.Queue()
    async with observing(broker.port, "#") as device:
        device.publish("p1", '{"P": 1}', retain=True)
        await device.until(lambda: "p1" in device.latest)
        async with running(connection.run(), meter.run(arrived.put_nowait)), asyncio.timeout(PATIENCE_S):
            await device.until_says("we", b"online")
            device.publish("p1", "offline")
            device.publish("p1", '{"P": 230.5}', retain=True)
            reading = await arrived.get()
    assert reading.power_w == 230.5
    assert meter.refused == 1
