"""Settings of a meter over MQTT: what cannot work is refused, what is documented reads."""

import asyncio
import json
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.catalog import METERS, load
from adapters.meters.mqtt_json import MqttJsonMeter, MqttJsonSettings, build
from controller.domain.readings import MeterReading
from tests.fakes.clock import FakeClock
from tests.fakes.mqtt import FakeMqtt
from tests.unit.mqtt_cellar import GRID, settings_of

DOCS = Path(__file__).parents[2] / "docs" / "mqtt.md"


def documented() -> list[dict[str, object]]:
    """Read every `[[meters]]` example of the page."""
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    tables = [tomllib.loads(block).get("meters", []) for block in blocks]
    return [meter for meters in tables for meter in meters]


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
