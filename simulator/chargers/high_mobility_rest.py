"""The REST v5 service before a simulated Home Charger."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from adapters.chargers.high_mobility.home_charger import ASKED_FOR, HOME_CHARGER, SETTERS, setter
from adapters.wire.autoapi.documents import document
from adapters.wire.autoapi.messages import LEVEL, SET, Message
from adapters.wire.autoapi.properties import Property
from controller.errors import DeviceRefused
from controller.ports import Clock
from simulator.chargers.high_mobility_charger import Command, carried_out
from simulator.chargers.high_mobility_device import HomeChargerDevice, RefusedError
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.high_mobility_keys import App, claims_of
from simulator.chargers.web import WebReply, WebRequest, json_reply

_HOME: Final = "/v5/home_charger"
_LATEST_S: Final = 30
_TOKENS_KEPT: Final = 10_000
# Written out from the service's documents, so that a wrong path in the adapter meets nobody here.
_COMMANDS: Final[Mapping[str, str]] = {
    "/set_charge_current": "setChargeCurrent",
    "/authenticate_expire": "authenticateExpire",
    "/activate_deactivate_solar_charging": "activateDeactivateSolarCharging",
    "/enable_disable_wi_fi_hotspot": "enableDisableWiFiHotspot",
    "/set_price_tariffs": "setPriceTariffs",
}
_STATUS: Final[Mapping[str, int]] = {"vehicle_asleep": 408, "charger_asleep": 408, "execution_timeout": 408}


class RestService:
    """Answers JSON; every request needs a token of its own."""

    def __init__(self, device: HomeChargerDevice, app: App, clock: Clock) -> None:
        self._device, self._app, self._clock = device, app, clock
        self._used: deque[object] = deque(maxlen=_TOKENS_KEPT)

    def name_of(self, request: WebRequest) -> str:
        """Tell what a request is, as `Faults.only` names it."""
        if request.verb == "PUT":
            return "set"
        return "getAvailability" if request.path.endswith("/availability") else "getState"

    def answer(self, request: WebRequest, faults: Faults) -> WebReply:
        """Answer a request."""
        refusal = self._stranger(request.headers.get("authorization", ""))
        if refusal is not None:
            return refusal
        try:
            command = _command(request)
            if command is None:
                return _failed(404, "not_found", "Not found")
            told = carried_out(self._device, faults, command)
        except DeviceRefused as error:
            return _failed(400, "invalid_command", str(error))
        except RefusedError as refusal_:
            return _failed(_STATUS.get(refusal_.reason, 400), refusal_.reason, refusal_.description)
        return json_reply(_shown(told))

    def _stranger(self, authorization: str) -> WebReply | None:
        """Refuse who does not prove who they are."""
        if not authorization.startswith("Bearer "):
            return _failed(401, "auth_header_missing", "Authorization header missing")
        claims = claims_of(self._app.public, authorization.removeprefix("Bearer "))
        expected = {
            "ver": "3.0",
            "iss": self._app.serial.hex().upper(),
            "sub": self._app.access_token,
            "aud": self._app.uri,
        }
        if claims is None or any(claims.get(key) != value for key, value in expected.items()):
            return _failed(403, "auth_header_invalid", "Token invalid")
        issued_s, number = claims.get("iat"), claims.get("jti")
        now_s = self._clock.now().timestamp()
        if not isinstance(issued_s, int) or abs(now_s - issued_s) > _LATEST_S or number in self._used:
            return _failed(403, "auth_header_invalid", "Token expired or used before")
        self._used.append(number)
        return None


def _command(request: WebRequest) -> Command | None:
    if request.verb == "GET" and request.path == _HOME:
        return Command(name="getState")
    if request.verb == "GET" and request.path == f"{_HOME}/availability":
        names = tuple(name for name in request.query.get("properties", "").split(",") if name in ASKED_FOR)
        return Command(name="getAvailability", names=names)
    name = _COMMANDS.get(request.path.removeprefix(_HOME)) if request.path.startswith(_HOME) else None
    if request.verb != "PUT" or name is None:
        return None
    return Command(name="set", sent=setter(name, request.members))


def _shown(told: tuple[Property, ...]) -> object:
    message = Message(level=LEVEL, capability=HOME_CHARGER, type=SET, properties=told)
    return document(message, secrets=True)


def _failed(status: int, kind: str, description: str) -> WebReply:
    told = {"errorCode": kind, "failureType": kind, "failureDescription": description}
    return json_reply(told, status)


COMMANDS: Final = tuple(SETTERS)
"""The commands that it knows, by the names of the interface."""
