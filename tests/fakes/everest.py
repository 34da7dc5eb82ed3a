"""A line to EVerest that keeps what is sent, and the settings of a row."""

import json
from collections.abc import Callable
from typing import Any

from adapters.chargers.everest.calls import Answered, Line
from adapters.chargers.everest.settings import EverestSettings
from adapters.wire.mqtt_messages import Message


class Overheard(Line):
    """Keeps what is sent, and answers with the value that is asked for."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.answer: Any = None

    async def tell(self, topic: str, payload: bytes) -> None:
        """Keep it."""
        self.sent.append((topic, json.loads(payload)))

    async def ask(
        self, topic: str, payload: bytes, listens: str, find: Callable[[Message], Answered | None]
    ) -> Answered:
        """Keep it, and answer."""
        del listens, find
        self.sent.append((topic, json.loads(payload)))
        return Answered(value=self.answer, at_mono_s=0.0)


def everest_settings(version: str, **own: Any) -> EverestSettings:  # noqa: ANN401 - a row's own keys
    """Read the settings of one release."""
    return EverestSettings.model_validate({"version": version, "node": "sink_1"} | own)
