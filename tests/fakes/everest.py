"""EVerest without a broker: a line that keeps what is sent, one that answers, and the settings of a row."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from adapters.chargers.everest.calls import Answered, Line
from adapters.chargers.everest.dialect import Interface
from adapters.chargers.everest.settings import EverestSettings
from adapters.wire.mqtt import Broker, Connection
from adapters.wire.mqtt_messages import AT_MOST_ONCE, Message
from adapters.wire.mqtt_shared import SharedConnection
from controller.ports import Clock
from tests.fakes.mqtt import FakeMqtt


class Overheard(Line):
    """Keeps what is sent, and answers with the value that is asked for."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.answer: Any = None

    async def tell(self, topic: str, payload: bytes) -> float:
        """Keep it."""
        self.sent.append((topic, json.loads(payload)))
        return 0.0

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


class FakeEverest(FakeMqtt):
    """An EVerest of 2023 without a broker: answers every call, and says what a test lets it say."""

    connected, sessions, answers = True, 1, True

    def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        qos: int = AT_MOST_ONCE,
        within_s: float | None = None,
    ) -> None:
        """Answer a call at once."""
        super().publish(topic, payload, retain=retain, qos=qos, within_s=within_s)
        call = json.loads(payload)
        if call["type"] == "call" and self.answers:
            told = {"id": call["data"]["id"], "origin": "connector_1", "retval": None}
            self.say(topic, json.dumps({"name": call["name"], "type": "result", "data": told}))

    async def until_connected(self) -> None:
        """Be there."""

    def tell(self, name: str, value: object) -> None:
        """Publish a variable."""
        self.say("everest/connector_1/evse/var", json.dumps({"name": name, "data": value}))

    def enforce(self, limit_a: float) -> None:
        """Publish what is enforced: the sign of life."""
        self.tell("enforced_limits", {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit_a}})


class FakeApi(FakeMqtt):
    """A broker that hands out what is published, and an EVerest behind an API that a test speaks for."""

    connected, sessions = True, 1

    def __init__(self, clock: Clock, settings: EverestSettings) -> None:
        super().__init__(clock)
        self.loses = False
        """Whether nothing that is published arrives any more."""
        self._is_v1 = settings.interface is Interface.API_V1
        versioned = f"{settings.api}/1/evse_manager_consumer/{settings.evse}/e2m/enforced_limits"
        self._life_sign = versioned if self._is_v1 else f"{settings.api}/{settings.evse}/var/limits"

    def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        qos: int = AT_MOST_ONCE,
        within_s: float | None = None,
    ) -> None:
        """Hand it out to whoever listens."""
        super().publish(topic, payload, retain=retain, qos=qos, within_s=within_s)
        if not self.loses:
            self.say(topic, payload)

    async def until_connected(self) -> None:
        """Be there."""

    def enforce(self, limit_a: float) -> None:
        """Publish what is enforced: the sign of life."""
        limits: dict[str, Any] = {"uuid": "e", "limits_root_side": {"ac_max_current_A": {"value": limit_a}}}
        if not self._is_v1:
            limits = {"uuid": "e", "max_current": limit_a, "nr_of_phases_available": 3}
        self.say(self._life_sign, json.dumps(limits))


class FakeLink(SharedConnection):
    """A shared connection to one of them."""

    def __init__(self, everest: FakeEverest | FakeApi) -> None:
        self.broker, self.connection = Broker(host="nowhere"), everest  # type: ignore[assignment] # a fake

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Connection]:
        """Hand it out."""
        yield self.connection
