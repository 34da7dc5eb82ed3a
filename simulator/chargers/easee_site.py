"""What Easee's cloud tells of a site, its circuits and chargers, in the shapes that clients know."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from simulator.chargers.easee import EaseeTwin
from simulator.chargers.easee_observed import observed
from simulator.chargers.web import WebReply, json_reply

SITE: Final = 54321
"""Everything stands on one site."""

_AUTO: Final = 2

_CONFIG: Final[Mapping[str, int]] = {
    "isEnabled": 31,
    "lockCablePermanently": 30,
    "authorizationRequired": 42,
    "detectedPowerGridType": 21,
    "circuitMaxCurrentP1": 22,
    "circuitMaxCurrentP2": 23,
    "circuitMaxCurrentP3": 24,
    "localNodeType": 146,
    "maxChargerCurrent": 47,
}

_STATE: Final[Mapping[str, int]] = {
    "smartCharging": 102,
    "chargerOpMode": 109,
    "totalPower": 120,
    "sessionEnergy": 121,
    "lifetimeEnergy": 124,
    "outputPhase": 110,
    "dynamicCircuitCurrentP1": 111,
    "dynamicCircuitCurrentP2": 112,
    "dynamicCircuitCurrentP3": 113,
    "chargerFirmware": 80,
    "inCurrentT2": 182,
    "inCurrentT3": 183,
    "inCurrentT4": 184,
    "inCurrentT5": 185,
    "outputCurrent": 114,
    "cableRating": 104,
    "dynamicChargerCurrent": 48,
    "reasonForNoCurrent": 96,
    "offlineMaxCircuitCurrentP1": 50,
    "offlineMaxCircuitCurrentP2": 51,
    "offlineMaxCircuitCurrentP3": 52,
}


def described(parts: Sequence[str], twins: Mapping[str, EaseeTwin]) -> WebReply | None:
    """Answer a question about the site; `None`: it is about something else."""
    match parts:
        case ["api", "chargers"]:
            return json_reply([_charger(twin) for twin in twins.values()])
        case ["api", "sites"] | ["api", "accounts", "products"]:
            return json_reply([_site(twins.values())])
        case ["api", "sites", site] if site == str(SITE):
            return json_reply(_site(twins.values()))
        case ["api", "chargers", serial, what] if serial in twins:
            return _of_charger(what, twins[serial], twins.values())
    return None


def master_of(twins: Iterable[EaseeTwin], circuit: str) -> EaseeTwin | None:
    """Find the charger that keeps a circuit's limits."""
    there = (one for one in twins if str(one.device.circuit.number) == circuit)
    return next((one for one in there if one.device.is_master), None)


def _of_charger(what: str, twin: EaseeTwin, twins: Iterable[EaseeTwin]) -> WebReply | None:
    match what:
        case "site":
            return json_reply(_site(twins))
        case "config":
            return json_reply({**_named(twin, _CONFIG), "phaseMode": _AUTO})
        case "state":
            return json_reply({**_named(twin, _STATE), "isOnline": twin.powered})
    return None


def _named(twin: EaseeTwin, ids: Mapping[str, int]) -> Mapping[str, Any]:
    known = observed(twin.device)
    return {name: known.get(id_) for name, id_ in ids.items()}


def _site(twins: Iterable[EaseeTwin]) -> Mapping[str, Any]:
    by_circuit = sorted(twins, key=_number)
    return {
        "id": SITE,
        "name": "A site",
        "ratedCurrent": 63.0,
        "circuits": [_circuit(number, tuple(there)) for number, there in groupby(by_circuit, key=_number)],
        "equalizers": [],
    }


def _number(twin: EaseeTwin) -> int:
    return twin.device.circuit.number


def _circuit(number: int, twins: Sequence[EaseeTwin]) -> Mapping[str, Any]:
    return {
        "id": number,
        "siteId": SITE,
        "circuitPanelId": number,
        "panelName": f"{number}",
        "ratedCurrent": twins[0].device.circuit.fuse_a,
        "chargers": [_charger(twin) for twin in twins],
    }


def _charger(twin: EaseeTwin) -> Mapping[str, Any]:
    own = f"BP-{twin.device.serial}"
    return {
        "id": twin.device.serial,
        "name": f"Easee {twin.device.serial}",
        "color": 1,
        "backPlate": {"id": own, "masterBackPlateId": own if twin.device.is_master else "BP-MASTER"},
        "levelOfAccess": 1,
        "productCode": 1,
        "userRole": 1,
    }
