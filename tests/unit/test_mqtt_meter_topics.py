"""Values of several topics are joined to one sample, each anew and none too old."""

from tests.unit.mqtt_cellar import PHASES, listening


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
