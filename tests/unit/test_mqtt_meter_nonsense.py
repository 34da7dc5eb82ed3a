"""Nonsense over MQTT is refused, counted and said once; silence ends as a meter that is not reached."""

import asyncio
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.meters.mqtt_join import Join, Source
from adapters.wire.mqtt_messages import Message
from controller.errors import DeviceNonsense, DeviceUnreachable
from tests.unit.mqtt_cellar import HAN, PHASES, Cellar, listening


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff\x00",
        b"",
        b"unavailable",
        b'{"data": {"P": NaN, "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": true, "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": "12 W", "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": [1], "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": 1e999, "PO": 0, "I1": 6, "I2": 1}}',
        b'{"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1, "tPI": 1e999}}',
        b'{"data": {"P": 1, "PO": 0, "I1": 4000, "I2": 1}}',
        b'{"data": {"P": 1, "PO": 0, "I1": 4, "I2": 1, "U1": 23.1}}',
        b"[" * 5000,
    ],
)
async def test_nonsense_is_refused_counted_and_said_once(
    payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with listening(HAN) as cellar:
        for _ in range(3):
            await cellar.say("amsleser", payload)
        assert cellar.readings == []
        assert cellar.meter.refused == 3
    assert len(caplog.records) == 1


async def test_nan_beside_what_we_want_is_nobodys_business() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", '{"temp": NaN, "data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}}')
        assert len(cellar.readings) == 1


async def test_good_messages_between_nonsense_are_still_read() -> None:
    async with listening(HAN) as cellar:
        await cellar.say("amsleser", "garbage")
        await cellar.say("amsleser", {"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}})
        assert len(cellar.readings) == 1


async def test_silence_ends_in_unreachable_and_names_what_is_missing() -> None:
    async with asyncio.TaskGroup() as group:
        cellar = Cellar(PHASES)
        task = group.create_task(_outcome(cellar))
        await cellar.clock.settle()
        await cellar.say("m/i1", "10")
        await cellar.clock.advance(29.9)
        assert not task.done()
        await cellar.clock.advance(0.2)
    assert isinstance(task.result(), DeviceUnreachable)
    assert str(task.result()) == "grid: no complete sample for 30 s; no power_l1_w"
    assert cellar.mqtt.subscriptions == []


async def test_a_sample_gives_the_meter_its_whole_time_to_live_again() -> None:
    async with listening(HAN) as cellar:
        for _ in range(4):
            await cellar.clock.advance(20.0)
            await cellar.say("amsleser", {"data": {"P": 1, "PO": 0, "I1": 6, "I2": 1}})
        assert len(cellar.readings) == 4


async def test_nothing_but_nonsense_ends_as_nonsense() -> None:
    async with asyncio.TaskGroup() as group:
        cellar = Cellar(HAN)
        task = group.create_task(_outcome(cellar))
        await cellar.clock.settle()
        await cellar.say("amsleser", "unavailable")
        await cellar.clock.advance(31.0)
    assert isinstance(task.result(), DeviceNonsense)
    assert "neither JSON nor a number" in str(task.result())


async def _outcome(cellar: Cellar) -> Exception | None:
    try:
        await cellar.meter.run(cellar.readings.append)
    except (DeviceUnreachable, DeviceNonsense) as error:
        return error
    return None


async def test_a_frozen_meter_on_a_loaded_site_is_refused() -> None:
    toml = 'topic = "t"\nfrozen_s = 30\nttl_s = 100\nvalues.power_w = { path = "P" }'
    async with listening(toml) as cellar:
        for _ in range(4):
            await cellar.say("t", {"P": 5000})
            await cellar.clock.advance(15.0)
        assert len(cellar.readings) == 3
        assert cellar.meter.refused == 1


@given(
    payload=st.one_of(
        st.binary(max_size=40),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab0"), inner)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_payload_is_a_finite_sample_nothing_or_nonsense(payload: bytes) -> None:
    join = Join((Source(value="power_w", topic="t", path=("a", 0)),), align_s=1.0, keep_s=1.0)
    message = Message(topic="t", payload=payload, retained=False, at_mono_s=1.0)
    try:
        joined = join.take(message)
    except DeviceNonsense:
        return
    assert joined is None or abs(joined.values["power_w"]) < float("inf")
