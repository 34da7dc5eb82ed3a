"""The paths of a simulated Tesla in four dialects: HTTP request in, HTTP answer out."""

from dataclasses import dataclass, field
from typing import Any, Final

from simulator.chargers.tesla_car import TeslaCar
from simulator.chargers.tesla_commands import BLUETOOTH, COMMANDS, complaint
from simulator.chargers.tesla_faults import Faults
from simulator.chargers.tesla_sign_on import SignOn
from simulator.chargers.web import WebReply, WebRequest, json_reply

_ASLEEP: Final = "vehicle unavailable: vehicle is offline or asleep"
_UNSIGNED: Final = "Tesla Vehicle Command Protocol required, please refer to the documentation here: https://developer.tesla.com"
_REFUSED: Final = "car could not execute command: "
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
        known = last in COMMANDS or last in ("vehicle_data", "wake_up")
        return last if known else "presence"

    def reply(self, request: WebRequest) -> WebReply:
        """Carry a call out."""
        if request.path == TOKEN_PATH:
            return self.sign_on.exchange(request)
        return self._refusal(request) or self._routed(request)

    def _routed(self, request: WebRequest) -> WebReply:
        tail = request.path.removeprefix(PREFIX).partition("/")[2]
        if tail.startswith("command/") and tail != "command/wake_up":
            return self._command(tail.removeprefix("command/"), request)
        if tail in ("wake_up", "command/wake_up"):
            return self._wake(tail)
        if tail == "vehicle_data":
            return self._vehicle_data(request)
        if tail == ("body_controller_state" if self.is_ble else ""):
            return self._presence()
        return _failed(404, "not_found")

    def _refusal(self, request: WebRequest) -> WebReply | None:
        """Refuse what no dialect lets through to the car."""
        tag = request.path.removeprefix(PREFIX).partition("/")[0]
        tags = {self.car.vin} if self.dialect in ("proxy", "ble") else {self.car.vin, str(self.car.number)}
        if not request.path.startswith(PREFIX) or tag not in tags:
            return _failed(404, "not_found")
        if self.faults.other_url:
            return _failed(
                421, f"user out of region, use base URL: {self.faults.other_url}, see documentation"
            )
        if not self.is_ble and not self.sign_on.accepts(request):
            return WebReply(status=401)
        if request.verb == "POST" and "json" not in request.headers.get("content-type", ""):
            return _failed(406, "not acceptable")
        return None

    def _presence(self) -> WebReply:
        if self.is_ble:
            word = "AWAKE" if self.car.is_online else "ASLEEP"
            return self._told({"vehicleSleepStatus": f"VEHICLE_SLEEP_STATUS_{word}"})
        online = self.car.is_online
        state = "online" if online else self.car.presence
        return self._told({"id": self.car.number, "vin": self.car.vin, "state": state, "in_service": False})

    def _wake(self, tail: str) -> WebReply:
        if (tail == "command/wake_up") is not self.is_ble:
            return _failed(404, "not_found")
        self.car.wake()
        if self.is_ble:
            return json_reply({"response": {"result": True, "reason": ""}})
        return self._presence()

    def _vehicle_data(self, request: WebRequest) -> WebReply:
        if not self.car.is_online:
            if self.dialect == "proxy":
                return WebReply(status=408, body=b"Request Timeout")
            return _failed(408, _ASLEEP)
        wanted = request.query.get("endpoints", "charge_state").split(";")
        return self._told({name: part for name, part in self._parts().items() if name in wanted})

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
            "vehicle_state": {"car_version": "2026.32.7 abcdef012345"},
        }

    def _told(self, content: Content) -> WebReply:
        if self.is_ble:
            content = {"result": True, "reason": "", "vin": self.car.vin, "response": content}
        return json_reply({"response": content})

    def _command(self, name: str, request: WebRequest) -> WebReply:
        known = BLUETOOTH if self.is_ble else COMMANDS.keys()
        if name not in known:
            return _failed(400, "invalid_command")
        if self.faults.unsigned and self.dialect in ("fleet", "owner"):
            return _failed(403, _UNSIGNED)
        if self.is_ble:
            self.car.presence = "online"  # Commands wake the car by themselves.
        elif not self.car.is_online:
            return _failed(500 if self.dialect == "proxy" else 408, _ASLEEP)
        body = request.content or {}
        wrong = complaint(name, body)
        if wrong:
            return json_reply({"response": {"result": False, "reason": wrong}, "error": ""}, 400)
        return self._answer(self._carried_out(name, body), waits="wait" in request.query)

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
            return json_reply({"response": {"result": True, "reason": _BLE_SOON}})
        if self.is_ble:
            said = reason if done else f"failed to do it: {_REFUSED}{reason}"
            return json_reply({"response": {"result": done, "reason": said}}, 200 if done else 503)
        said = f"{_REFUSED}{reason}" if reason and self.dialect == "proxy" else reason
        return json_reply({"response": {"result": done, "reason": said}})


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
