"""How long is listened, and when silence is silence, without a broker."""

import asyncio

from tests.unit.everest_ear import SILENT_S, Ear


async def test_the_end_of_a_cycle_that_began_earlier_ends_no_look() -> None:
    ear = Ear()
    async with ear.looking() as looking:
        await ear.enforce()
        await ear.say("powermeter", {"energy_Wh_import": {"total": 1.0}})
        await ear.enforce()
        await ear.say("telemetry", {"relais_on": True})
        ended_early = looking.done()
        await ear.enforce()

    assert (ended_early, looking.result()) == (False, True)
    assert ear.listener.told().keys() == {"powermeter", "telemetry", "enforced_limits"}


async def test_a_look_at_a_slow_cycle_tells_what_was_heard_in_its_time() -> None:
    ear = Ear()
    async with ear.looking() as looking:
        await ear.enforce()
        await ear.clock.advance(SILENT_S)

    assert looking.result()
    assert ear.listener.told().keys() == {"enforced_limits"}


async def test_a_look_into_silence_ends_in_its_time() -> None:
    ear = Ear()
    async with ear.looking() as looking:
        await ear.say("telemetry", {"relais_on": True})
        await ear.clock.advance(SILENT_S - 0.1)
        ended_early = looking.done()
        await ear.clock.advance(0.1)

    assert (ended_early, looking.result()) == (False, False)


async def test_silence_is_counted_from_the_last_sign_of_life() -> None:
    ear = Ear()
    with ear.mqtt.subscribe(*ear.channel.filters) as messages:
        async with asyncio.TaskGroup() as group:
            silence = group.create_task(ear.listener.close_when_silent(messages, ear.clock))
            group.create_task(ear.listens(messages))
            await ear.clock.advance(1.0)
            await ear.enforce()
            await ear.clock.advance(SILENT_S - 0.1)
            ended_early = silence.done()
            await ear.clock.advance(0.1)
            ended = silence.done()

    assert (ended_early, ended) == (False, True)
