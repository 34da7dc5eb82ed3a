"""The paths of a simulated Tesla in four dialects: HTTP request in, HTTP answer out."""

from dataclasses import dataclass, field
from typing import Any, Final

from simulator.chargers.tesla_account import TeslaAccount, described
from simulator.chargers.tesla_car import TeslaCar
from simulator.chargers.tesla_commands import BLUETOOTH, COMMANDS, breaks_proxy, complaint
from simulator.chargers.tesla_faults import Faults
from simulator.chargers.tesla_sign_on import SignOn
from simulator.chargers.web import WebReply, WebRequest, json_reply

_ASLEEP: Final = "vehicle unavailable: vehicle is offline or asleep"
_UNSIGNED: Final = "Tesla Vehicle Command Protocol required, please refer to the documentation here: https://developer.tesla.com"
_REFUSED: Final = "car could not execute command: "
_UNPAIRED: Final = "vehicle rejected request: your public key has not been paired with the vehicle"
_BLE_AWAY: Final = "Vehicle is not in range: context deadline exceeded"
_BLE_DONE: Final = "The command was successfully processed."
_BLE_SOON: Final = "The command was successfully received and will be processed shortly."
TOKEN_PATH: Final = "/oauth2/v3/token"  # noqa: S105 - a path
PREFIX: Final = "/api/1/vehicles/"

Content = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class TeslaService:
    """One dialect in front of one car."""

    dialect: str
    car: TeslaCar
    sign_on: SignOn
    account: TeslaAccount
    faults: Faults = field(default_factory=Faults)

    @property
    def is_ble(self) -> bool:
        """Whether it is the Bluetooth proxy."""
        return self.dialect == "ble"

    def name_of(self, request: WebRequest) -> str:
        """Name a call as faults do."""
        if request.path == TOKEN_PATH:
            return "token"
        last = request.path.rstrip("/").rsplit("/", 1)[-1]
        known = last in COMMANDS or last in ("vehicle_data", "wake_up", "fleet_status", "region", "vehicles")
        return last if known else "presence"

    def knows(self, request: WebRequest) -> bool:
        """Whether a call is about this car."""
        return request.path.removeprefix(PREFIX).partition("/")[0] in (self.car.vin, str(self.car.number))

    def reply(self, request: WebRequest) -> WebReply:
        """Carry a call out."""
        if request.path == TOKEN_PATH:
            return self.sign_on.exchange(request)
        return self._refusal(request) or self._of_account(request) or self._routed(request)

    def _of_account(self, request: WebRequest) -> WebReply | None:
        self.account.wants_signed = self.faults.unsigned
        return None if self.is_ble else self.account.reply(request)

    def _routed(self, request: WebRequest) -> WebReply:
        """Answer what is about the car; proxies know it by its VIN alone."""
        tag, _, tail = request.path.removeprefix(PREFIX).partition("/")
        tags = {self.car.vin} if self.dialect in ("proxy", "ble") else {self.car.vin, str(self.car.number)}
        if not request.path.startswith(PREFIX) or tag not in tags:
            return _failed(404, "not_found")
        if tail.startswith("command/") and tail != "command/wake_up":
            return self._command(tail.removeprefix("command/"), request)
        if tail in ("wake_up", "command/wake_up"):
            return self._wake(tail, waits="wait" in request.query)
        if tail == "vehicle_data":
            return self._vehicle_data(request)
        if tail == ("body_controller_state" if self.is_ble else ""):
            return self._presence()
        return _failed(404, "not_found")

    def _refusal(self, request: WebRequest) -> WebReply | None:
        """Refuse what no dialect lets through to the car."""
        if self.faults.other_url:
            return _failed(
                421, f"user out of region, use base URL: {self.faults.other_url}, see documentation"
            )
        if self.dialect == "owner" and not request.headers.get("user-agent"):
            return WebReply(status=403)
        if not self.is_ble and not self.sign_on.accepts(request):
            is_bare = self.dialect == "proxy" and "authorization" not in request.headers
            return _failed(403, "client did not provide an OAuth token") if is_bare else WebReply(status=401)
        if request.verb == "POST" and "json" not in request.headers.get("content-type", ""):
            return _failed(406, "not acceptable")
        return None

    def _presence(self) -> WebReply:
        if not self.is_ble:
            return self._told(described(self.car))
        if self._is_away:
            return self._ble_failed(_BLE_AWAY)
        word = "AWAKE" if self.car.is_online else "ASLEEP"
        return self._told({"vehicleSleepStatus": f"VEHICLE_SLEEP_STATUS_{word}"})

    @property
    def _is_away(self) -> bool:
        """Whether Bluetooth finds nobody."""
        return not self.car.is_online and self.car.presence == "offline"

    def _wake(self, tail: str, *, waits: bool) -> WebReply:
        if (tail == "command/wake_up") is not self.is_ble:
            return _failed(404, "not_found")
        if self.is_ble and self._is_away:
            return self._ble_failed(_BLE_AWAY) if waits else self._ble_taken(_BLE_SOON)
        self.car.wake()
        if self.is_ble:
            return self._ble_taken(_BLE_DONE if waits else _BLE_SOON)
        return self._presence()

    def _vehicle_data(self, request: WebRequest) -> WebReply:
        if not self.car.is_online:
            return self._asleep(_failed(408, _ASLEEP if self.dialect != "proxy" else "Request Timeout"))
        wanted = request.query.get("endpoints", "charge_state").split(";")
        parts = {name: part for name, part in self._parts().items() if name in wanted}
        return self._told(parts if self.is_ble else {**described(self.car), **parts})

    def _asleep(self, in_clouds: WebReply) -> WebReply:
        if not self.is_ble:
            return in_clouds
        return self._ble_failed(_BLE_AWAY if self._is_away else "vehicle is sleeping")

    def _parts(self) -> Content:
        car = self.car
        hidden = self.faults.hidden_keys
        charge = {key: value for key, value in car.told().items() if key not in hidden}
        if self.is_ble:
            charge["timestamp"] = int(car.clock.now().timestamp())
            return {"charge_state": charge}
        place = {"latitude": car.latitude_deg, "longitude": car.longitude_deg}
        return {
            "charge_state": charge,
            "drive_state": {"shift_state": None},
            "location_data": place,
            "vehicle_state": {"car_version": car.firmware},
        }

    def _told(self, content: Content) -> WebReply:
        if self.is_ble:
            content = {"result": True, "reason": _BLE_DONE, "vin": self.car.vin, "response": content}
        return json_reply({"response": content})

    def _command(self, name: str, request: WebRequest) -> WebReply:
        known = BLUETOOTH if self.is_ble else COMMANDS.keys()
        if name not in known:
            return self._ble_failed("invalid_command") if self.is_ble else _failed(400, "invalid_command")
        body = request.content or {}
        refusal = self._unsigned(name, body) or self._unreached() or self._mistaken(name, body)
        if refusal is not None:
            return refusal
        return self._answer(self._carried_out(name, body), waits="wait" in request.query)

    def _unsigned(self, name: str, body: Content) -> WebReply | None:
        if self.faults.unsigned and self.dialect in ("fleet", "owner"):
            return _failed(403, _UNSIGNED)
        if self.dialect == "proxy" and not self.car.is_paired:
            return _failed(500, _UNPAIRED)
        if self.dialect == "proxy" and breaks_proxy(name, body):
            return _failed(500, "invalid time")
        return None

    def _unreached(self) -> WebReply | None:
        if self.is_ble and not self._is_away:
            self.car.presence = "online"  # Commands wake the car by themselves.
        if self.car.is_online:
            return None
        return self._asleep(_failed(500 if self.dialect == "proxy" else 408, _ASLEEP))

    def _mistaken(self, name: str, body: Content) -> WebReply | None:
        wrong = complaint(name, body)
        if not wrong:
            return None
        if self.is_ble:
            return self._ble_failed(wrong)
        return json_reply({"response": {"result": False, "reason": wrong}, "error": ""}, 400)

    def _carried_out(self, name: str, body: Content) -> str:
        faults = self.faults
        if faults.busy_left:
            faults.busy_left -= 1
            return "could_not_wake_buses"
        if faults.strikes(name) and faults.reason is not None:
            return faults.reason
        if faults.strikes(name) and faults.without_effect:
            return ""
        return COMMANDS[name](self.car, body)

    def _answer(self, reason: str, *, waits: bool) -> WebReply:
        done = not reason
        if self.is_ble and not waits:
            return self._ble_taken(_BLE_SOON)
        if self.is_ble:
            return (
                self._ble_taken(_BLE_DONE)
                if done
                else self._ble_failed(f"failed to do it: {_REFUSED}{reason}")
            )
        if self.dialect == "proxy" and not done:
            content = {"response": {"result": False, "string": f"{_REFUSED}{reason}"}, "error": ""}
            return json_reply({**content, "error_description": ""})
        return json_reply({"response": {"result": done, "reason": reason}})

    def _ble_taken(self, reason: str) -> WebReply:
        return json_reply({"response": {"result": True, "reason": reason, "vin": self.car.vin}})

    def _ble_failed(self, reason: str) -> WebReply:
        return json_reply({"response": {"result": False, "reason": reason, "vin": self.car.vin}}, 503)


def _failed(status: int, error: str) -> WebReply:
    return json_reply({"response": None, "error": error, "error_description": ""}, status)


def struck(faults: Faults) -> WebReply | None:
    """Answer with what a fault puts in the place of an answer."""
    if faults.body is not None:
        return WebReply(body=faults.body)
    if faults.status is None:
        return None
    headers = {} if faults.retry_after_s is None else {"Retry-After": str(faults.retry_after_s)}
    content = {"response": None, "error": faults.error, "error_description": ""}
    return json_reply(content, faults.status, headers)
