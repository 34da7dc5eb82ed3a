"""The weekly charging schedule of a Lektri.co charger."""

from dataclasses import dataclass
from typing import Final

from adapters.chargers.lektrico.errors import RangeError
from adapters.chargers.lektrico.keys import ALLOWED_A
from adapters.chargers.lektrico.values import normal, whole
from adapters.wire.jsonrpc_reply import Json
from controller.errors import DeviceNonsense

_BOUNDS: Final = {
    "start_d": (1, 7),
    "start_h": (0, 23),
    "start_m": (0, 59),
    "end_d": (1, 7),
    "end_h": (0, 23),
    "end_m": (0, 59),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleInterval:
    """One interval of the week with its own limit; days count from 1, Monday."""

    start_d: int
    start_h: int
    start_m: int
    end_d: int
    end_h: int
    end_m: int
    current_a: int
    """0 pauses, 6 to 32 limits."""

    def __post_init__(self) -> None:
        """Refuse what the charger would refuse.

        Raises:
            RangeError: a day, hour, minute or current out of range.
        """
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise RangeError(f"{name} = {value}: expected {low} to {high}", -4)
        if self.current_a not in ALLOWED_A:
            raise RangeError(f"current = {self.current_a}: expected 0 or 6 to 32", -4)

    def on_wire(self) -> dict[str, Json]:
        """Put it into the words of the interface."""
        return {name: getattr(self, name) for name in _BOUNDS} | {"current": self.current_a}


Schedule = tuple[ScheduleInterval, ...]


def schedule(raw: Json) -> Schedule:
    """Read a schedule: a list, alone or under `charging_schedule`.

    Raises:
        DeviceNonsense: no list of intervals.
        RangeError: an interval out of range.
    """
    entries = normal(raw).get("charging_schedule") if isinstance(raw, dict) else raw
    if not isinstance(entries, list):
        raise DeviceNonsense(f"expected a schedule, was answered {str(raw)[:80]!r}")
    return tuple(_interval(entry) for entry in entries)


def _interval(raw: Json) -> ScheduleInterval:
    given = normal(raw)
    times = {name: _told(given, name) for name in _BOUNDS}
    return ScheduleInterval(**times, current_a=_told(given, "current"))


def _told(given: dict[str, Json], name: str) -> int:
    value = whole(given.get(name))
    if value is None:
        raise DeviceNonsense(f"schedule: {name} is missing")
    return value
