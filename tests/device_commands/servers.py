"""The real servers behind the twins, each started once by whoever asks first."""

from functools import cached_property
from pathlib import Path

from tests.servers import Mosquitto


class Servers:
    """Hands out brokers and ends what it started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Mosquitto] = []

    @cached_property
    def mqtt_port(self) -> int:
        """Where a mosquitto listens."""
        mosquitto = Mosquitto(self._folder)
        mosquitto.start()
        self._started.append(mosquitto)
        return mosquitto.port

    def end(self) -> None:
        """Kill what was started."""
        for mosquitto in self._started:
            mosquitto.kill()
