"""Any bytes give a message, a typed error, or nothing; and what is built is what EVerest reads."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.chargers.everest import requests
from adapters.chargers.everest.calls import failed
from adapters.chargers.everest.channel import ApiV1, ModuleApi
from adapters.chargers.everest.dialect import Dialect, version_of
from adapters.chargers.everest.limits import Lapse, Writer
from adapters.chargers.everest.reading import variable
from adapters.chargers.everest.settings import EverestSettings
from adapters.chargers.everest.variables import EnforcedLimits, Powermeter
from adapters.wire.everest import Envelopes, Kind, Place, Wire
from adapters.wire.mqtt_messages import Message
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId, CircuitId
from controller.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable
from tests.fakes.everest import Overheard, everest_settings

EVSE = Place(module="connector_1", implementation="evse")
NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)

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


@pytest.mark.parametrize(
    ("version", "wire", "at_node", "sourced", "walks"),
    [
        ("2023.5.0", Wire.W1, False, False, False),
        ("2023.8.0", Wire.W1, False, False, False),
        ("2024.3.1", Wire.W1, False, False, False),
        ("2024.4.0", Wire.W1, False, False, True),
        ("2024.9.1", Wire.W1, False, False, True),
        ("2024.9.2", Wire.W2, True, False, True),
        ("2024.10.0", Wire.W1, True, False, True),
        ("2024.11.0", Wire.W2, True, False, True),
        ("2025.3.0", Wire.W2, True, True, True),
        ("2025.10.0", Wire.W2, True, True, True),
        ("2025.12.0", Wire.W3, True, True, True),
        ("main", Wire.W3, True, True, True),
    ],
)
def test_every_era_speaks_its_dialect(
    version: str, wire: Wire, *, at_node: bool, sourced: bool, walks: bool
) -> None:
    dialect = Dialect(version=version_of(version))

    found = (dialect.wire, dialect.limits_at_node, dialect.sourced, dialect.walks)
    assert found == (wire, at_node, sourced, walks)


@given(
    limit_a=st.floats(min_value=0.0, max_value=80.0),
    version=st.sampled_from(["2023.5.0", "2023.8.0", "2024.9.1", "2025.2.0", "2025.10.0", "main"]),
    hours=st.integers(-12, 14),
)
def test_export_is_always_forbidden_and_limits_stand_on_the_leaves(
    limit_a: float, version: str, hours: int
) -> None:
    dialect = Dialect(version=version_of(version))
    abroad = NOON.astimezone(timezone(timedelta(hours=hours)))

    limits = Writer(dialect=dialect, source="us").external_limits(limit_a, abroad)

    (imported,), (exported,) = limits["schedule_import"], limits["schedule_export"]
    plain = {key: value["value"] if dialect.sourced else value for key, value in _leaves(exported).items()}
    assert plain == {"ac_max_current_A": 0.0, "total_power_W": 0.0}
    assert imported["limits_to_root"] == exported["limits_to_root"] == {}
    assert imported["timestamp"] == "2026-08-21T12:00:00.000Z"
    assert ("schedule_setpoints" in limits) is dialect.sourced


def test_the_safe_entry_comes_after_the_limit() -> None:
    writer = Writer(dialect=Dialect(version=version_of("2024.9.1")), source="us")

    limits = writer.external_limits(16.0, NOON, Lapse(at=NOON + timedelta(seconds=60), limit_a=6.0))

    told = [(entry["timestamp"], _leaves(entry)["ac_max_current_A"]) for entry in limits["schedule_import"]]
    assert told == [("2026-08-21T12:00:00.000Z", 16.0), ("2026-08-21T12:01:00.000Z", 6.0)]


@pytest.mark.parametrize("limit_a", [-1.0, 80.1, float("nan"), float("inf")])
def test_a_limit_that_no_pilot_offers_is_never_built(limit_a: float) -> None:
    with pytest.raises(ValueError, match="expected 0 to 80 A"):
        Writer(dialect=Dialect(version=version_of("main")), source="us").external_limits(limit_a, NOON)


def test_2023_is_given_no_later_entry() -> None:
    writer = Writer(dialect=Dialect(version=version_of("2023.8.0")), source="us")

    with pytest.raises(ValueError, match="no later entry"):
        writer.external_limits(16.0, NOON, Lapse(at=NOON, limit_a=0.0))


@pytest.mark.parametrize(
    "build",
    [
        lambda: requests.stop_request((2023, 8, 0), "Boredom", None),
        lambda: requests.token((2023, 8, 0), "", "RFID"),
        lambda: requests.token((2023, 8, 0), "x" * 37, "RFID"),
        lambda: requests.token((2023, 8, 0), "x", "Handshake"),
        lambda: requests.enable_source("LocalAPI", "Enable", 10_001),
        lambda: requests.enable_source("LocalAPI", "On", 0),
        lambda: requests.whole_number("connector_id", True),  # noqa: FBT003 - the fact under test
        lambda: requests.whole_number("connector_id", -1),
        lambda: requests.certificate((2023, 8, 0), "Accepted", "Install", "A" * 5601),
        lambda: requests.transfer_modes((2025, 10, 0), "AC_three_phase_core, telepathy"),
        lambda: requests.transfer_modes((2025, 10, 0), "MCS"),
        lambda: requests.stop_request((2023, 5, 0), "Timeout", None),
        lambda: requests.authorization((2025, 10, 0), "x", "PinRequired", "RFID"),
        lambda: requests.token((2023, 8, 0), "x", "BankCard"),
    ],
)
def test_what_would_end_everest_is_refused_unsent(build: Callable[[], object]) -> None:
    with pytest.raises(DeviceRefused):
        build()


def test_the_misspelling_of_2023_stays_on_the_wire() -> None:
    args = requests.certificate((2023, 8, 0), "Accepted", "Install", None)

    assert args == {"certificate_reponse": {"status": "Accepted", "certificateAction": "Install"}}


@pytest.mark.parametrize("limit", [10, 10.0, {"value": 10.0, "source": "ems"}])
@pytest.mark.parametrize("expiry", [{"valid_until": "2026-08-21T10:15:30.000Z"}, {"valid_for": 10}])
def test_enforced_limits_are_read_in_every_era(limit: object, expiry: dict[str, object]) -> None:
    value = {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}, **expiry}

    read = variable("enforced_limits", value)

    assert isinstance(read, EnforcedLimits)
    assert read.limit_a == 10.0


@pytest.mark.parametrize("value", ["10", True, None, [10], {"value": "10"}])
def test_an_enforced_limit_of_another_type_is_unknown_not_zero(value: object) -> None:
    read = variable("enforced_limits", {"uuid": "e", "limits_root_side": {"ac_max_current_A": value}})

    assert isinstance(read, EnforcedLimits)
    assert read.limit_a is None


@pytest.mark.parametrize("limit", [201, -201.0, 1e300, {"value": 1e300, "source": "x"}])
def test_a_limit_that_no_evse_has_is_nonsense(limit: object) -> None:
    for name, value in (
        ("enforced_limits", {"uuid": "e", "limits_root_side": {"ac_max_current_A": limit}}),
        ("limits", {"max_current": limit}),
    ):
        with pytest.raises(DeviceNonsense, match="no EVSE has that"):
            variable(name, value)


def test_a_meter_may_tell_totals_alone() -> None:
    read = variable("powermeter", {"energy_Wh_import": {"total": 1.0}, "power_W": {"total": 7000.0}})

    assert isinstance(read, Powermeter)
    assert (read.power_w, read.currents_a) == (7000.0, (None, None, None))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"version": "2022.11.0"},
        {"version": "latest"},
        {"version": "2025.10.0"},
        {"version": "2023.8.0", "interface": "api_v1", "node": "n"},
        {"version": "2023.8.0", "use_phases": 1},
        {"version": "2025.10.0", "node": "n", "use_phases": 2},
        {"version": "2023.8.0", "evse": "a/b"},
        {"version": "2023.8.0", "prefix": "everest/"},
        {"version": "2023.8.0", "origin": "#"},
        {"version": "2023.8.0", "password": "secret"},
        {"version": "2023.8.0", "nods": "n"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EverestSettings.model_validate(wrong)


@pytest.mark.parametrize(
    ("keys", "lease_s", "lapses_to_a"),
    [
        ({"version": "2023.8.0"}, None, None),
        ({"version": "2024.9.1"}, 60.0, 6.0),
        ({"version": "2025.10.0", "interface": "api"}, None, None),
        ({"version": "2025.10.0", "interface": "api_v1", "node": "n", "lease_s": 90}, 90.0, 6.0),
    ],
)
def test_a_limit_lapses_to_what_is_safe_where_the_version_can(
    keys: dict[str, Any], lease_s: float | None, lapses_to_a: float | None
) -> None:
    spec = ChargerSpec(id=ChargerId("bay"), circuit=CircuitId("main"), safe_a=6.0)

    able = EverestSettings.model_validate(keys).abilities(spec)

    assert (able.lease_s, able.lapses_to_a) == (lease_s, lapses_to_a)


def test_a_password_is_not_shown_with_the_settings() -> None:
    told = {"version": "2023.8.0", "username": "me", "password": "hush-hush"}

    assert "hush-hush" not in repr(EverestSettings.model_validate(told))


def _leaves(entry: dict[str, Any]) -> dict[str, Any]:
    leaves: dict[str, Any] = entry["limits_to_leaves"]
    return leaves
