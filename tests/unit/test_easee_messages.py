import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chargers.easee.latest import Latest
from adapters.chargers.easee.messages import (
    Observed,
    Route,
    arrival,
    command,
    instant,
    observed,
    response,
    route,
    ticks_of,
)
from adapters.chargers.easee.observations import NAMES, decoded
from controller.errors import DeviceNonsense
from tests.fakes.json_values import json_values

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

RESPONSE = b"""{
"ArrivalTime": "2023-06-08T06:59:17.0130000+00:00",
"CommandResponse": {
"Comment": null,
"DeliveredAt": "2023-06-08T06:59:16.7660000Z",
"Id": 48,
"ResultCode": null,
"SerialNumber": "EH000281",
"Ticks": 638218043566469000,
"Timestamp": "2023-06-08T06:59:16.6468930Z",
"WasAccepted": true
},
"RoutingKey": "EH000281.CR.48"
}"""
"""As the document prints it."""

OBSERVATION = b"""{
"ArrivalTime": "2023-06-08T06:59:17.0130000+00:00",
"Observation": {
"Description": "Max current this charger is allowed to offer to car (A). Volatile [Double]",
"Id": 48,
"Name": "DynamicChargerCurrent",
"Timestamp": "2023-06-08T06:59:16.0000000+00:00",
"Value": 13
},
"RoutingKey": "EH000281.O.48"
}"""

HERE = Route("EH000281", "O", 48)


def test_the_documents_own_response_is_read() -> None:
    read = response(Route("EH000281", "CR", 48), RESPONSE)

    assert (read.id, read.accepted, read.ticks) == (48, True, 638218043566469000)
    assert read.at == datetime(2023, 6, 8, 6, 59, 16, 646893, tzinfo=UTC)


def test_the_documents_own_observation_is_read() -> None:
    read = observed(HERE, OBSERVATION)

    assert (read.id, read.value, read.at) == (48, 13, datetime(2023, 6, 8, 6, 59, 16, tzinfo=UTC))


def test_the_documents_own_command_is_written() -> None:
    expires = datetime(2023, 5, 4, 17, 0, 23, 630519, tzinfo=UTC)

    assert json.loads(command(48, ("13", "5"), expires)) == {
        "Id": 48,
        "ExpiresAt": "2023-05-04T17:00:23.630519Z",
        "Arguments": [{"Id": 1, "Value": "13"}, {"Id": 2, "Value": "5"}],
    }


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("2023-08-03T05:30:40.706680Z", 638266374407066800),
        ("2024-07-25T20:35:19.531164Z", 638575365195311640),
        ("2024-07-25T20:35:20.778275Z", 638575365207782750),
        ("2025-03-20T11:54:41.489097Z", 638780684814890970),
    ],
)
def test_ticks_agree_with_those_seen_in_the_field(text: str, ticks: int) -> None:
    at = instant(text)

    assert at is not None
    assert ticks_of(at) == ticks


@pytest.mark.parametrize(
    "body",
    [
        b'{"Timestamp": "2023-06-08T06:59:16Z", "Value": 13}',
        b'{"Id": 48, "Name": "x", "Timestamp": "2023-06-08T06:59:16Z", "Value": 13}',
        OBSERVATION,
    ],
)
def test_three_forms_of_body_are_one_observation(body: bytes) -> None:
    assert observed(HERE, body) == Observed(id=48, value=13, at=datetime(2023, 6, 8, 6, 59, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "EH1",
        "EH1.O",
        "EH1.O.",
        "EH1.O.x",
        ".O.48",
        "EH1.O.-1",
        "EH1.O.٣",
        "EH1.O.1234567890",
        "EH1\nbay: all is well.O.48",
        "EH1.O\x1b[2J.48",
        f"{'E' * 41}.O.48",
    ],
)
def test_what_is_no_routing_key_is_none(key: str) -> None:
    assert route(key) is None


def test_a_routing_key_may_have_more_parts() -> None:
    assert route("EH1.CR.48.638218043566468930") == Route("EH1", "CR", 48)


@given(body=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_an_observation_or_nonsense(body: bytes) -> None:
    latest = Latest()
    try:
        latest.take(observed(HERE, body), NOON, 0.0)
    except DeviceNonsense:
        assert latest.seen(48) is None


@given(value=json_values, at=json_values, accepted=json_values, ticks=json_values)
def test_any_response_is_read_or_nonsense(value: object, at: object, accepted: object, ticks: object) -> None:
    body = {"WasAccepted": accepted, "Timestamp": at, "Ticks": ticks, "Comment": value}
    try:
        read = response(Route("EH1", "CR", 48), json.dumps(body).encode())
    except DeviceNonsense:
        assert not isinstance(accepted, bool)
    else:
        assert read.accepted is accepted


@given(key=st.text(max_size=60))
def test_any_key_is_a_route_or_none(key: str) -> None:
    found = route(key)

    assert found is None or found.id >= 0


@given(id_=st.sampled_from(sorted(NAMES)), raw=json_values)
def test_any_value_is_of_its_type_or_unknown(id_: int, raw: object) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "boolean": bool,
        "double": float,
        "integer": int,
        "string": (bool, int, float, str),
    }
    value = decoded(id_, raw)

    assert value is None or isinstance(value, kinds[NAMES[id_][1]])


def test_a_body_about_another_observation_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense, match="about 22"):
        observed(HERE, b'{"Id": 22, "Value": 6}')


def test_a_response_about_another_charger_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense, match="another charger"):
        response(Route("EH1", "CR", 48), b'{"SerialNumber": "EH2", "Id": 48, "WasAccepted": true}')


@pytest.mark.parametrize("raw", ["2026-06-01T12:00:00Z", NOON, NOON.replace(tzinfo=None)])
def test_the_instant_of_arrival_is_read_as_text_and_in_amqps_own_type(raw: object) -> None:
    assert arrival(raw) == NOON


@pytest.mark.parametrize("raw", [None, 5, b"2026", "soon"])
def test_what_is_no_instant_of_arrival_is_none(raw: object) -> None:
    assert arrival(raw) is None


def test_a_body_without_end_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense, match="bytes"):
        observed(HERE, b" " * 70_000)
