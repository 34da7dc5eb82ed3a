"""The commands of Easee's cloud over REST: what a post to it makes the charger do, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from controller.ports import Clock
from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_site import SITE, master_of
from simulator.chargers.easee_words import Sent
from simulator.chargers.web import WebReply, WebRequest, json_reply

_RESUME_A: Final = 32
_REMOTE_START: Final = 42

Arguments = dict[int, str]
Told = Mapping[str, Any]

_COMMANDS: Final[Mapping[str, tuple[int, Callable[[Told], Sequence[object]]]]] = {
    "reboot": (1, lambda _: ()),
    "update_firmware": (4, lambda _: ()),
    "start_charging": (25, lambda _: ("remote", _REMOTE_START)),
    "stop_charging": (26, lambda _: ("remote", _REMOTE_START)),
    "lock_state": (30, lambda told: (told["state"],)),
    "pause_charging": (48, lambda _: (0,)),
    "resume_charging": (48, lambda _: (_RESUME_A,)),
    "set_dynamic_charger_current": (48, lambda told: (told["amps"], told.get("minutes", 0))),
}

_SETTINGS: Final[Mapping[str, tuple[int, int]]] = {
    "smartCharging": (11, 1),
    "enabled": (29, 1),
    "lockCablePermanently": (30, 1),
    "maxChargerCurrent": (47, 1),
    "dynamicChargerCurrent": (48, 1),
    **{f"offlineMaxCircuitCurrentP{n}": (21, n) for n in (1, 2, 3)},
    **{f"dynamicCircuitCurrentP{n}": (22, n) for n in (1, 2, 3)},
    **{f"maxCircuitCurrentP{n}": (24, n) for n in (1, 2, 3)},
}
"""A key of a charger's or a circuit's settings: the command that it becomes, and which argument."""


@dataclass(slots=True, kw_only=True)
class RestFaults:
    """What the cloud may do with commands; change any field while it runs."""

    statuses: dict[str, int] = field(default_factory=dict)
    """Answers posts whose path ends so with a status, untaken."""
    retry_after: str = ""
    """Told with a 429."""
    forwards_changes_only: bool = False
    """Keeps a limit to itself that it believes to stand, whatever a reset made of it."""
    circuits_at_once: bool = False
    """Answers limits of a circuit with 200 and nothing; the charger's response comes all the same."""
    stores_after: int = 1
    """So many questions for the status of a command are answered with 404."""
    command_life_s: float = 60.0
    """How long a command waits for a charger that is away."""


class EaseeCommandsTwin:
    """Turns posts into commands and remembers what chargers said to them."""

    def __init__(self, chargers: Mapping[str, EaseeTwin], clock: Clock) -> None:
        self._chargers, self._clock = chargers, clock
        self.faults = RestFaults()
        self.answers: dict[tuple[str, int, int], Mapping[str, Any]] = {}
        """By serial, command and ticks."""
        self._looks: dict[str, int] = {}
        self._believed: dict[tuple[object, int], Arguments] = {}
        self._latest = clock.now()

    def post(self, request: WebRequest) -> WebReply:
        """Answer a post that commands something."""
        for end, status in self.faults.statuses.items():
            if request.path.endswith(end):
                after = {"Retry-After": self.faults.retry_after} if self.faults.retry_after else {}
                return json_reply({"errorCode": status}, status, after)
        try:
            return self._routed(request.path.strip("/").split("/"), request.content or {})
        except (KeyError, ValueError, TypeError):
            return json_reply({"title": "not understood"}, HTTPStatus.BAD_REQUEST)

    def status(self, serial: str, id_: str, ticks: str) -> WebReply:
        """Tell what a charger said to a command."""
        key = f"{serial}/{id_}/{ticks}"
        self._looks[key] = self._looks.get(key, 0) + 1
        told = self.answers.get((serial, int(id_), int(ticks)))
        if told is None or self._looks[key] <= self.faults.stores_after:
            return json_reply(None, HTTPStatus.NOT_FOUND)
        return json_reply(told)

    def dynamic(self, circuit: str) -> WebReply:
        """Tell the limits of a circuit."""
        master = master_of(self._chargers.values(), circuit)
        if master is None:
            return json_reply(None, HTTPStatus.NOT_FOUND)
        one, two, three = master.device.circuit.dynamic_a
        return json_reply({"phase1": one, "phase2": two, "phase3": three})

    def _routed(self, parts: list[str], told: Told) -> WebReply:
        match parts:
            case ["api", "chargers", serial, "commands", name] if serial in self._chargers:
                id_, arguments = _COMMANDS[name]
                return self._commanded(self._chargers[serial], id_, _texts(arguments(told)))
            case ["api", "chargers", serial, "settings"] if serial in self._chargers:
                return self._set(self._chargers[serial], told)
            case ["api", "sites", site, "circuits", circuit, "settings"] if site == str(SITE):
                return self._set(master_of(self._chargers.values(), circuit), told)
            case ["api", "sites", site, "circuits", circuit, "dynamicCurrent"] if site == str(SITE):
                wanted = (told["phase1"], told["phase2"], told["phase3"], told.get("timeToLive", 0))
                return self._commanded(master_of(self._chargers.values(), circuit), 22, _texts(wanted))
        return json_reply(None, HTTPStatus.NOT_FOUND)

    def _commanded(self, twin: EaseeTwin | None, id_: int, arguments: Arguments) -> WebReply:
        if twin is None:
            return json_reply(None, HTTPStatus.NOT_FOUND)
        if self.faults.forwards_changes_only and not self._is_change(twin, id_, arguments):
            return json_reply(None, HTTPStatus.OK)
        sent = self._send(twin, id_, arguments)
        if id_ == 22 and self.faults.circuits_at_once:  # noqa: PLR2004 - SetDynamicCircuitCurrent
            return json_reply(None, HTTPStatus.OK)
        return json_reply(_receipt(twin, sent), HTTPStatus.ACCEPTED)

    def _set(self, twin: EaseeTwin | None, told: Told) -> WebReply:
        """Take settings: each command they become is forwarded only where it says something new."""
        if twin is None:
            return json_reply(None, HTTPStatus.NOT_FOUND)
        wanted: dict[int, dict[int, object]] = {}
        for key, value in told.items():
            id_, place = _SETTINGS[key]
            wanted.setdefault(id_, {})[place] = value
        news = {id_: {n: _text(value) for n, value in told.items()} for id_, told in wanted.items()}
        sent = [
            self._send(twin, id_, arguments)
            for id_, arguments in news.items()
            if self._is_change(twin, id_, arguments)
        ]
        return json_reply(
            [_receipt(twin, one) for one in sent], HTTPStatus.ACCEPTED if sent else HTTPStatus.OK
        )

    def _is_change(self, twin: EaseeTwin, id_: int, arguments: Arguments) -> bool:
        return self._believed.get(_key(twin, id_)) != arguments

    def _send(self, twin: EaseeTwin, id_: int, arguments: Arguments) -> Sent:
        self._believed[_key(twin, id_)] = arguments
        # No two commands are of one instant: their ticks name them.
        self._latest = max(self._clock.now(), self._latest + timedelta(microseconds=1))
        lasts = timedelta(seconds=self.faults.command_life_s)
        sent = Sent(
            id=id_, arguments=arguments, expires=self._latest + lasts, made=self._latest, origin="REST"
        )
        twin.take(sent)
        return sent


def _key(twin: EaseeTwin, id_: int) -> tuple[object, int]:
    is_of_circuit = id_ in (21, 22, 24)
    return (twin.device.circuit.number if is_of_circuit else twin.device.serial), id_


def _receipt(twin: EaseeTwin, sent: Sent) -> Mapping[str, Any]:
    return {"device": twin.device.serial, "commandId": sent.id, "ticks": sent.ticks}


def _texts(values: Sequence[object]) -> Arguments:
    return {place: _text(value) for place, value in enumerate(values, start=1)}


def _text(value: object) -> str:
    """Write an argument as the cloud hands it to the charger.

    Raises:
        TypeError: it is none.
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float | str):
        return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
    raise TypeError(f"an argument of type {type(value).__name__}")
