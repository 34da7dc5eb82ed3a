import asyncio
import json
import logging
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.catalog import METERS, Surroundings, load
from adapters.meters.mqtt_join import Join, Source
from adapters.meters.mqtt_json import MqttJsonMeter, MqttJsonSettings, build
from adapters.wire.mqtt_messages import Message
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from controller.errors import DeviceNonsense, DeviceUnreachable
from tests.fakes.clock import FakeClock
from tests.fakes.mqtt import FakeMqtt

GRID = MeterId("grid")
DOCS = Path(__file__).parents[2] / "docs" / "mqtt.md"

HAN = """
topic = "amsleser"
[values]
power_w = { path = "data.P", minus_path = "data.PO" }
current_l1_a = { path = "data.I1" }
current_l2_a = { path = "data.I2" }
voltage_l1_v = { path = "data.U1" }
import_wh = { path = "data.tPI", scale = 1000 }
"""


class Cellar:
    """A meter, what it hears, and what it publishes."""

    def __init__(self, toml: str) -> None:
        self.clock = FakeClock()
        self.mqtt = FakeMqtt(self.clock)
        surroundings = Surroundings(clock=self.clock, site=None, mqtt=self.mqtt)
        self.meter: MqttJsonMeter = build(GRID, settings_of(toml), surroundings)
        self.readings: list[MeterReading] = []

    async def say(self, topic: str, payload: object, *, retained: bool = False) -> None:
        """Let the device publish something."""
        raw = payload if isinstance(payload, bytes | str) else json.dumps(payload)
        self.mqtt.say(topic, raw, retained=retained)
        await self.clock.settle()


def settings_of(toml: str) -> MqttJsonSettings:
    return MqttJsonSettings.model_validate_json(json.dumps(tomllib.loads(toml)), strict=True)


@asynccontextmanager
async def listening(toml: str) -> AsyncIterator[Cellar]:
    cellar = Cellar(toml)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(cellar.meter.run(cellar.readings.append))
        await cellar.clock.settle()
        yield cellar
        task.cancel()


def documented() -> list[dict[str, object]]:
    """Read every `[[meters]]` example of the page."""
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    tables = [tomllib.loads(block).get("meters", []) for block in blocks]
    return [meter for meters in tables for meter in meters]


async def test_one_document_is_one_reading() -> None:
    async with listening(HAN) as cellar:
        await cellar.say(
            "amsleser", {"data": {"P": 0, "PO": 1500, "I1": 6.5, "I2": "1.25", "U1": 231.1, "tPI": 12.5}}
        )
        assert cellar.readings == [
            MeterReading(
                id=GRID,
                at_mono_s=1000.0,
                power_w=-1500.0,
                currents_a=(6.5, 1.25, None),
                voltages_v=(231.1, None, None),
                import_wh=12_500.0,
            )
        ]


async def test_a_shorter_document_is_no_reading_and_not_zero() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", {"data": {"P": 300, "PO": 0}})
        assert cellar.readings == []
        assert cellar.meter.refused == 0


async def test_what_the_broker_retained_is_no_reading() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", {"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}}, retained=True)
        assert cellar.readings == []


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff\x00",
        b"",
        b"unavailable",
        b'{"data": {"P": NaN, "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": true, "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": "12 W", "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": [1], "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": 1e999, "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1, "tPI": 1e999}}',
        b'{"data": {"P": 1, "PO": 0, "I1": 4000, "I2": 1}}',
        b'{"data": {"P": 1, "PO": 0, "I1": 4, "I2": 1, "U1": 23.1}}',
        b"[" * 5000,
    ],
)
async def test_nonsense_is_refused_counted_and_said_once(
    payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with listening(HAN) as cellar:
        for _ in range(3):
            await cellar.say("amsleser", payload)
        assert cellar.readings == []
        assert cellar.meter.refused == 3
    assert len(caplog.records) == 1


async def test_nan_beside_what_we_want_is_nobodys_business() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", '{"temp": NaN, "data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}}')
        assert len(cellar.readings) == 1


async def test_good_messages_between_nonsense_are_still_read() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", "garbage")
        await cellar.say("amsleser", {"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}})
        assert len(cellar.readings) == 1


PHASES = """
[values]
current_l1_a = { topic = "m/i1" }
power_l1_w = { topic = "m/in1", minus_topic = "m/out1", scale = 1000 }
voltage_l1_v = { topic = "m/u1" }
"""


async def test_values_of_several_topics_are_joined_and_signed_by_power() -> None:
    async with listening(PHASES) as cellar:
        await cellar.say("m/i1", "10")
        await cellar.clock.advance(0.5)
        await cellar.say("m/in1", "00.000")
        await cellar.say("m/out1", "2.300")
        assert [(r.at_mono_s, r.currents_a[0], r.power_w) for r in cellar.readings] == [
            (1000.0, -10.0, -2300.0)
        ]


async def test_each_sample_wants_every_value_anew() -> None:
    async with listening(PHASES) as cellar:
        for _ in range(3):
            await cellar.say("m/i1", "10")
            await cellar.say("m/in1", "2.3")
            await cellar.say("m/out1", "0")
        await cellar.say("m/i1", "11")
        assert len(cellar.readings) == 3


async def test_values_too_far_apart_do_not_make_a_sample() -> None:
    async with listening(PHASES) as cellar:
        await cellar.say("m/i1", "10")
        await cellar.clock.advance(2.5)
        await cellar.say("m/in1", "2.3")
        await cellar.say("m/out1", "0")
        assert cellar.readings == []
        await cellar.say("m/i1", "10")
        assert [r.at_mono_s for r in cellar.readings] == [1002.5]


async def test_an_old_voltage_is_left_out_rather_than_kept() -> None:
    async with listening(PHASES + "\n") as cellar:
        await cellar.say("m/u1", "229")
        for wait_s in (1.0, 29.0, 1.0):
            await cellar.clock.advance(wait_s)
            for topic, payload in (("m/i1", "10"), ("m/in1", "2.3"), ("m/out1", "0")):
                await cellar.say(topic, payload)
        assert [r.voltages_v[0] for r in cellar.readings] == [229.0, 229.0, None]


async def test_silence_ends_in_unreachable_and_names_what_is_missing() -> None:
    async with asyncio.TaskGroup() as group:
        cellar = Cellar(PHASES)
        task = group.create_task(_outcome(cellar))
        await cellar.clock.settle()
        await cellar.say("m/i1", "10")
        await cellar.clock.advance(29.9)
        assert not task.done()
        await cellar.clock.advance(0.2)
    assert isinstance(task.result(), DeviceUnreachable)
    assert str(task.result()) == "grid: no complete sample for 30 s; no power_l1_w"
    assert cellar.mqtt.subscriptions == []


async def test_a_sample_gives_the_meter_its_whole_time_to_live_again() -> None:
    async with listening(HAN) as cellar:
        for _ in range(4):
            await cellar.clock.advance(20.0)
            await cellar.say("amsleser", {"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}})
        assert len(cellar.readings) == 4


async def test_nothing_but_nonsense_ends_as_nonsense() -> None:
    async with asyncio.TaskGroup() as group:
        cellar = Cellar(HAN)
        task = group.create_task(_outcome(cellar))
        await cellar.clock.settle()
        await cellar.say("amsleser", "unavailable")
        await cellar.clock.advance(31.0)
    assert isinstance(task.result(), DeviceNonsense)
    assert "neither JSON nor a number" in str(task.result())


async def _outcome(cellar: Cellar) -> Exception | None:
    try:
        await cellar.meter.run(cellar.readings.append)
    except (DeviceUnreachable, DeviceNonsense) as error:
        return error
    return None


async def test_the_same_telegram_again_is_no_news() -> None:
    toml = 'topic = "t"\nstamp_path = "Time"\nvalues.power_w = { path = "P" }'
    async with listening(toml) as cellar:
        await cellar.say("t", {"Time": "12:00:00", "P": 500})
        await cellar.say("t", {"Time": "12:00:00", "P": 500})
        await cellar.say("t", {"P": 500})
        await cellar.say("t", {"Time": "12:00:01", "P": 500})
        assert len(cellar.readings) == 2


async def test_a_frozen_meter_on_a_loaded_site_is_refused() -> None:
    toml = 'topic = "t"\nfrozen_s = 30\nttl_s = 100\nvalues.power_w = { path = "P" }'
    async with listening(toml) as cellar:
        for _ in range(4):
            await cellar.say("t", {"P": 5000})
            await cellar.clock.advance(15.0)
        assert len(cellar.readings) == 3
        assert cellar.meter.refused == 1


async def test_currents_are_worked_out_only_where_asked() -> None:
    values = 'topic = "t"\nvalues.power_l1_w = { path = "a.0.P" }\nvalues.voltage_l1_v = { path = "a.0.U" }'
    async with listening(values) as cellar:
        await cellar.say("t", {"a": [{"P": 2300}]})
        assert cellar.readings[0].currents_a == (None, None, None)
    async with listening("currents_from_power = true\n" + values) as cellar:
        await cellar.say("t", {"a": [{"P": -2300}]})
        await cellar.say("t", {"a": [{"P": 2300, "U": 250}]})
        assert [r.currents_a for r in cellar.readings] == [(-10.0, None, None), (9.2, None, None)]


async def test_a_key_with_a_dot_is_reached_by_a_list() -> None:
    async with listening('topic = "t"\nvalues.power_w = { path = ["1-0:16.7.0", "value"] }') as cellar:
        await cellar.say("t", {"1-0:16.7.0": {"value": -12.5}})
        assert cellar.readings[0].power_w == -12.5


async def test_a_probe_waits_for_one_sample() -> None:
    cellar = Cellar(HAN)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(cellar.meter.probe())
        await cellar.clock.settle()
        await cellar.say("amsleser", {"data": {"P": 700, "PO": 0, "I1": 6, "I2": 1}})
    probe = task.result()
    assert probe.found == "MQTT amsleser"
    assert probe.values == {"L1_a": 6.0, "L2_a": 1.0, "L3_a": None, "power_w": 700.0}
    assert cellar.mqtt.subscriptions == []


def test_the_catalogue_finds_the_meter() -> None:
    assert load(METERS["mqtt_json"].settings) is MqttJsonSettings
    assert load(METERS["mqtt_json"].build) is build


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("values = {}", "at least one current or power"),
        ('values.power_w = { path = "P" }', "power_w needs a topic"),
        ('topic = "t"\nvalues.soc_pct = { path = "soc" }', "at least one current or power"),
        ('topic = "t/#"\nvalues.power_w = {}', "pattern"),
        ('topic = "t"\nvalues.power_kw = {}', "power_kw"),
        ('topic = "t"\nvalues.power_w = { factor = 2 }', "factor"),
        ('topic = "t"\nvalues.power_w = { scale = "2" }', "valid number"),
    ],
)
def test_settings_that_cannot_work_are_refused(toml: str, expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        settings_of(toml)


@pytest.mark.parametrize("meter", documented(), ids=["dsmr", "tasmota", "esphome"])
async def test_the_examples_of_the_documentation_load_and_read(meter: dict[str, object]) -> None:
    own = {key: value for key, value in meter.items() if key not in ("id", "kind")}
    settings = MqttJsonSettings.model_validate_json(json.dumps(own), strict=True)
    assert settings.needs_mqtt
    clock = FakeClock()
    mqtt = FakeMqtt(clock)
    read: list[MeterReading] = []
    async with asyncio.TaskGroup() as group:
        task = group.create_task(MqttJsonMeter(GRID, settings, mqtt, clock).run(read.append))
        await clock.settle()
        for topic, payload in _telegram(settings):
            mqtt.say(topic, payload)
        await clock.settle()
        task.cancel()
    assert len(read) == 1
    assert read[0].power_w is not None
    assert None not in read[0].currents_a


def _telegram(settings: MqttJsonSettings) -> list[tuple[str, str]]:
    """Say 1 on every bare topic, and what the Tasmota example expects on its own."""
    topics = dict.fromkeys(source.topic for source in settings.sources if not source.path)
    sml = {"Power_curr": 690, "Power_L1": 230, "Power_L2": 230, "Power_L3": 230, "Total_in": 1.5}
    bare = [(topic, "230" if "voltage" in topic else "1") for topic in topics]
    return bare or [("tele/cellar/SENSOR", json.dumps({"Time": "2026-06-01T12:00:00", "SML": sml}))]


@given(
    payload=st.one_of(
        st.binary(max_size=40),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab0"), inner)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_payload_is_a_finite_sample_nothing_or_nonsense(payload: bytes) -> None:
    join = Join((Source(value="power_w", topic="t", path=("a", 0)),), align_s=1.0, keep_s=1.0)
    message = Message(topic="t", payload=payload, retained=False, at_mono_s=1.0)
    try:
        joined = join.take(message)
    except DeviceNonsense:
        return
    assert joined is None or abs(joined.values["power_w"]) < float("inf")
