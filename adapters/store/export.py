"""Export: the journal as CSV or JSON lines, streamed row by row."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from adapters.store.reader import Reader, Resolution
from adapters.store.sampling import COUNTERS, MEANS
from adapters.store.ticks import RecordedTick
from controller.domain.writes import ChargerVerdict
from controller.sessions import Session

What = Literal["sessions", "readings", "decisions"]
Form = Literal["csv", "jsonl"]
Row = Mapping[str, Any]

_PHASES = ("l1", "l2", "l3")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sessions": (
        *("charger", "started", "ended", "seen", "session_id", "energy_wh"),
        *("solar_wh", "battery_wh", "grid_wh", "unknown_wh", "cost", "unpriced_wh", "peak_a"),
    ),
    "readings": (
        *("at", "device", "span_s", "count", *MEANS, *COUNTERS),
        *(f"{phase}_{unit}" for unit in ("w", "v") for phase in _PHASES),
        "plug",
    ),
    "decisions": ("at", "digest", "charger", *(field.name for field in fields(ChargerVerdict))),
}
"""The columns of each CSV, in this order; what a row does not have stays empty."""


def export(
    reader: Reader,
    what: What,
    form: Form,
    stream: TextIO,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    resolution: Resolution = "minute",
) -> int:
    """Write a part of the journal; tell how many rows it was.

    Raises:
        RecordError: the database does not answer.
    """
    found = _rows(reader, what, form, since, until, resolution)
    return _write_csv(found, COLUMNS[what], stream) if form == "csv" else _write_lines(found, stream)


def session_row(session: Session) -> Row:
    """Tell a session flatly, with the energy of each source."""
    energy_wh = session.energy_wh
    return {
        "charger": session.charger,
        "started": session.started,
        "ended": session.ended,
        "seen": session.seen,
        "session_id": session.session_id,
        "energy_wh": round(session.total_wh, 1),
        "solar_wh": round(energy_wh.solar, 1),
        "battery_wh": round(energy_wh.battery, 1),
        "grid_wh": round(energy_wh.grid, 1),
        "unknown_wh": round(energy_wh.unknown, 1),
        "cost": None if session.cost is None else round(session.cost, 4),
        "unpriced_wh": round(session.unpriced_wh, 1),
        "peak_a": session.peak_a,
    }


def _rows(
    reader: Reader,
    what: What,
    form: Form,
    since: datetime | None,
    until: datetime | None,
    resolution: Resolution,
) -> Iterator[Row]:
    if what == "sessions":
        return (session_row(session) for session in reader.sessions(since, until))
    if what == "readings":
        return reader.readings(since, until, resolution)
    ticks = reader.decisions(since, until)
    if form == "csv":
        return (row for tick in ticks for row in _charger_rows(tick))
    return (_whole_decision(tick) for tick in ticks)


def _whole_decision(tick: RecordedTick) -> Row:
    return {"at": tick.at, "digest": tick.digest, "decision": json.loads(tick.decision_text)}


def _charger_rows(tick: RecordedTick) -> Iterator[Row]:
    for charger, verdict in json.loads(tick.decision_text)["chargers"].items():
        reasons = " ".join(f"{reason['code']}:{reason['by']}" for reason in verdict["reasons"])
        yield {"at": tick.at, "digest": tick.digest, "charger": charger, **verdict, "reasons": reasons}


def _write_csv(found: Iterator[Row], columns: tuple[str, ...], stream: TextIO) -> int:
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    count = 0
    for count, row in enumerate(found, start=1):  # noqa: B007 - the last count is the answer
        writer.writerow({name: _told(value) for name, value in row.items()})
    return count


def _write_lines(found: Iterator[Row], stream: TextIO) -> int:
    count = 0
    for count, row in enumerate(found, start=1):  # noqa: B007 - the last count is the answer
        stream.write(json.dumps(row, default=_told, ensure_ascii=False) + "\n")
    return count


def _told(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
