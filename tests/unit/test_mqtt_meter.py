"""What a meter over MQTT reads out of one document, and what is no reading."""

import asyncio

from controller.domain.readings import MeterReading
from tests.unit.mqtt_cellar import GRID, HAN, Cellar, listening


async def test_one_document_is_one_reading() -> None:
    async with listening(HAN) as cellar:
        await cellar.say(
            "amsleser", {"data": {"P": 0, "PO": 1500, "I1": 6.5, "I2": "1.25", "U1": 231.1, "tPI": 12.5}}
        )
        assert cellar.readings == [
            MeterReading(
                id=GRID,
                at_mono_s=1000.0,
                power_w=-1500.0,
                currents_a=(6.5, 1.25, None),
                voltages_v=(231.1, None, None),
                import_wh=12_500.0,
            )
        ]


async def test_a_shorter_document_is_no_reading_and_not_zero() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", {"data": {"P": 300, "PO": 0}})
        assert cellar.readings == []
        assert cellar.meter.refused == 0


async def test_what_the_broker_retained_is_no_reading() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", {"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}}, retained=True)
        assert cellar.readings == []


async def test_the_same_telegram_again_is_no_news() -> None:
    toml = 'topic = "t"\nstamp_path = "Time"\nvalues.power_w = { path = "P" }'
    async with listening(toml) as cellar:
        await cellar.say("t", {"Time": "12:00:00", "P": 500})
        await cellar.say("t", {"Time": "12:00:00", "P": 500})
        await cellar.say("t", {"P": 500})
        await cellar.say("t", {"Time": "12:00:01", "P": 500})
        assert len(cellar.readings) == 2


async def test_currents_are_worked_out_only_where_asked() -> None:
    values = 'topic = "t"\nvalues.power_l1_w = { path = "a.0.P" }\nvalues.voltage_l1_v = { path = "a.0.U" }'
    async with listening(values) as cellar:
        await cellar.say("t", {"a": [{"P": 2300}]})
        assert cellar.readings[0].currents_a == (None, None, None)
    async with listening("currents_from_power = true\n" + values) as cellar:
        await cellar.say("t", {"a": [{"P": -2300}]})
        await cellar.say("t", {"a": [{"P": 2300, "U": 250}]})
        assert [r.currents_a for r in cellar.readings] == [(-10.0, None, None), (9.2, None, None)]


async def test_a_key_with_a_dot_is_reached_by_a_list() -> None:
    async with listening('topic = "t"\nvalues.power_w = { path = ["1-0:16.7.0", "value"] }') as cellar:
        await cellar.say("t", {"1-0:16.7.0": {"value": -12.5}})
        assert cellar.readings[0].power_w == -12.5


async def test_a_probe_waits_for_one_sample() -> None:
    cellar = Cellar(HAN)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(cellar.meter.probe())
        await cellar.clock.settle()
        await cellar.say("amsleser", {"data": {"P": 700, "PO": 0, "I1": 6, "I2": 1}})
    probe = task.result()
    assert probe.found == "MQTT amsleser"
    assert probe.values == {"L1_a": 6.0, "L2_a": 1.0, "L3_a": None, "power_w": 700.0}
    assert cellar.mqtt.subscriptions == []
