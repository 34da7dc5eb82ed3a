"""Means: minutes condensed to quarter hours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from adapters.store.sampling import COUNTERS, MEANS, QUARTER_S

Row = Mapping[str, Any]

_QUARTER_MINUTES = 15


def quarter_of(at: datetime) -> datetime:
    """Tell the start of the quarter hour that an instant belongs to.

    >>> quarter_of(datetime(2026, 6, 1, 12, 44, 59)).minute
    30
    """
    return at.replace(minute=at.minute - at.minute % _QUARTER_MINUTES, second=0, microsecond=0)


def condensed(minutes: Iterable[Row]) -> Iterator[Row]:
    """Condense minutes, sorted by their start, to quarter hours.

    Means are weighted by the samples behind them; of a counter the last value counts.
    """
    for starts, together in groupby(minutes, key=_quarter):
        by_device = sorted(together, key=_device)
        for device, rows in groupby(by_device, key=_device):
            yield _quarter_row(device, starts, list(rows))


def _quarter(row: Row) -> datetime:
    return quarter_of(row["starts"])


def _device(row: Row) -> str:
    return str(row["device"])


def _quarter_row(device: str, starts: datetime, minutes: Sequence[Row]) -> Row:
    return {
        "device": device,
        "span_s": QUARTER_S,
        "starts": starts,
        "count": sum(row["count"] for row in minutes),
        **{name: _weighted_mean(minutes, name) for name in MEANS},
        **{name: _last(minutes, name) for name in COUNTERS},
    }


def _weighted_mean(minutes: Sequence[Row], name: str) -> float | None:
    told = [(row[name], row["count"]) for row in minutes if row[name] is not None]
    weight = sum(count for _, count in told)
    return round(sum(value * count for value, count in told) / weight, 3) if weight else None


def _last(minutes: Sequence[Row], name: str) -> float | None:
    return next((row[name] for row in reversed(minutes) if row[name] is not None), None)
