"""The commands of the operator's interface as an owner's cloud takes them over REST."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.chargers.easee import client as known
from adapters.chargers.easee.path import Argument
from controller.errors import BadRequest, DeviceNonsense

_PHASES: Final = 3

Content = Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a charger hangs, in the cloud's own numbers."""

    site: int
    circuit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is posted."""

    path: str
    content: Content = None


def needs_place(id_: int) -> bool:
    """Tell whether a command goes to the circuit instead of the charger."""
    return id_ in _OF_CIRCUIT


def request_for(serial: str, id_: int, arguments: Sequence[Argument], place: Place | None = None) -> Request:
    """Say a command in REST's words; `place` is needed by those that go to a circuit.

    Raises:
        BadRequest: there is no such command for owners.
    """
    if id_ in _OF_CHARGER:
        where, content = _OF_CHARGER[id_]
        return Request(path=f"/api/chargers/{serial}/{where}", content=content(arguments))
    if id_ not in _OF_CIRCUIT or place is None:
        raise BadRequest(f"command {id_} has no equivalent for owners: it takes access = operator")
    where, content = _OF_CIRCUIT[id_]
    path = f"/api/sites/{place.site}/circuits/{place.circuit}/{where}"
    return Request(path=path, content=content(arguments))


def remark(id_: int) -> str:
    """Tell what gets lost between the two interfaces."""
    if id_ in (known.AUTHORIZE, known.DEAUTHORIZE):
        return "token and status are not carried for owners; acts only where authorisation is required"
    return ""


def place_of(serial: str, content: Mapping[str, Any]) -> Place:
    """Find a charger's circuit in the description of its site.

    Raises:
        DeviceNonsense: it does not hang on exactly one.
    """
    site, circuits = content.get("id"), content.get("circuits")
    listed = circuits if isinstance(circuits, list) else []
    found = {_number(one.get("id")) for one in listed if isinstance(one, dict) and _carries(one, serial)}
    if len(found) != 1 or None in found or _number(site) is None:
        raise DeviceNonsense(f"{serial}: the cloud does not tell the one circuit that it hangs on")
    return Place(site=site, circuit=found.pop())  # type: ignore[arg-type] # whole numbers, just checked


def _carries(circuit: Mapping[str, Any], serial: str) -> bool:
    chargers = circuit.get("chargers")
    listed = chargers if isinstance(chargers, list) else []
    return any(isinstance(one, dict) and one.get("id") == serial for one in listed)


def _number(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None


def _nothing(_: Sequence[Argument]) -> Content:
    return None


def _only(key: str) -> Callable[[Sequence[Argument]], Content]:
    return lambda arguments: {key: arguments[0]}


def _per_phase(prefix: str) -> Callable[[Sequence[Argument]], Content]:
    return lambda arguments: {f"{prefix}{n}": value for n, value in enumerate(arguments[:_PHASES], start=1)}


def _dynamic_charger(arguments: Sequence[Argument]) -> Content:
    # 0 minutes is for ever, as it is without a time to live.
    return {"amps": arguments[0], "minutes": arguments[1] if len(arguments) > 1 else 0}


def _dynamic_circuit(arguments: Sequence[Argument]) -> Content:
    lasting = arguments[_PHASES] if len(arguments) > _PHASES else 0
    return {**(_per_phase("phase")(arguments) or {}), "timeToLive": lasting}


_OF_CHARGER: Final[Mapping[int, tuple[str, Callable[[Sequence[Argument]], Content]]]] = {
    known.REBOOT: ("commands/reboot", _nothing),
    known.UPGRADE_FIRMWARE: ("commands/update_firmware", _nothing),
    known.SET_SMART_CHARGING: ("settings", _only("smartCharging")),
    known.AUTHORIZE: ("commands/start_charging", _nothing),
    known.DEAUTHORIZE: ("commands/stop_charging", _nothing),
    known.SET_ENABLED: ("settings", _only("enabled")),
    known.SET_LOCK: ("commands/lock_state", _only("state")),
    known.SET_MAX_CHARGER: ("settings", _only("maxChargerCurrent")),
    # Never by `settings`, which forward a value only where the cloud believes that it is another one.
    known.SET_CHARGER: ("commands/set_dynamic_charger_current", _dynamic_charger),
}

_OF_CIRCUIT: Final[Mapping[int, tuple[str, Callable[[Sequence[Argument]], Content]]]] = {
    known.SET_OFFLINE_FALLBACK: ("settings", _per_phase("offlineMaxCircuitCurrentP")),
    known.SET_CIRCUIT: ("dynamicCurrent", _dynamic_circuit),
    known.SET_MAX_CIRCUIT: ("settings", _per_phase("maxCircuitCurrentP")),
}
