import base64
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.tesla.answers import FleetStatus, Presence, fleet_status, presence, vehicle_data
from adapters.chargers.tesla.claims import scopes
from adapters.chargers.tesla.outcomes import CommandOutcome, CommandResult
from adapters.chargers.tesla.replies import (
    AsleepError,
    LimitedError,
    Reply,
    command_result,
    error_of,
    other_host,
    payload,
    retry_after_s,
)
from adapters.chargers.tesla.values import Json
from controller.errors import CredentialsError, DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable

PROXY = "car could not execute command: "
BLE = f"failed to start charge: {PROXY}"


def reply(content: object, status: int = 200, **headers: str) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def refused(reason: str, status: int = 200) -> Reply:
    return reply({"response": {"result": False, "reason": reason}}, status)


def test_true_is_done() -> None:
    assert command_result(reply({"response": {"result": True, "reason": ""}})).outcome is CommandOutcome.DONE


def test_two_hundred_alone_means_nothing() -> None:
    assert command_result(refused("user_not_present")).outcome is CommandOutcome.REJECTED


@pytest.mark.parametrize("prefix", ["", PROXY, BLE])
@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("is_charging", CommandOutcome.ALREADY),
        ("charging", CommandOutcome.ALREADY),
        ("already_started", CommandOutcome.ALREADY),
        ("requested", CommandOutcome.PENDING),
        ("complete", CommandOutcome.SATISFIED),
        ("disconnected", CommandOutcome.NOT_CONNECTED),
        ("no_power", CommandOutcome.NO_POWER),
        ("not_charging", CommandOutcome.ALREADY),
        ("already_set", CommandOutcome.ALREADY),
        ("already_standard", CommandOutcome.ALREADY),
        ("already_max_range", CommandOutcome.ALREADY),
        ("could_not_wake_buses", CommandOutcome.BUSY),
        ("MESSAGEFAULT_ERROR_BUSY", CommandOutcome.BUSY),
        ("mobile_access_disabled", CommandOutcome.CONFIGURE),
        ("something new", CommandOutcome.REJECTED),
    ],
)
def test_reasons_mean_the_same_in_every_dialect(prefix: str, reason: str, outcome: CommandOutcome) -> None:
    assert command_result(refused(prefix + reason)).outcome is outcome


def test_a_reason_may_stand_under_another_key() -> None:
    told = reply({"response": {"string": "complete", "result": False}})

    assert command_result(told).outcome is CommandOutcome.SATISFIED


def test_a_bluetooth_refusal_comes_as_503() -> None:
    assert command_result(refused(BLE + "complete", 503)).outcome is CommandOutcome.SATISFIED


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("vehicle is sleeping", CommandOutcome.ASLEEP),
        ("Vehicle is not in range: context deadline exceeded", CommandOutcome.ASLEEP),
        ("vehicle sleep status unknown and wakeup not requested", CommandOutcome.ASLEEP),
        ("BleControl is not initialized. Maybe private.pem is missing.", CommandOutcome.CONFIGURE),
        ("failed to stop charge: context deadline exceeded", CommandOutcome.TROUBLE),
        ("failed to connect to vehicle (A): closed pipe", CommandOutcome.TROUBLE),
        (f"failed to stop charge: {PROXY}something new", CommandOutcome.REJECTED),
    ],
)
def test_a_bluetooth_proxy_that_lost_track_of_a_command_is_no_refusal(
    reason: str, outcome: CommandOutcome
) -> None:
    assert command_result(refused(reason, 503)).outcome is outcome


def test_a_sleeping_car_behind_bluetooth_is_asleep_and_not_lost() -> None:
    with pytest.raises(AsleepError):
        payload(refused("vehicle is sleeping", 503), nested=True)


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (400, "invalid_command", CommandOutcome.UNSUPPORTED),
        (400, "invalid_request", CommandOutcome.REJECTED),
        (401, "", CommandOutcome.SIGN_ON),
        (401, "mobile_access_disabled", CommandOutcome.CONFIGURE),
        (402, "payment required", CommandOutcome.CONFIGURE),
        (403, "Unauthorized missing scopes", CommandOutcome.CONFIGURE),
        (403, "Tesla Vehicle Command Protocol required, please refer to: x", CommandOutcome.UNSUPPORTED),
        (404, "not_found", CommandOutcome.REJECTED),
        (408, "vehicle unavailable: vehicle is offline or asleep", CommandOutcome.ASLEEP),
        (408, 'vehicle unavailable: {:error=>"vehicle unavailable:"}', CommandOutcome.ASLEEP),
        (412, "precondition", CommandOutcome.REJECTED),
        (421, "use base URL: https://x", CommandOutcome.REGION),
        (422, "", CommandOutcome.UNSUPPORTED),
        (429, "", CommandOutcome.LIMITED),
        (500, "vehicle unavailable: vehicle is offline or asleep", CommandOutcome.ASLEEP),
        (500, "vehicle rejected request: your public key has not been paired with the vehicle",
         CommandOutcome.CONFIGURE),
        (500, "context deadline exceeded", CommandOutcome.TROUBLE),
        (500, "complete", CommandOutcome.TROUBLE),
        (503, "", CommandOutcome.TROUBLE),
        (540, "device error", CommandOutcome.TROUBLE),
    ],
)  # fmt: skip
def test_code_and_text_are_judged_together(status: int, error: str, outcome: CommandOutcome) -> None:
    told = reply({"response": None, "error": error, "error_description": ""}, status)

    assert command_result(told).outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (CommandOutcome.ASLEEP, AsleepError),
        (CommandOutcome.LIMITED, LimitedError),
        (CommandOutcome.SIGN_ON, CredentialsError),
        (CommandOutcome.TROUBLE, DeviceUnreachable),
        (CommandOutcome.REJECTED, DeviceRefused),
        (CommandOutcome.CONFIGURE, DeviceRefused),
    ],
)
def test_every_bad_outcome_has_its_error(outcome: CommandOutcome, kind: type[Exception]) -> None:
    assert isinstance(error_of(CommandResult(outcome=outcome, reason="x")), kind)


def test_a_rate_limit_is_never_shorter_than_it_says() -> None:
    told = command_result(reply({"error": "limit"}, 429, retry_after="43200"))

    assert (told.outcome, told.retry_after_s) == (CommandOutcome.LIMITED, 43200.0)


@pytest.mark.parametrize(
    "headers", [{"ratelimit-day-reset": "7"}, {"ratelimit-reset": "7"}, {"retry-after": "7"}]
)
def test_the_reset_time_has_three_spellings(headers: dict[str, str]) -> None:
    assert retry_after_s(headers) == 7.0


def test_a_date_to_come_back_at_is_judged_by_the_services_own_clock() -> None:
    headers = {"retry-after": "Wed, 10 Jun 2026 14:00:00 GMT", "date": "Wed, 10 Jun 2026 12:00:00 GMT"}

    assert retry_after_s(headers) == 7200.0


@pytest.mark.parametrize("after", ["soon", "Wed, 10 Jun 2026 14:00:00 GMT", "-5", "nan", ""])
def test_a_time_to_come_back_at_that_says_nothing_is_none(after: str) -> None:
    assert retry_after_s({"retry-after": after}) is None


def test_text_that_is_no_json_is_judged_by_its_code() -> None:
    with pytest.raises(AsleepError):
        payload(reply(b"Request Timeout", 408), nested=False)


def test_bluetooth_answers_lie_one_level_deeper() -> None:
    told = reply({"response": {"result": True, "response": {"charge_state": {"battery_level": 60}}}})

    assert vehicle_data(payload(told, nested=True)).charge.soc_pct == 60.0


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://fleet-api.prd.eu.vn.cloud.tesla.com", True),
        ("https://fleet-api.prd.cn.vn.cloud.tesla.cn", True),
        ("http://fleet-api.prd.eu.vn.cloud.tesla.com", False),
        ("https://tesla.com.example.org", False),
        ("https://eviltesla.com", False),
        ("http://127.0.0.1:8080", True),
        ("https://fleet-api.tesla.com:65536", False),
        ("https://fleet-api.tesla.com:0", False),
        ("https://fleet-api..tesla.com", False),
        ("https://fleet-api.tesla.com:443@example.org", False),
        ("https://fleet-api.tesla.com.", True),
    ],
)
def test_only_teslas_hosts_and_our_own_are_followed(url: str, *, trusted: bool) -> None:
    told = reply({"error": f"user out of region, use base URL: {url}, see docs"}, 421)

    assert other_host(told, "http://127.0.0.1:9") == (url.rstrip(".") if trusted else None)


def test_a_secure_service_does_not_send_us_to_its_plain_self() -> None:
    told = reply({"error": "use base URL: http://proxy.example:8080, see docs"}, 421)

    assert other_host(told, "https://proxy.example") is None


@pytest.mark.parametrize(
    ("told", "paired"),
    [
        ({"key_paired_vins": ["A"], "unpaired_vins": []}, True),
        ({"key_paired_vins": [], "unpaired_vins": ["A"]}, False),
        ({"key_paired_vins": ["B"], "unpaired_vins": []}, None),
        ({"key_paired_vins": ["A"], "unpaired_vins": ["A"]}, None),
        ({"key_paired_vins": "A"}, None),
    ],
)
def test_a_car_in_neither_list_is_not_known_to_be_paired(told: Json, paired: bool | None) -> None:
    assert fleet_status(told, "A") == FleetStatus(is_paired=paired)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"state": "online"}, Presence.ONLINE),
        ({"state": "asleep"}, Presence.ASLEEP),
        ({"state": "offline"}, Presence.OFFLINE),
        ({"state": "waking"}, Presence.UNKNOWN),
        ({"vehicleSleepStatus": "VEHICLE_SLEEP_STATUS_AWAKE"}, Presence.ONLINE),
        ({"vehicleSleepStatus": "VEHICLE_SLEEP_STATUS_ASLEEP"}, Presence.ASLEEP),
        ({"vehicleSleepStatus": "VEHICLE_SLEEP_STATUS_UNKNOWN"}, Presence.UNKNOWN),
        ({}, Presence.UNKNOWN),
    ],
)
def test_both_words_for_sleep_are_read(told: dict[str, str], expected: Presence) -> None:
    assert presence(dict(told)) is expected


_ENVELOPE = ("response", "result", "reason", "string", "error", "error_description", "state")
_FLEET = ("key_paired_vins", "unpaired_vins", "vehicle_info", "5YJ3E7EB0KF000001")
_KEYS = (*_ENVELOPE, *_FLEET)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
BODIES = st.binary(max_size=60) | JSON.map(lambda content: json.dumps(content).encode())


@given(body=BODIES, start=st.sampled_from([b"", b"use base URL: ", b"use base URL: https://"]))
def test_whatever_a_wrong_region_says_it_leads_nowhere_untrusted(body: bytes, start: bytes) -> None:
    url = other_host(Reply(status=421, body=start + body, headers={}), "https://fleet-api.tesla.com")

    assert url is None or httpx.URL(url).host.endswith((".tesla.com", ".tesla.cn", ".teslamotors.com"))


@given(after=st.text(max_size=30), date=st.text(max_size=30))
def test_whatever_a_rate_limit_says_it_ends(after: str, date: str) -> None:
    told_s = retry_after_s({"retry-after": after, "date": date, "ratelimit-reset": after})

    assert told_s is None or 0.0 <= told_s <= 86_400.0


@given(
    token=st.text(max_size=40)
    | st.binary(max_size=40).map(lambda claims: f"h.{base64.urlsafe_b64encode(claims).decode()}.s")
)
def test_whatever_a_token_is_it_says_what_it_allows_or_nothing(token: str) -> None:
    told = scopes(token)

    assert told is None or isinstance(told, frozenset)


@given(raw=JSON, vin=st.sampled_from(["5YJ3E7EB0KF000001", ""]))
def test_whatever_the_cloud_says_of_keys_is_read(raw: Json, vin: str) -> None:
    assert fleet_status(raw, vin).is_paired in (True, False, None)


@given(body=BODIES, status=st.sampled_from([200, 204, 301, 400, 401, 408, 421, 429, 500, 540]))
def test_any_bytes_are_an_outcome_or_nonsense(body: bytes, status: int) -> None:
    try:
        assert command_result(reply(body, status)).outcome in CommandOutcome
    except DeviceNonsense:
        assert status < 400


@given(body=BODIES, status=st.sampled_from([200, 302, 401, 408, 429, 503]), nested=st.booleans())
def test_any_bytes_are_data_or_a_typed_error(body: bytes, status: int, *, nested: bool) -> None:
    try:
        vehicle_data(payload(reply(body, status), nested=nested))
    except (DeviceError, CredentialsError):
        return
    assert status < 400
