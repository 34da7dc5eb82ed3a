"""Summary: one line about a day that is over, from the journal."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from adapters.store.reader import Reader, ReadingRow
from controller.sessions import Session
from controller.settings import Settings
from controller.sources import NOTHING

_WH_PER_KWH = 1000.0
_LINES = ("l1_a", "l2_a", "l3_a")


async def summary_of(settings: Settings, now: datetime, timezone: str) -> str:
    """Tell about the day before `now`; reads the journal in a thread of its own.

    Raises:
        RecordError: the database does not answer.
    """
    day = now.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)
    return await asyncio.to_thread(_read, settings, day, ZoneInfo(timezone))


def _read(settings: Settings, day: date, zone: ZoneInfo) -> str:
    since = datetime.combine(day, time(), zone)
    until = datetime.combine(day + timedelta(days=1), time(), zone)
    with Reader(settings.database.url.get_secret_value()) as reader:
        charged = charging_sentence(reader.sessions(since, until))
        device = f"meter:{settings.site.circuits[0].meter}"
        readings = (row for row in reader.readings(since, until, "raw") if row["device"] == device)
        return f"{day}: {charged}; {peak_sentence(readings)}"


def charging_sentence(sessions: Iterable[Session]) -> str:
    """Tell how much was charged, from where, at which cost.

    >>> charging_sentence([])
    'no sessions'
    """
    energy_wh, cost, unpriced_wh, count = NOTHING, None, 0.0, 0
    for session in sessions:
        energy_wh, count = energy_wh.plus(session.energy_wh), count + 1
        unpriced_wh += session.unpriced_wh
        if session.cost is not None:
            cost = (cost or 0.0) + session.cost
    if not count:
        return "no sessions"
    parts = {
        "sun": energy_wh.solar,
        "battery": energy_wh.battery,
        "grid": energy_wh.grid,
        "unknown": energy_wh.unknown,
    }
    told = ", ".join(f"{name} {_kwh(part_wh)}" for name, part_wh in parts.items() if part_wh > 0) or "nothing"
    paid = "cost unknown" if cost is None else f"cost {cost:.2f}"
    open_wh = f" without {_kwh(unpriced_wh)} of unknown price" if cost is not None and unpriced_wh > 0 else ""
    number = "1 session" if count == 1 else f"{count} sessions"
    return f"{number}, {_kwh(energy_wh.total)} ({told}), {paid}{open_wh}"


def peak_sentence(readings: Iterable[ReadingRow]) -> str:
    """Tell the largest current that each phase of the grid meter carried, into the site or out of it.

    >>> peak_sentence([{"l1_a": 3.0, "l2_a": -7.25}, {"l1_a": 2.0, "l2_a": 1.0}])
    'peak L1 3.0 A, L2 -7.2 A'
    """
    peaks: dict[str, float] = {}
    for row in readings:
        for line in _LINES:
            value = row.get(line)
            if value is not None and abs(value) > abs(peaks.get(line, 0.0)):
                peaks[line] = value
    if not peaks:
        return "peak unknown"
    return "peak " + ", ".join(f"{line[:2].upper()} {peaks[line]:.1f} A" for line in _LINES if line in peaks)


def _kwh(energy_wh: float) -> str:
    return f"{energy_wh / _WH_PER_KWH:.1f} kWh"
