"""What the tests of EVerest's listener share: a listener on a broker that is made up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.chargers.everest.channel import AnyChannel, channel_of
from adapters.chargers.everest.listener import Listener
from adapters.chargers.everest.looking import look
from adapters.chargers.everest.picture import Picture
from adapters.wire.mqtt_messages import Message, Subscription
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId, CircuitId, Grid
from tests.fakes.clock import FakeClock
from tests.fakes.everest import Overheard, everest_settings
from tests.fakes.mqtt import FakeMqtt

BAY = ChargerId("bay")
SILENT_S = 10.0


class Ear:
    """A listener on a broker that is made up."""

    def __init__(self, version: str = "2023.8.0", **own: Any) -> None:  # noqa: ANN401 - settings
        self.clock = FakeClock()
        self.mqtt = FakeMqtt(self.clock)
        settings = everest_settings(version, silent_s=SILENT_S, **own)
        self.channel: AnyChannel = channel_of(settings, Overheard())
        picture = Picture(
            charger=BAY,
            grid=Grid.TN,
            spec=ChargerSpec(id=BAY, circuit=CircuitId("main")),
            meter_ttl_s=10.0,
            waits_for_energy=True,
            resume_s=10.0,
        )
        self.listener = Listener(BAY, self.channel, picture, settings)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[asyncio.Task[bool]]:
        """Look meanwhile."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(look(self.mqtt, self.channel, self.listener, self.clock, SILENT_S))
            await self.clock.settle()
            yield task

    async def listens(self, messages: Subscription) -> None:
        """Take everything until it ends."""
        async for message in messages:
            self.listener.take(message)

    def take(self, topic: str, payload: bytes) -> str:
        """Hear one message."""
        return self.listener.take(Message(topic=topic, payload=payload, retained=False, at_mono_s=0.0))

    async def say(self, name: str, value: object) -> None:
        """Let EVerest of 2023 say a variable, and let it be heard."""
        self.mqtt.say("everest/connector_1/evse/var", json.dumps({"name": name, "data": value}))
        await self.clock.settle()

    async def enforce(self, limit_a: float = 16.0) -> None:
        """End a cycle."""
        await self.say("enforced_limits", {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit_a}})
