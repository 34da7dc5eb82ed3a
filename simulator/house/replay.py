"""Replay: a base load from a file, instead of an invented one."""

import csv
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from controller.domain.units import Phases
from controller.errors import SettingsError
from simulator.house.flow import spread

Layout = Literal["phases", "power", "minutes"]

_COLUMNS: tuple[tuple[Layout, tuple[str, ...]], ...] = (
    ("phases", ("time", "l1_a", "l2_a", "l3_a")),
    ("power", ("time", "power_w")),
    ("minutes", ("local_time", "global_active_power_kw")),
)


class ReplayedLoad:
    """Play the rows of a file from the house's first second on, and start over at the end.

    Each row holds until the next; a gap (empty cells, missing rows) is bridged by the last row before it,
    since missing is never zero. Powers without a phase are split evenly over the phases of the site.
    """

    def __init__(self, rows: tuple[tuple[float, Phases], ...]) -> None:
        """Take (seconds from the first row, powers in W), at least one, in rising order."""
        self._starts_s = [at_s for at_s, _ in rows]
        self._powers_w = [powers_w for _, powers_w in rows]
        step_s = self._starts_s[1] - self._starts_s[0] if len(rows) > 1 else 1.0
        self.length_s = self._starts_s[-1] + step_s

    def powers_w(self, at_s: float) -> Phases:
        """Tell the powers of the row that holds."""
        return self._powers_w[bisect_right(self._starts_s, at_s % self.length_s) - 1]


def replayed(file: Path, *, voltage_v: float = 230.0, phases: tuple[int, ...] = (1, 2, 3)) -> ReplayedLoad:
    """Read a CSV file in one of three layouts, told by its columns.

    - `time, l1_a, l2_a, l3_a`: RFC 3339 and amperes at `voltage_v`;
    - `time, power_w`;
    - `local_time, global_active_power_kw, ...`: the minutes of the UCI household data set.

    Raises:
        SettingsError: unreadable, no known layout, no usable row, a cell that is no number, or rows out of
            order; with file and line.
    """
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            layout = _layout(str(file), tuple(reader.fieldnames or ()))
            parse = _Parser(str(file), layout, voltage_v, phases)
            rows = [row for record in reader if (row := parse.row(reader.line_num, record)) is not None]
    except OSError as error:
        raise SettingsError(str(file), "", None, f"expected a readable CSV file: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(str(file), "", None, f"expected a CSV file: {error}") from error
    if not rows:
        raise SettingsError(str(file), "", None, "expected at least one row with values")
    first = rows[0][0]
    return ReplayedLoad(tuple(((at - first).total_seconds(), powers_w) for at, powers_w in rows))


def _layout(file: str, columns: tuple[str, ...]) -> Layout:
    for layout, needed in _COLUMNS:
        if set(needed) <= set(columns):
            return layout
    expected = " or ".join("`" + ", ".join(needed) + "`" for _, needed in _COLUMNS)
    raise SettingsError(file, "columns", ", ".join(columns), f"expected {expected}")


class _Parser:
    def __init__(self, file: str, layout: Layout, voltage_v: float, phases: tuple[int, ...]) -> None:
        self._file, self._layout, self._voltage_v, self._phases = file, layout, voltage_v, phases
        self._last: datetime | None = None

    def row(self, line: int, record: Mapping[str, str | None]) -> tuple[datetime, Phases] | None:
        """Parse one record; `None` for a gap."""
        columns = dict(_COLUMNS)[self._layout]
        if not all(record[column] for column in columns):
            return None
        at = self._time(line, columns[0], record[columns[0]] or "")
        return at, self._powers_w(tuple(self._number(line, key, record[key] or "") for key in columns[1:]))

    def _powers_w(self, numbers: tuple[float, ...]) -> Phases:
        if self._layout == "phases":
            return (numbers[0] * self._voltage_v, numbers[1] * self._voltage_v, numbers[2] * self._voltage_v)
        total_w = numbers[0] * (1000.0 if self._layout == "minutes" else 1.0)  # kW in the file
        return spread(total_w, self._phases)

    def _time(self, line: int, column: str, text: str) -> datetime:
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._error(line, column, text, "expected an RFC 3339 time") from error
        if self._last is not None and (at.tzinfo is None) != (self._last.tzinfo is None):
            raise self._error(line, column, text, "expected every row with, or every row without, an offset")
        if self._last is not None and at <= self._last:
            raise self._error(line, column, text, "expected a later time than the row before")
        self._last = at
        return at

    def _number(self, line: int, column: str, text: str) -> float:
        try:
            number = float(text)
        except ValueError as error:
            raise self._error(line, column, text, "expected a number") from error
        # A household beyond this is a wrong unit; the comparison also refuses NaN.
        if not abs(number) <= 1e6:  # noqa: PLR2004 - 1 MW
            raise self._error(line, column, text, "expected a plausible number")
        return number

    def _error(self, line: int, column: str, value: str, expected: str) -> SettingsError:
        return SettingsError(self._file, f"line {line}: {column}", value, expected)
