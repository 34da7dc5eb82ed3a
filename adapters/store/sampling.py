"""Sampling: gathers each device's readings into minutes, one row of samples and one of means a minute.

A minute's samples are one compressed blob of columns. Values are rounded to what no meter of a house
resolves better: 1 mA, 0.1 W, 0.1 V, 0.1 Wh.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from statistics import fmean

from controller.domain.readings import ChargerState, MeterReading
from controller.domain.snapshot import Snapshot

MINUTE_S = 60
QUARTER_S = 900

MEANS = ("l1_a", "l2_a", "l3_a", "power_w", "soc_pct", "limit_a")
"""Columns that are averaged over time."""
COUNTERS = ("import_wh", "export_wh", "session_wh")
"""Columns of which the last value counts."""

_DIGITS = {"a": 3, "pct": 1, "w": 1, "v": 1, "wh": 1}

Value = float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One device's samples of one minute of wall time."""

    device: str
    starts: datetime
    samples: tuple[Mapping[str, Value], ...]

    @property
    def sample_row(self) -> Mapping[str, object]:
        """The row of table `samples`."""
        return {
            "device": self.device,
            "starts": self.starts,
            "count": len(self.samples),
            "body": packed(self.samples),
        }

    @property
    def mean_row(self) -> Mapping[str, object]:
        """The row of table `means`."""
        return {
            "device": self.device,
            "span_s": MINUTE_S,
            "starts": self.starts,
            "count": len(self.samples),
            **{name: _mean(_numbers(self.samples, name)) for name in MEANS},
            **{name: _last(_numbers(self.samples, name)) for name in COUNTERS},
        }


@dataclass(slots=True)
class _Open:
    starts: datetime
    samples: list[Mapping[str, Value]] = field(default_factory=list)


class Sampler:
    """Takes every reading once, and hands out each minute when the next one begins."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._latest_mono_s: dict[str, float] = {}

    def feed(self, snapshot: Snapshot) -> tuple[Minute, ...]:
        """Take a tick's new readings; tell the minutes that are complete."""
        done = [self._take(f"meter:{meter.id}", meter, snapshot) for meter in snapshot.meters.values()]
        done += [self._take(f"charger:{state.id}", state, snapshot) for state in snapshot.chargers.values()]
        return tuple(minute for minute in done if minute is not None)

    def flush(self) -> tuple[Minute, ...]:
        """Tell the minutes that are not complete, at the end."""
        minutes = [_closed(device, gathered) for device, gathered in self._open.items()]
        self._open.clear()
        return tuple(minutes)

    def _take(self, device: str, reading: MeterReading | ChargerState, snapshot: Snapshot) -> Minute | None:
        if self._latest_mono_s.get(device) == reading.at_mono_s:
            return None
        self._latest_mono_s[device] = reading.at_mono_s
        at = snapshot.at - timedelta(seconds=snapshot.mono_s - reading.at_mono_s)
        starts = at.replace(second=0, microsecond=0)
        gathered = self._open.get(device)
        done = _closed(device, gathered) if gathered is not None and gathered.starts != starts else None
        if gathered is None or done is not None:
            gathered = self._open[device] = _Open(starts=starts)
        gathered.samples.append({"at_s": round((at - starts).total_seconds(), 3), **_columns(reading)})
        return done


def packed(samples: Iterable[Mapping[str, Value]]) -> bytes:
    """Compress samples column by column; a column without any value is left out."""
    rows = tuple(samples)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    told = {name: values for name, values in columns.items() if any(value is not None for value in values)}
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)


def unpacked(body: bytes) -> tuple[Mapping[str, Value], ...]:
    """Restore samples; the columns are those that had a value."""
    columns = json.loads(zlib.decompress(body))
    return tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _closed(device: str, gathered: _Open) -> Minute:
    return Minute(device=device, starts=gathered.starts, samples=tuple(gathered.samples))


def _columns(reading: MeterReading | ChargerState) -> Mapping[str, Value]:
    told = _of_meter(reading) if isinstance(reading, MeterReading) else _of_charger(reading)
    return {name: _rounded(name, value) for name, value in told.items()}


def _of_meter(reading: MeterReading) -> Mapping[str, Value]:
    return {
        **_per_phase("a", reading.currents_a),
        **_per_phase("w", reading.powers_w),
        **_per_phase("v", reading.voltages_v),
        "power_w": reading.power_w,
        "import_wh": reading.import_wh,
        "export_wh": reading.export_wh,
        "soc_pct": reading.soc_pct,
    }


def _of_charger(state: ChargerState) -> Mapping[str, Value]:
    return {
        **_per_phase("a", state.draw_a or (None, None, None)),
        "power_w": state.power_w,
        "limit_a": state.limit_a,
        "session_wh": state.session_wh,
        "plug": state.plug.value,
    }


def _per_phase(unit: str, values: Iterable[float | None]) -> Mapping[str, Value]:
    return {f"l{phase}_{unit}": value for phase, value in enumerate(values, start=1)}


def _rounded(name: str, value: Value) -> Value:
    if not isinstance(value, float | int):
        return value
    return round(value, _DIGITS[name.rpartition("_")[2]]) if isfinite(value) else None


def _numbers(samples: Iterable[Mapping[str, Value]], name: str) -> list[float]:
    return [value for row in samples if isinstance(value := row.get(name), float | int)]


def _mean(values: list[float]) -> float | None:
    return round(fmean(values), 3) if values else None


def _last(values: list[float]) -> float | None:
    return values[-1] if values else None
