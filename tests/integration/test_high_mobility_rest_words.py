"""What the adapter sends and reads over REST v5, word by word."""

import asyncio
from uuid import UUID

import pytest

from controller.domain.readings import Plug
from controller.errors import CredentialsError, DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from tests.contracts.bench import Heard
from tests.integration.high_mobility_service import (
    AVAILABILITY,
    LATEST_S,
    SERIAL,
    STATE,
    TOKEN,
    URI,
    claims_in,
    talking,
    without_times,
)


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
