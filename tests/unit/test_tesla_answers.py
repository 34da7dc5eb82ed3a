"""What Tesla's services tell of a car, its sleep, its keys, and where else to ask."""

import pytest

from adapters.chargers.tesla.answers import FleetStatus, Presence, fleet_status, presence, vehicle_data
from adapters.chargers.tesla.replies import AsleepError, other_host, payload
from adapters.chargers.tesla.values import Json
from tests.unit.tesla_said import refused, reply


def test_a_sleeping_car_behind_bluetooth_is_asleep_and_not_lost() -> None:
    with pytest.raises(AsleepError):
        payload(refused("vehicle is sleeping", 503), nested=True)


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
