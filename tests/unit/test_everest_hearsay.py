"""Whatever is said is bounded, kept in one line, shows no token and leaves a state or a counted refusal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.everest_ear import Ear

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
