"""Looking: listening for whole cycles, for a probe and for the list of variables."""

import asyncio
from typing import Final

from adapters.chargers.everest.channel import Channel
from adapters.chargers.everest.listener import Listener
from adapters.wire.mqtt_messages import EXACTLY_ONCE, Mqtt, Subscription
from controller.ports import Clock

WHOLE_CYCLES: Final = 2
"""Modules speak each in a rhythm of its own, so that one cycle alone may lack what came just before it."""


async def look(mqtt: Mqtt, channel: Channel, listener: Listener, clock: Clock, longest_s: float) -> bool:
    """Listen for whole cycles of what EVerest says again and again, or for as long as may be.

    The first sign of life may be the end of a cycle that began before we listened, so cycles are counted from
    there. What is said on change alone is heard only if it changes, or can be asked for. Tells whether there
    was a sign of life.
    """
    signs = 0
    with mqtt.subscribe(*channel.filters, qos=EXACTLY_ONCE) as messages:
        async with asyncio.TaskGroup() as group:
            end = group.create_task(_close_after(messages, clock, longest_s))
            async for message in messages:
                is_sign = listener.take(message) == channel.life_sign
                signs += is_sign
                if is_sign and signs == 1:
                    for question in channel.questions():
                        mqtt.publish(*question, qos=EXACTLY_ONCE, within_s=longest_s)
                if signs > WHOLE_CYCLES:
                    break
            end.cancel()
    return signs > 0


async def _close_after(messages: Subscription, clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)
    messages.close()
