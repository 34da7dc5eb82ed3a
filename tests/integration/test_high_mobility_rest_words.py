"""REST v5 of a Home Charger, its paths, names and units written out: nothing here is taken from the adapter.

From the document of `hmkit.commands.HomeCharger` and High Mobility's REST v5; the twin shares code with the
adapter, and could share its mistakes.
"""

import asyncio
import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from adapters.catalog import Surroundings
from adapters.chargers.high_mobility.charger import HighMobilityCharger
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from controller.domain.readings import Plug
from controller.errors import CredentialsError, DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.web import WebReply, WebRequest, WebServer, json_reply
from tests.contracts.bench import CHARGER, Heard, site

KEY = ec.generate_private_key(ec.SECP256R1())
SERIAL, URI, TOKEN = "A1B2C3D4E5F6A7B8C9", "https://app.example", "a-token-that-the-owner-granted"

LATEST_S = 30.0
"""A token that is older is refused."""

STATE: dict[str, Any] = {
    "authenticationMechanism": {"data": {"value": "app"}},
    "authenticationState": {"data": {"value": "unauthenticated"}},
    "chargeCurrent": {"data": {"value": 9500, "unit": "milliamperes"}},
    "chargingPower": {"data": {"value": 0.05, "unit": "kilowatts"}},
    "chargingStatus": {"data": {"value": "plugged_in"}},
    "coordinates": {
        "data": {"latitude": {"value": 52.520008}, "longitude": {"value": 13.404954}},
    },
    "maximumChargeCurrent": {"data": {"value": 20, "unit": "amperes"}},
    "minimumChargeCurrent": {"data": {"value": 0.1, "unit": "amperes"}},
    "plugType": {"data": {"value": "type_2"}},
    "priceTariffs": [
        {
            "data": {
                "pricingType": {"value": "per_kwh"},
                "price": {"value": 0.3},
                "currency": {"value": "Ripple"},
            },
        }
    ],
    "solarCharging": {"data": {"value": "active"}},
    "wifiHotspotEnabled": {"data": {"value": "enabled"}},
    "wiFiHotspotPassword": {"data": {"value": "ZW3vARNUBe"}},
    "wiFiHotspotSecurity": {"data": {"value": "wpa2_personal"}},
    "wifiHotspotSSID": {"data": {"value": "Charger 7612"}},
}
"""The example of the document, with a charger that waits for authentication."""

AVAILABILITY = {
    "chargingStatus": {
        "availability": {
            "updateRate": {"value": "trip_high"},
            "rateLimit": {"value": 2, "unit": "times_per_minute"},
            "appliesPer": {"value": "vehicle"},
        }
    }
}

PUT = {
    "/v5/home_charger/set_charge_current",
    "/v5/home_charger/authenticate_expire",
    "/v5/home_charger/activate_deactivate_solar_charging",
    "/v5/home_charger/enable_disable_wi_fi_hotspot",
    "/v5/home_charger/set_price_tariffs",
}


def told_now() -> dict[str, Any]:
    """Tell the state with timestamps of now."""
    at = SystemClock().now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        name: [part | {"timestamp": at} for part in told]
        if isinstance(told, list)
        else told | {"timestamp": at}
        for name, told in STATE.items()
    }


@dataclass
class Service:
    """Answers what the documents name and nothing else."""

    failure: tuple[int, dict[str, str]] | None = None
    asked: list[WebRequest] = field(default_factory=list)

    async def answer(self, request: WebRequest) -> WebReply | None:
        """Answer."""
        self.asked.append(request)
        if self.failure is not None:
            return json_reply(self.failure[1], self.failure[0])
        if (request.verb, request.path) == ("GET", "/v5/home_charger"):
            return json_reply(told_now() | {"vin": "HM0000000000CHRG1", "brand": "sandbox"})
        if (request.verb, request.path) == ("GET", "/v5/home_charger/availability"):
            return json_reply(AVAILABILITY)
        is_known = request.verb == "PUT" and request.path in PUT
        return json_reply({} if is_known else {"title": "Not found"}, 200 if is_known else 404)

    @property
    def last(self) -> tuple[str, str, object]:
        """The latest request: verb, path and JSON."""
        return self.asked[-1].verb, self.asked[-1].path, self.asked[-1].content


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Service, HighMobilityCharger]]:
    service = Service()
    server = WebServer(service.answer)
    await server.start()
    settings = HighMobilitySettings.model_validate(
        {
            "path": "rest",
            "url": f"{server.url}/v5",
            "private_key": b64encode(KEY.private_numbers().private_value.to_bytes(32)).decode(),
            "access_token": TOKEN,
            "client_serial": SERIAL,
            "app_uri": URI,
        }
    )
    around = Surroundings(clock=SystemClock(), site=site(abilities=settings.abilities))
    try:
        yield service, HighMobilityCharger(CHARGER, settings, around)
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("command", "arguments", "path", "body"),
    [
        ("set_charge_current", {"limit_a": 16.0}, "set_charge_current", {"chargeCurrent": {"amperes": 16.0}}),
        (
            "authenticate_expire",
            {"authenticated": True},
            "authenticate_expire",
            {"authenticationState": "authenticated"},
        ),
        (
            "authenticate_expire",
            {"authenticated": False},
            "authenticate_expire",
            {"authenticationState": "unauthenticated"},
        ),
        (
            "activate_deactivate_solar_charging",
            {"active": True},
            "activate_deactivate_solar_charging",
            {"solarCharging": "active"},
        ),
        (
            "activate_deactivate_solar_charging",
            {"active": False},
            "activate_deactivate_solar_charging",
            {"solarCharging": "inactive"},
        ),
        (
            "enable_disable_wifi_hotspot",
            {"enabled": True},
            "enable_disable_wi_fi_hotspot",
            {"wifiHotspotEnabled": "enabled"},
        ),
        (
            "enable_disable_wifi_hotspot",
            {"enabled": False},
            "enable_disable_wi_fi_hotspot",
            {"wifiHotspotEnabled": "disabled"},
        ),
        (
            "set_price_tariffs",
            {
                "tariffs": '[{"pricingType": {"value": "per_kwh"}, "price": {"value": 0.3}, '
                '"currency": {"value": "Ripple"}}, '
                '{"pricingType": "per_minute", "price": 0.1, "currency": "EUR"}]'
            },
            "set_price_tariffs",
            {
                "priceTariffs": [
                    {"pricingType": "per_kwh", "price": 0.3, "currency": "Ripple"},
                    {"pricingType": "per_minute", "price": 0.1, "currency": "EUR"},
                ]
            },
        ),
        (
            "push_price",
            {"per_kwh": 0.31, "currency": "EUR", "starting_fee": 1.0},
            "set_price_tariffs",
            {
                "priceTariffs": [
                    {"pricingType": "per_kwh", "price": 0.31, "currency": "EUR"},
                    {"pricingType": "starting_fee", "price": 1.0, "currency": "EUR"},
                ]
            },
        ),
    ],
)
async def test_a_command_is_put_where_the_document_has_it_in_its_words(
    command: str, arguments: dict[str, object], path: str, body: object
) -> None:
    async with talking() as (service, charger):
        await charger.commands[command].call(**arguments)

        assert service.last == ("PUT", f"/v5/home_charger/{path}", body)


async def test_a_limit_is_a_charge_current_in_amperes_and_is_read_back() -> None:
    async with talking() as (service, charger):
        await charger.set_limit(13.0)

        assert [(asked.verb, asked.path, asked.content) for asked in service.asked] == [
            ("PUT", "/v5/home_charger/set_charge_current", {"chargeCurrent": {"amperes": 13.0}}),
            ("GET", "/v5/home_charger", None),
        ]


async def test_the_availability_is_asked_for_by_property() -> None:
    async with talking() as (service, charger):
        told = await charger.commands["get_availability"].call(properties="chargingStatus,chargeCurrent")

        assert service.last == ("GET", "/v5/home_charger/availability", None)
        assert service.asked[-1].query == {"properties": "chargingStatus,chargeCurrent"}
        assert told == AVAILABILITY


async def test_every_word_and_unit_of_the_state_is_understood() -> None:
    async with talking() as (service, charger):
        probe = await charger.probe()
        told = await charger.commands["get_state"].call()

        assert (service.asked[0].verb, service.asked[0].path) == ("GET", "/v5/home_charger")
        assert probe.found == "High Mobility Home Charger, plug type_2"
        assert probe.values == {
            "limit_a": 9.5,
            "maximum_a": 20.0,
            "minimum_a": 0.1,
            "power_w": 50.0,
            "status": "plugged_in",
            "authentication": "unauthenticated",
            "solar_charging": "active",
        }
        hidden = {"wiFiHotspotPassword": {"data": {"value": "***"}}}
        assert without_times(told) == without_times(STATE) | hidden


async def test_what_is_polled_becomes_a_state() -> None:
    async with talking() as (_, charger), asyncio.TaskGroup() as group:
        heard = Heard()
        task = group.create_task(charger.run(heard.take))
        state = await heard.polled_anew(1)
        task.cancel()

        assert (state.plug, state.limit_a, state.ceiling_a, state.power_w) == (Plug.B, 9.5, 20.0, 50.0)
        assert state.held == "waiting for authentication"


async def test_each_request_carries_a_signed_token_with_the_claims_of_the_document() -> None:
    async with talking() as (service, charger):
        await charger.commands["get_state"].call()
        await charger.commands["get_state"].call()

    claims = [claims_in(asked.headers["authorization"]) for asked in service.asked]
    assert [{key: each[key] for key in ("ver", "iss", "sub", "aud")} for each in claims] == [
        {"ver": "3.0", "iss": SERIAL, "sub": TOKEN, "aud": URI}
    ] * 2
    assert all(abs(each["iat"] - SystemClock().now().timestamp()) < LATEST_S for each in claims)
    assert UUID(claims[0]["jti"]) != UUID(claims[1]["jti"])


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "unsupported_capability", DeviceRefused),
        (400, "incorrect_state", DeviceRefused),
        (400, "invalid_command", DeviceRefused),
        (401, "auth_header_missing", CredentialsError),
        (403, "auth_header_invalid", CredentialsError),
        (408, "vehicle_asleep", DeviceUnreachable),
        (408, "charger_asleep", DeviceUnreachable),
        (408, "request_timeout", DeviceUnreachable),
    ],
)
async def test_a_failure_of_the_document_is_told_by_who_can_end_it(
    status: int, code: str, kind: type[Exception]
) -> None:
    async with talking() as (service, charger):
        told = {"errorCode": code, "failureType": code, "failureDescription": "as the document has it"}
        service.failure = (status, told)

        with pytest.raises(kind, match=code.replace("_", " ")):
            await charger.commands["get_state"].call()


def without_times(told: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave the timestamps out."""
    if isinstance(told, list):
        return [without_times(part) for part in told]
    if isinstance(told, dict):
        return {name: without_times(part) for name, part in told.items() if name != "timestamp"}
    return told


def claims_in(authorization: str) -> dict[str, Any]:
    """Open an ES256 token as RFC 7515 and RFC 7518 have it, and check its signature."""
    scheme, token = authorization.split(" ")
    head, claims, signed = token.split(".")
    raw = unpacked(signed)
    proof = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    KEY.public_key().verify(proof, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert (scheme, json.loads(unpacked(head))) == ("Bearer", {"typ": "JWT", "alg": "ES256"})
    told: dict[str, Any] = json.loads(unpacked(claims))
    return told


def unpacked(part: str) -> bytes:
    """Undo base64url without its padding."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
