"""Weekly charging schedule of a simulated Lektri.co charger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.chargers.lektrico_keys import MALFORMED, RANGE, TYPE, RpcFault, limit

_WEEK_MIN = 7 * 24 * 60

_BOUNDS = {
    "start_d": (1, 7),
    "start_h": (0, 23),
    "start_m": (0, 59),
    "end_d": (1, 7),
    "end_h": (0, 23),
    "end_m": (0, 59),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One interval of the week; days count from 1, Monday."""

    start_d: int
    start_h: int
    start_m: int
    end_d: int
    end_h: int
    end_m: int
    current: int

    def covers(self, minute: int) -> bool:
        """Tell whether a minute of the week lies in it; it may wrap around Sunday midnight."""
        begins = _minute(self.start_d, self.start_h, self.start_m)
        length = (_minute(self.end_d, self.end_h, self.end_m) - begins) % _WEEK_MIN
        return (minute - begins) % _WEEK_MIN < length


def intervals(entries: object) -> tuple[Interval, ...]:
    """Check a schedule as the firmware does."""
    if not isinstance(entries, list):
        raise RpcFault(MALFORMED, "Request format error.")
    return tuple(_interval(entry) for entry in entries)


def scheduled_a(schedule: tuple[Interval, ...], now: datetime, gmt_offset_h: int) -> int | None:
    """Tell what the schedule allows now: `None` outside every interval."""
    local = now + timedelta(hours=gmt_offset_h)
    minute = _minute(local.isoweekday(), local.hour, local.minute)
    allowed = [interval.current for interval in schedule if interval.covers(minute)]
    return min(allowed) if allowed else None


def _minute(day: int, hour: int, minute: int) -> int:
    return ((day - 1) * 24 + hour) * 60 + minute


def _interval(entry: object) -> Interval:
    if not isinstance(entry, Mapping) or not {*_BOUNDS, "current"} <= entry.keys():
        raise RpcFault(MALFORMED, "Request format error.")
    times = {name: _bounded(entry[name], *bounds) for name, bounds in _BOUNDS.items()}
    return Interval(**times, current=limit(entry["current"]))


def _bounded(value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RpcFault(TYPE, "Error key format.")
    if not low <= value <= high:
        raise RpcFault(RANGE, "Error value range.")
    return value
