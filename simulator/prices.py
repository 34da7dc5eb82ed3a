"""Prices: a real week of day-ahead prices, repeated for ever."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from controller.domain.readings import PriceSlot

_HOUR = timedelta(hours=1)


@cache
def recorded_week() -> tuple[datetime, Sequence[float]]:
    """Read the first instant and the hourly prices per kWh of the recorded week (a Monday, UTC)."""
    file = files("simulator") / "data" / "nl_day_ahead_2024_week_26.csv"
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    starts = datetime.fromisoformat(rows[0]["utc_start"]).astimezone(UTC)
    return starts, tuple(float(row["eur_per_mwh"]) / 1000.0 for row in rows)  # per MWh in the file


def recorded_prices(
    since: datetime, until: datetime, *, surcharge_per_kwh: float = 0.0
) -> tuple[PriceSlot, ...]:
    """Tell hourly slots that cover a span, as if the recorded week had been every week.

    Weekdays and hours (UTC) are kept. `surcharge_per_kwh` is what taxes and grid fees add to the import;
    export earns the bare price.
    """
    slots = []
    starts = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while starts < until:
        price = _price_at(starts)
        slots.append(
            PriceSlot(
                starts=starts,
                ends=starts + _HOUR,
                import_per_kwh=price + surcharge_per_kwh,
                export_per_kwh=price,
            )
        )
        starts += _HOUR
    return tuple(slots)


def _price_at(starts: datetime) -> float:
    monday, prices = recorded_week()
    return prices[(starts - monday) // _HOUR % len(prices)]


class RecordedTariff:
    """Implement the Tariff port with the recorded week."""

    name = "recorded"

    def __init__(self, *, surcharge_per_kwh: float = 0.0) -> None:
        self._surcharge_per_kwh = surcharge_per_kwh

    async def prices(self, since: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Tell the slots of a span; all of it is always known."""
        return recorded_prices(since, until, surcharge_per_kwh=self._surcharge_per_kwh)
