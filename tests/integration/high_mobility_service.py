"""REST v5 of High Mobility, its paths, names and units written out: nothing here is taken from the adapter.

From the document of `hmkit.commands.HomeCharger` and the field's knowledge of REST v5; the twin shares code
with the adapter, and could share its mistakes.
"""

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from adapters.catalog import Surroundings
from adapters.chargers.high_mobility.charger import HighMobilityCharger
from adapters.chargers.high_mobility.settings import HighMobilitySettings
from controller.system_clock import SystemClock
from simulator.chargers.web import WebReply, WebRequest, WebServer, json_reply
from tests.contracts.bench import CHARGER, site

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
