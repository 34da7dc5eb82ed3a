"""Rows: how each kind of thing gets into its table. Everything here runs in the writer's thread."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapters.store import tables
from adapters.store.sampling import Minute
from adapters.store.ticks import Context, PolicyDocument, lines_of, pack
from controller.codec import fingerprint
from controller.domain.readings import Answer, PriceSlot
from controller.domain.site import Site
from controller.domain.snapshot import Snapshot
from controller.domain.units import Phases
from controller.domain.writes import Decision, LimiterWrite, Write
from controller.ports import Recorded, RecordedLimiter, RecordedPromise
from controller.sessions import Session

Row = Mapping[str, Any]


class TickWriter:
    """Writes ticks; remembers the latest context, which nearly every tick shares."""

    def __init__(self) -> None:
        self._shared: tuple[Site, PolicyDocument | None] | None = None
        self._context: Context | None = None

    def write(
        self,
        connection: Connection,
        snapshot: Snapshot,
        decision: Decision,
        policies: PolicyDocument | None,
    ) -> None:
        """Insert a tick, and its context when its site or its policies are new.

        Raises:
            ValueError: a number in it is not finite.
        """
        lines = lines_of(snapshot, decision)
        context = self._context_of(connection, snapshot.site, policies, lines)
        row = {
            "at": snapshot.at,
            "context": context.id,
            "digest": fingerprint(lines.partition(b"\n")[2]),
            "body": pack(context, lines),
        }
        connection.execute(insert(tables.decisions), [row])

    def forget(self) -> None:
        """Start a new context with the next tick: the one we know may have been rolled back or pruned."""
        self._shared = self._context = None

    def _context_of(
        self, connection: Connection, site: Site, policies: PolicyDocument | None, lines: bytes
    ) -> Context:
        known = self._shared
        if self._context is not None and known and known[0] is site and known[1] is policies:
            return self._context
        context = Context.of(site, policies, lines)
        row = {
            "id": context.id,
            "site": zlib.compress(context.site, 9),
            "policies": zlib.compress(context.policies, 9),
            "sample": zlib.compress(context.sample, 9),
        }
        upsert(connection, tables.contexts, [row])
        self._shared, self._context = (site, policies), context
        return context


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; one with the same primary key takes the new values."""
    if not rows:
        return
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column: statement.excluded[column] for column in rows[0] if column not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def write_promises(connection: Connection, promises: Sequence[Recorded]) -> None:
    """Write the latest promise of each charger and of each circuit's limiter."""
    chargers = [promise for promise in promises if isinstance(promise, RecordedPromise)]
    limiters = [promise for promise in promises if isinstance(promise, RecordedLimiter)]
    upsert(connection, tables.promises, [_promise_row(promise) for promise in chargers])
    upsert(connection, tables.limiter_promises, [_limiter_row(promise) for promise in limiters])


def _promise_row(promise: RecordedPromise) -> Row:
    return {
        "charger": promise.charger,
        "circuit": promise.circuit,
        "phases": ",".join(str(phase) for phase in promise.phases),
        "promise_a": promise.promise_a,
        "silent_a": promise.silent_a,
        **_lease_row(promise),
    }


def _limiter_row(promise: RecordedLimiter) -> Row:
    return {"circuit": promise.circuit, **_per_phase_a(promise.promise_a), **_lease_row(promise)}


def _lease_row(promise: Recorded) -> Row:
    """Tell the end of a lease by wall time, and how that stood to the clock that leases are kept by."""
    at, mono_s, lapses_mono_s = promise.at, promise.mono_s, promise.lapses_mono_s
    if mono_s is None:
        return {"at": at, "lapses": None, "booted": None}
    lapses = None if lapses_mono_s is None else at + timedelta(seconds=lapses_mono_s - mono_s)
    return {"at": at, "lapses": lapses, "booted": at - timedelta(seconds=mono_s)}


def _per_phase_a(currents_a: Phases) -> Row:
    return dict(zip(("l1_a", "l2_a", "l3_a"), currents_a, strict=True))


def write_minutes(connection: Connection, minutes: Iterable[Minute]) -> None:
    """Write complete minutes: their samples and their means."""
    complete = tuple(minutes)
    upsert(connection, tables.samples, [minute.sample_row for minute in complete])
    upsert(connection, tables.means, [minute.mean_row for minute in complete])


def write_session(connection: Connection, session: Session) -> None:
    """Write a session as far as it is counted."""
    energy_wh = session.energy_wh
    row = {
        "charger": session.charger,
        "started": session.started,
        "seen": session.seen,
        "ended": session.ended,
        "session_id": session.session_id,
        "counter_wh": session.counter_wh,
        "solar_wh": energy_wh.solar,
        "battery_wh": energy_wh.battery,
        "grid_wh": energy_wh.grid,
        "unknown_wh": energy_wh.unknown,
        "cost": session.cost,
        "unpriced_wh": session.unpriced_wh,
        "peak_a": session.peak_a,
    }
    upsert(connection, tables.sessions, [row])


def write_writes(connection: Connection, at: datetime, writes: Sequence[Write | LimiterWrite]) -> None:
    """Insert what a tick sent out."""
    connection.execute(insert(tables.writes), [_write_row(at, write) for write in writes])


def write_answer(connection: Connection, at: datetime, answer: Answer) -> None:
    """Note how a write ended, on the latest one of that number: numbers begin anew with each start."""
    latest = select(func.max(tables.writes.c.id)).where(tables.writes.c.number == answer.write)
    statement = update(tables.writes).where(tables.writes.c.id == latest.scalar_subquery())
    connection.execute(statement.values(outcome=answer.outcome.value, answered=at, detail=answer.detail))


def write_prices(connection: Connection, source: str, slots: Sequence[PriceSlot], fetched: datetime) -> None:
    """Write prices of a source over what is known of the same slots."""
    rows = [
        {
            "source": source,
            "starts": slot.starts,
            "ends": slot.ends,
            "import_per_kwh": slot.import_per_kwh,
            "export_per_kwh": slot.export_per_kwh,
            "fetched": fetched,
        }
        for slot in slots
    ]
    upsert(connection, tables.prices, rows)


def write_standing(connection: Connection, kind: str, name: str, body: object, at: datetime) -> None:
    """Write what a person set, until changed; `None` deletes it."""
    standing = tables.standing
    if body is None:
        connection.execute(delete(standing).where(standing.c.kind == kind, standing.c.name == name))
        return
    upsert(connection, standing, [{"kind": kind, "name": name, "body": json.dumps(body), "at": at}])


def replace_standing(connection: Connection, kind: str, names: Iterable[str], at: datetime) -> None:
    """Write a whole set of names of one kind."""
    connection.execute(delete(tables.standing).where(tables.standing.c.kind == kind))
    rows = [{"kind": kind, "name": name, "body": "true", "at": at} for name in sorted(names)]
    upsert(connection, tables.standing, rows)


def write_event(connection: Connection, at: datetime, kind: str, subject: str, detail: str) -> None:
    """Insert an event."""
    row = {"at": at, "kind": kind, "subject": subject, "detail": detail}
    connection.execute(insert(tables.events), [row])


def _write_row(at: datetime, write: Write | LimiterWrite) -> Row:
    limit_a = (write.limit_a,) * 3 if isinstance(write, Write) else write.limit_a
    return {
        "at": at,
        "number": write.number,
        "target": write.charger if isinstance(write, Write) else write.circuit,
        "kind": write.kind.value,
        **_per_phase_a(limit_a),
        "lease_s": write.lease_s,
        "promise_a": write.promise_a if isinstance(write, Write) else None,
    }
