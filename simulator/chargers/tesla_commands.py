"""The ten commands as a simulated Tesla carries them out."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from simulator.chargers.tesla_car import TeslaCar

Body = Mapping[str, Any]
Command = Callable[[TeslaCar, Body], str]
"""Returns the reason why nothing was done; empty: it was."""


def _open(car: TeslaCar, _: Body) -> str:
    car.port_open = True
    return ""


def _close(car: TeslaCar, _: Body) -> str:
    car.port_open = False
    return ""


def _standard(car: TeslaCar, _: Body) -> str:
    return "already_standard" if car.limit(car.standard_pct) else ""


def _max_range(car: TeslaCar, _: Body) -> str:
    return "already_max_range" if car.limit(100) else ""


def _scheduled(car: TeslaCar, body: Body) -> str:
    if car.adds_schedules:
        car.added_schedules.append(dict(body))
        return ""
    car.scheduled_min = int(body.get("time", 0)) if body["enable"] else None
    return ""


def _departure(car: TeslaCar, body: Body) -> str:
    if car.adds_schedules:
        car.added_schedules.append(dict(body))
        return ""
    car.departure = dict(body) if body["enable"] else {}
    return ""


COMMANDS: Final[Mapping[str, Command]] = {
    "charge_port_door_open": _open,
    "charge_port_door_close": _close,
    "charge_start": lambda car, _: car.start(),
    "charge_stop": lambda car, _: car.stop(),
    "charge_standard": _standard,
    "charge_max_range": _max_range,
    "set_charge_limit": lambda car, body: car.limit(body["percent"]),
    "set_charging_amps": lambda car, body: car.cap(body["charging_amps"]),
    "set_scheduled_charging": _scheduled,
    "set_scheduled_departure": _departure,
}

BLUETOOTH: Final = frozenset(COMMANDS) - {
    "charge_standard",
    "charge_max_range",
    "set_scheduled_charging",
    "set_scheduled_departure",
}
"""What a Bluetooth proxy knows."""

_DAY_MINUTES: Final = 1440

_NEEDS: Final[Mapping[str, Mapping[str, type]]] = {
    "set_charge_limit": {"percent": int},
    "set_charging_amps": {"charging_amps": int},
    "set_scheduled_charging": {"enable": bool},
    "set_scheduled_departure": {"enable": bool, "departure_time": int},
}


def breaks_proxy(name: str, body: Body) -> bool:
    """Whether the command proxy fails on a value instead of complaining of it."""
    minute = body.get("departure_time", 0)
    return name == "set_scheduled_departure" and bool(body.get("enable")) and not 0 <= minute <= _DAY_MINUTES


def complaint(name: str, body: Body) -> str:
    """Say what is wrong with a command's parameters, as the command proxy does; empty: nothing."""
    for key, kind in _NEEDS.get(name, {}).items():
        if key not in body:
            return f"missing {key} param"
        if type(body[key]) is not kind:
            return f"invalid {key} param"
    return ""
