"""What is listened for, for how long, and what is made of it, without a broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.everest.channel import AnyChannel, channel_of
from adapters.chargers.everest.listener import Listener
from adapters.chargers.everest.looking import look
from adapters.chargers.everest.picture import Picture
from adapters.wire.mqtt_messages import Message, Subscription, matches
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


TOKEN = "DEADBEEF"
SPOKEN = [
    '{"name": "session_event", "data": {"transaction_started": {"id_tag": {"id_token": {"value": "%s"}}}}}',
    '{"name": "session_event", "data": {"transaction_started": {"id_tag": {"id_token": "%s"}}}',
    '{"name": "authorize_response", "type": "call", "data": {"args": {"id_token": "%s"}}}',
    '{"name": "stop_transaction", "type": "call", "data": {"args": {"request": {"id_tag": "%s',
    '{"name": "limits", "data": {"id_tag": "%s"}}',
    '{"name": "iso15118_certificate_request", "data": [{"exiRequest": "%s"}]}',
]


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("topic", ["var", "cmd"])
def test_no_token_stands_in_what_is_said_of_nonsense(
    spoken: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear()
    with caplog.at_level("INFO"):
        ear.take(f"everest/connector_1/evse/{topic}", (spoken % TOKEN).encode())

    assert TOKEN not in caplog.text
    assert TOKEN not in str(ear.listener.silence(connected=True))


def test_a_flood_of_names_is_bounded() -> None:
    ear = Ear("2026.2.1")
    base = "everest/modules/connector_1/impl/evse"
    for number in range(1000):
        ear.take(f"{base}/var/name_{number}", b'{"msg_type": "Var", "data": {"data": 1}}')
        ear.take(f"{base}/error/a/B{number}", b'{"msg_type": "RaiseError", "data": {"state": "Active"}}')
        event = {"msg_type": "Var", "data": {"data": {"event": f"Event{number}"}}}
        ear.take(f"{base}/var/session_event", json.dumps(event).encode())

    picture = ear.listener.picture
    assert max(len(picture.told), len(picture.errors), len(picture.unknown)) <= 100


def test_what_holds_it_is_one_short_printable_line() -> None:
    ear = Ear()
    event = {"name": "session_event", "data": {"event": "Error", "error": "\x1b[2J\n" + "x" * 10_000}}
    ear.take("everest/connector_1/evse/var", json.dumps(event).encode())

    held = ear.listener.picture.held(0.0)
    assert held.isprintable()
    assert len(held) < 120


def test_what_is_deeply_nested_can_be_listed() -> None:
    ear = Ear()
    nested = "[" * 700 + "]" * 700
    spoken = f'{{"name": "session_event", "data": {{"event": "Enabled", "error": {nested}}}}}'
    ear.take("everest/connector_1/evse/var", spoken.encode())

    assert ear.listener.told()["session_event"] == {
        "event": "Enabled", "session": "", "reason": "", "transaction": False
    }  # fmt: skip


KEYS = st.sampled_from(
    ["name", "type", "data", "id", "origin", "args", "uuid", "event", "state", "error", "L1", "value",
     "limits_root_side", "ac_max_current_A", "max_current", "current_A", "session_started", "reason"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["session_event", "enforced_limits", "powermeter", "limits", "call", "result", "Active", "Charging"]
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
MESSAGES = st.one_of(
    st.builds(lambda name, data: {"name": name, "data": data}, WORDS, DOCUMENTS),
    st.builds(
        lambda kind, data: {"msg_type": kind, "data": {"data": data}}, st.sampled_from(["Var"]), DOCUMENTS
    ),
    DOCUMENTS,
).map(lambda message: json.dumps(message).encode())

W1, W2, W3 = (
    ("2023.8.0", "everest/connector_1/evse/var", '{"name": "enforced_limits", "data": %s}'),
    ("2025.10.0", "everest/modules/connector_1/impl/evse/var", '{"name": "enforced_limits", "data": %s}'),
    (
        "2026.2.1",
        "everest/modules/connector_1/impl/evse/var/enforced_limits",
        '{"msg_type": "Var", "data": {"data": %s}}',
    ),
)


@pytest.mark.parametrize("runs", [W1, W2, W3], ids=["W1", "W2", "W3"])
@pytest.mark.parametrize("configured", [W1, W2, W3], ids=["W1", "W2", "W3"])
def test_a_wire_that_is_not_the_configured_versions_is_named(
    configured: tuple[str, str, str], runs: tuple[str, str, str]
) -> None:
    ear, (_, topic, form) = Ear(configured[0]), runs
    limit = {"value": 16.0, "source": "x"} if runs is not W1 else 16.0
    told = {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}}

    name = ear.take(topic, (form % json.dumps(told)).encode())

    assert any(matches(wanted, topic) for wanted in ear.channel.filters)
    assert name == ("enforced_limits" if configured is runs else "")
    assert configured is runs or "another version" in str(ear.listener.silence(connected=True))


@pytest.mark.parametrize(
    ("version", "limit"), [("2025.2.0", {"value": 16.0, "source": "x"}), ("2025.3.0", 16.0)]
)
def test_numbers_of_another_version_are_no_sign_of_life(version: str, limit: object) -> None:
    ear = Ear(version)
    told = {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}}
    spoken = json.dumps({"name": "enforced_limits", "data": told})

    assert ear.take("everest/modules/connector_1/impl/evse/var", spoken.encode()) == ""
    assert "another version" in str(ear.listener.silence(connected=True))


LIMITS = {"schedule_import": [{"limits_to_leaves": {"ac_max_current_A": {"value": 9.0, "source": "ocpp"}}}]}
CALL = {"id": "1", "origin": "ocpp", "args": {}}
OTHERS = [
    ("2023.8.0", {}, "everest/connector_1/evse/cmd",
     {"name": "set_external_limits", "type": "call", "data": CALL}),
    ("2025.10.0", {}, "everest/modules/sink_1/impl/external_limits/cmd",
     {"name": "set_external_limits", "type": "call", "data": CALL}),
    ("2026.2.1", {}, "everest/modules/sink_1/impl/external_limits/cmd/set_external_limits",
     {"msg_type": "Cmd", "data": CALL}),
    ("2026.2.1", {"interface": "api_v1"},
     "everest_api/1/external_energy_limits_consumer/sink_1/m2e/set_external_limits", LIMITS),
]  # fmt: skip


@pytest.mark.parametrize(("version", "own", "topic", "call"), OTHERS, ids=["W1", "W2", "W3", "API v1"])
def test_another_controller_is_named_once(
    version: str, own: dict[str, str], topic: str, call: object, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear(version, **own)
    for _ in range(3):
        ear.take(topic, json.dumps(call).encode())
    ours = json.dumps(call).replace("ocpp", "phasewise")
    ear.take(topic, ours.encode())

    assert any(matches(wanted, topic) for wanted in ear.channel.filters)
    assert [record.message for record in caplog.records] == [
        "bay: another controller, 'ocpp', writes its limits too"
    ]


EARS: list[tuple[str, dict[str, str]]] = [
    ("2023.8.0", {}), ("2025.10.0", {}), ("main", {}),
    ("2025.10.0", {"interface": "api"}), ("main", {"interface": "api_v1"}),
]  # fmt: skip
LEVELS = [
    "session_event",
    "enforced_limits",
    "powermeter",
    "session_info",
    "limits",
    "ready",
    "heartbeat",
    "x",
]


@pytest.mark.parametrize(("version", "own"), EARS, ids=["W1", "W2", "W3", "module API", "API v1"])
@given(
    said=st.lists(st.tuples(st.binary(max_size=60) | MESSAGES, st.sampled_from(LEVELS)), max_size=6),
    at=st.data(),
)
def test_whatever_is_said_leaves_a_state_or_a_counted_refusal(
    version: str, own: dict[str, str], said: list[tuple[bytes, str]], at: st.DataObject
) -> None:
    ear = Ear(version, **own)
    for payload, level in said:
        wanted = at.draw(st.sampled_from(ear.channel.filters))
        refused = ear.listener.refused
        name = ear.take(wanted.replace("+", level).replace("#", f"a/{level}"), payload)
        assert ear.listener.refused - refused in (0, 1)
        assert not (name and ear.listener.refused > refused)

    state = ear.listener.picture.state(1.0, None)
    assert state.held.isprintable()
    assert json.dumps(ear.listener.told())
