"""Any bytes give a message, a typed error, or nothing; and what goes out comes back as it left."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.everest.calls import failed
from adapters.chargers.everest.channel import ApiV1, ModuleApi
from adapters.chargers.everest.reading import variable
from adapters.wire.everest import Envelopes, Kind, Place, Wire
from adapters.wire.mqtt_messages import Message
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.fakes.everest import Overheard, everest_settings

EVSE = Place(module="connector_1", implementation="evse")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
KEYS = st.sampled_from(
    [
        "name",
        "type",
        "data",
        "msg_type",
        "id",
        "origin",
        "retval",
        "error",
        "args",
        "value",
        "uuid",
        "event",
        "state",
        "Var",
        "L1",
        "limits_root_side",
        "ac_max_current_A",
        "max_current",
        "current_A",
        "power_W",
    ]
)
DOCUMENTS = st.recursive(
    SCALARS | st.sampled_from(["Var", "CmdResult", "result", "call"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "limits",
        "enforced_limits",
        "session_event",
        "powermeter",
        "ev_info",
        "telemetry",
        "hw_capabilities",
        "evse_id",
        "iso15118_certificate_request",
        "session_info",
        "capabilities",
        "anything",
    ]
)


def envelopes(wire: Wire) -> Envelopes:
    return Envelopes(wire=wire, prefix="everest", origin="phasewise")


def module_api() -> ModuleApi:
    return ModuleApi(everest_settings("2025.10.0", interface="api"), Overheard())


def arrived(topic: str, payload: bytes) -> Message:
    return Message(topic=topic, payload=payload, retained=False, at_mono_s=0.0)


def topics(wire: Wire) -> list[str]:
    base = envelopes(wire).base(EVSE)
    tails = ["var", "cmd", "var/limits", "cmd/pause_charging/response/phasewise", "error/a/B", "ready"]
    return [f"{base}/{tail}" for tail in tails]


@pytest.mark.parametrize("wire", Wire)
@given(payload=st.binary(max_size=60) | DOCUMENTS.map(lambda value: json.dumps(value).encode()), at=st.data())
def test_any_bytes_are_a_message_or_nonsense(wire: Wire, payload: bytes, at: st.DataObject) -> None:
    topic = at.draw(st.sampled_from(topics(wire)))
    try:
        spoken = envelopes(wire).opened(topic, payload)
    except DeviceNonsense:
        return

    assert isinstance(spoken.name, str)


@given(name=NAMES, value=DOCUMENTS)
def test_any_variable_is_typed_or_nonsense(name: str, value: object) -> None:
    try:
        read = variable(name, value)
    except DeviceNonsense:
        return

    assert read is not None


def test_deeply_nested_json_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense):
        envelopes(Wire.W1).opened("everest/connector_1/evse/var", b"[" * 60_000)


@pytest.mark.parametrize("wire", Wire)
def test_a_call_comes_back_as_it_left(wire: Wire) -> None:
    topic, payload = envelopes(wire).call(EVSE, "reserve", {"reservation_id": 7}, "id-1")

    assert not json.loads(payload).keys() - {"name", "type", "data", "msg_type"}
    assert topic.startswith(envelopes(wire).base(EVSE))
    if wire is not Wire.W3:
        spoken = envelopes(wire).opened(topic, payload)
        assert (spoken.kind, spoken.origin, spoken.value) == (Kind.CALL, "phasewise", {"reservation_id": 7})


@pytest.mark.parametrize("wire", Wire)
def test_that_a_module_is_ready_and_the_variable_of_that_name_are_two_things(wire: Wire) -> None:
    spoken = envelopes(wire)
    everything, module = spoken.ready("connector_1")

    assert {spoken.opened(topic, b"true").kind for topic in (everything, module)} == {Kind.READY}


def test_the_variable_that_tells_ready_is_a_variable() -> None:
    spoken = envelopes(Wire.W3)
    payload = b'{"msg_type": "Var", "data": {"data": true}}'

    told = spoken.opened(f"{spoken.base(EVSE)}/var/ready", payload)

    assert (told.kind, told.name, told.value) == (Kind.VARIABLE, "ready", True)


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b'{"state": "Unplugged", "timestamp": "2020-01-01T00:00:00Z"}', {"state": "Unplugged"}),
        (b"null", None),
    ],
)
def test_what_was_said_some_time_ago_carries_no_time(payload: bytes, value: object) -> None:
    api = ApiV1(everest_settings("main", interface="api_v1"), Overheard())
    (topic,) = (wanted for wanted in api.filters if wanted.endswith("/latest/+"))

    spoken = api.opened(arrived(topic.replace("+", "session_info"), payload))

    assert (None if spoken is None else spoken.value) == value


REFUSED = ["MessageParsing", "MessageParsingFailed", "SchemaValidation", "SchemaValidationFailed", "NotReady"]


@pytest.mark.parametrize("key", ["type", "event"])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        *((name, DeviceRefused) for name in REFUSED),
        ("Timeout", DeviceUnreachable),
        ("Shutdown", DeviceUnreachable),
        ("HandlerException", DeviceNonsense),
        ("SomethingNew", DeviceNonsense),
    ],
)
def test_the_failures_of_every_framework_say_whether_anything_was_done(
    key: str, kind: str, error: type[Exception]
) -> None:
    told = {"id": "1", "origin": "e", "error": {key: kind, "msg": "why"}}
    payload = json.dumps({"name": "reserve", "type": "result", "data": told}).encode()

    failure = envelopes(Wire.W2).opened(f"{envelopes(Wire.W2).base(EVSE)}/cmd", payload).failure

    assert failure is not None
    assert type(failed("reserve", failure)) is error


@pytest.mark.parametrize(
    ("name", "payload", "value"),
    [
        ("selected_protocol", b"IEC61851-1", "IEC61851-1"),
        ("datetime", b"2026-08-21T12:00:00.000Z", "2026-08-21T12:00:00.000Z"),
        ("logging_path", b"/var/log/everest", "/var/log/everest"),
        ("limits", b'{"max_current": 10}', {"max_current": 10}),
    ],
)
def test_the_module_api_tells_some_variables_as_plain_texts(name: str, payload: bytes, value: object) -> None:
    spoken = module_api().opened(arrived(f"everest_api/connector_1/var/{name}", payload))

    assert spoken is not None
    assert (spoken.name, spoken.value) == (name, value)


@pytest.mark.parametrize(
    ("name", "payload"),
    [("hardware_capabilities", b""), ("hardware_capabilities", b"null"), ("selected_protocol", b"")],
)
def test_what_the_module_api_does_not_know_yet_says_nothing(name: str, payload: bytes) -> None:
    assert module_api().opened(arrived(f"everest_api/connector_1/var/{name}", payload)) is None
