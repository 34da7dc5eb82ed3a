"""Whatever Tesla's services say, it is an outcome, data, or a typed error, and leads nowhere untrusted."""

import base64
import json

import httpx
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.tesla.answers import fleet_status, vehicle_data
from adapters.chargers.tesla.claims import scopes
from adapters.chargers.tesla.outcomes import CommandOutcome
from adapters.chargers.tesla.replies import Reply, command_result, other_host, payload, quiet_s
from adapters.chargers.tesla.values import Json
from controller.errors import CredentialsError, DeviceError, DeviceNonsense
from tests.unit.tesla_said import reply

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
    told_s = quiet_s({"retry-after": after, "date": date, "ratelimit-reset": after})

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


@given(
    body=BODIES,
    status=st.sampled_from([200, 204, 301, 400, 401, 408, 421, 429, 500, 540]),
    command=st.sampled_from(["charge_start", "charge_stop", "set_charging_amps", "wake_up"]),
)
def test_any_bytes_are_an_outcome_or_nonsense(body: bytes, status: int, command: str) -> None:
    try:
        assert command_result(reply(body, status), command).outcome in CommandOutcome
    except DeviceNonsense:
        assert status < 400


@given(body=BODIES, status=st.sampled_from([200, 302, 401, 408, 429, 503]), nested=st.booleans())
def test_any_bytes_are_data_or_a_typed_error(body: bytes, status: int, *, nested: bool) -> None:
    try:
        vehicle_data(payload(reply(body, status), nested=nested))
    except (DeviceError, CredentialsError):
        return
    assert status < 400
