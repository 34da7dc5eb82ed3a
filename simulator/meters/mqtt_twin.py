"""MQTT twin: publishes what a configured `mqtt_json` meter listens for, on its topics and paths."""

import asyncio
import json
from typing import Any

from adapters.meters.mqtt_join import Path, Source
from adapters.meters.mqtt_json_settings import MqttJsonSettings
from adapters.wire.mqtt import Broker, Connection
from controller.ports import Clock
from controller.settings.service_tables import MqttSettings
from simulator.meters.quantities import Quantities


class MqttTwin:
    """Publishes every value at a rhythm; positive as the meter counts."""

    def __init__(self, settings: MqttJsonSettings, mqtt: Connection, clock: Clock) -> None:
        self._settings, self._mqtt, self._clock = settings, mqtt, clock
        self._quantities = Quantities()
        self._telegrams = 0
        self.topics = tuple(dict.fromkeys(source.topic for source in settings.sources))

    def set_quantities(self, quantities: Quantities) -> None:
        """Be told what flows."""
        self._quantities = quantities

    async def run(self, period_s: float = 1.0) -> None:
        """Publish until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._mqtt.run())
            while True:
                self.beat()
                await self._clock.sleep(period_s)

    def beat(self) -> None:
        """Publish one message on every topic."""
        self._telegrams += 1
        for topic in self.topics:
            self._mqtt.publish(topic, self.payload(topic))

    def payload(self, topic: str) -> str:
        """Write what stands on a topic now: a document, or a number alone."""
        document: dict[str, Any] = {}
        if self._settings.stamp is not None:
            _put(document, self._settings.stamp, self._telegrams)
        for source in self._settings.sources:
            number = self._number(source)
            if source.topic != topic or number is None:
                continue
            if not source.path:
                return json.dumps(number)
            _put(document, source.path, number)
        return json.dumps(document)

    def _number(self, source: Source) -> float | None:
        value = self._quantities.value(source.value)
        if value is None:
            return None
        siblings = [one for one in self._settings.sources if one.value == source.value]
        if len(siblings) > 1:  # import here, export there
            is_export = source is not siblings[0] and source != siblings[0]
            value = max(0.0, -value if is_export else value)
            return round(value / abs(source.factor), 6)
        if source.value.startswith("current") and self._tells_power(source.value):
            value = abs(value)  # the direction comes with the power
        return round(value / source.factor, 6)

    def _tells_power(self, current: str) -> bool:
        phase = current.split("_")[1]
        return any(source.value == f"power_{phase}_w" for source in self._settings.sources)


def publisher(mqtt: MqttSettings, meter: str, clock: Clock) -> Connection:
    """Prepare the twin's own connection to the configured broker."""
    password = None if mqtt.password is None else mqtt.password.get_secret_value()
    broker = Broker(
        host=mqtt.host,
        port=mqtt.port,
        client_id=f"phasewise-twin-{meter}",
        username=mqtt.username,
        password=password,
        tls=mqtt.tls,
        ca_file=mqtt.ca_file,
    )
    return Connection(broker, clock)


def _put(document: dict[str, Any], path: Path, value: float) -> None:
    *above, last = (str(step) for step in path)
    for step in above:
        document = document.setdefault(step, {})
    document[last] = value
