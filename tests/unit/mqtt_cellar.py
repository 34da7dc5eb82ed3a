"""What the tests of a meter over MQTT share: two meters, and a cellar where one listens."""

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.catalog import Surroundings
from adapters.meters.mqtt_json import MqttJsonMeter, MqttJsonSettings, build
from controller.domain.readings import MeterReading
from controller.domain.units import MeterId
from tests.fakes.clock import FakeClock
from tests.fakes.mqtt import FakeMqtt

GRID = MeterId("grid")

HAN = """
topic = "amsleser"
[values]
power_w = { path = "data.P", minus_path = "data.PO" }
current_l1_a = { path = "data.I1" }
current_l2_a = { path = "data.I2" }
voltage_l1_v = { path = "data.U1" }
import_wh = { path = "data.tPI", scale = 1000 }
"""

PHASES = """
[values]
current_l1_a = { topic = "m/i1" }
power_l1_w = { topic = "m/in1", minus_topic = "m/out1", scale = 1000 }
voltage_l1_v = { topic = "m/u1" }
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
