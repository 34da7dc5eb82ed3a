"""The REST v5 path: the same charger in JSON, each request with a token of its own."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import uuid4

from adapters.chargers.high_mobility.cloud import Cloud, Reply, complaint
from adapters.chargers.high_mobility.failures import BusyError, failed, is_known
from adapters.chargers.high_mobility.home_charger import HOME_CHARGER, checked_names
from adapters.chargers.high_mobility.tokens import Tokens
from adapters.wire.autoapi.crypto import PrivateKey, signature
from adapters.wire.autoapi.documents import message_of
from adapters.wire.autoapi.kinds import Json, Value
from adapters.wire.autoapi.messages import Message
from adapters.wire.autoapi.properties import Property
from adapters.wire.autoapi.units import Quantity
from controller.errors import DeviceNonsense, DeviceRefused
from controller.ports import Clock

PRODUCTION: Final = "https://rest-api.high-mobility.com/v5"
SANDBOX: Final = "https://sandbox.rest-api.high-mobility.com/v5"

_HOME: Final = "/home_charger"

PATHS: Final[Mapping[str, str]] = {
    "activateDeactivateSolarCharging": "/activate_deactivate_solar_charging",
    "authenticateExpire": "/authenticate_expire",
    "enableDisableWiFiHotspot": "/enable_disable_wi_fi_hotspot",
    "setChargeCurrent": "/set_charge_current",
    "setPriceTariffs": "/set_price_tariffs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Who we are."""

    key: PrivateKey = field(repr=False)
    client_serial: str
    app_uri: str


class Rest:
    """Carries questions and commands as JSON."""

    name = "REST v5"

    def __init__(self, cloud: Cloud, app: App, tokens: Tokens, clock: Clock) -> None:
        self._cloud, self._app, self._tokens, self._clock = cloud, app, tokens, clock

    @property
    def kept(self) -> bool:
        """Whether the connection stays open between calls."""
        return self._cloud.kept

    @kept.setter
    def kept(self, kept: bool) -> None:
        self._cloud.kept = kept

    async def state(self, names: Sequence[str] = (), *, urgent: bool = False) -> Message:
        """Ask for the state; the service knows no selection, so it is made here."""
        wanted = checked_names(names)
        message = message_of(HOME_CHARGER, await self._ask("GET", _HOME, urgent=urgent))
        if not wanted:
            return message
        return replace(message, properties=tuple(part for part in message.properties if part.name in wanted))

    async def availability(self, names: Sequence[str] = ()) -> Message:
        """Ask for the availability."""
        wanted = ",".join(checked_names(names))
        params = {"properties": wanted} if wanted else None
        return message_of(HOME_CHARGER, await self._ask("GET", f"{_HOME}/availability", params=params))

    async def set(self, command: str, sent: Sequence[Property], *, urgent: bool = False) -> Message | None:
        """Send a command."""
        told = await self._ask("PUT", _HOME + PATHS[command], body=_body(sent), urgent=urgent)
        return None if told in (None, {}) else message_of(HOME_CHARGER, told)

    async def close(self) -> None:
        """End the connection."""
        await self._cloud.close()

    async def _ask(
        self,
        verb: str,
        path: str,
        *,
        body: Json = None,
        params: Mapping[str, str] | None = None,
        urgent: bool = False,
    ) -> Json:
        async def attempt(access_token: str) -> Reply:
            bearer = token(self._app, access_token, int(self._clock.now().timestamp()))
            headers = {"Authorization": f"Bearer {bearer}"}
            reply = await self._cloud.ask(verb, path, body=body, params=params, headers=headers)
            if not reply.is_ok:
                raise _failure(reply)
            return reply

        async with self._cloud.turn(urgent=urgent):
            reply = await self._tokens.tried(attempt)
        if verb == "GET" and reply.content is None:
            raise DeviceNonsense("a question answered without content")
        return reply.content


def token(app: App, access_token: str, issued_at_s: int) -> str:
    """Make the token of one request (ES256); its number is never used again."""
    claims: dict[str, str | int] = {
        "ver": "3.0",
        "iss": app.client_serial,
        "sub": access_token,
        "aud": app.app_uri,
        "jti": str(uuid4()),
        "iat": issued_at_s,
    }
    signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    return f"{signed}.{_base64(signature(app.key, signed.encode()))}"


def _part(content: Mapping[str, str | int]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _body(sent: Sequence[Property]) -> Json:
    """Write what a command sends: bare words, quantities by their unit, lists where properties repeat."""
    body: dict[str, Json] = {}
    for part in sent:
        if part.value is None:
            continue
        if HOME_CHARGER.by_name[part.name].repeats:
            listed = body.setdefault(part.name, [])
            if isinstance(listed, list):
                listed.append(_bare(part.value))
        else:
            body[part.name] = _bare(part.value)
    return body


def _bare(value: Value) -> Json:
    if isinstance(value, Quantity):
        return {value.unit: value.value}
    if isinstance(value, Mapping):
        return {name: _bare(part) for name, part in value.items()}
    return value if isinstance(value, str | int | float) else None


def _failure(reply: Reply) -> Exception:
    """Tell what failed, by the reason that it names, and by its status where nobody knows the reason."""
    named = _reason(reply.content)
    by_status = complaint(reply)
    if named is None:
        return by_status
    is_refusal = isinstance(by_status, DeviceRefused) and not isinstance(by_status, BusyError)
    if is_known(named) or is_refusal:
        return failed(named, _description(reply.content))
    return by_status


def _reason(content: Json) -> str | None:
    told = [content.get(key) for key in ("failureType", "errorCode")] if isinstance(content, dict) else []
    return next((word for word in told if isinstance(word, str) and word), None)


def _description(content: Json) -> str:
    described = content.get("failureDescription") if isinstance(content, dict) else None
    return described if isinstance(described, str) else ""
