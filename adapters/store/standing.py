"""Standing: what persons set and what has to survive a restart, read back at start."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from adapters.store import tables
from controller.domain.readings import PersonRequest, PriceSlot, SiteCap
from controller.domain.units import ChargerId, CircuitId
from controller.errors import RecordError
from controller.ports import KnownPrices, RecordedLimiter, RecordedPromise

REQUEST = "request"
CAP = "cap"
OUT_OF_SERVICE = "out_of_service"
PARAMETER = "parameter"

REQUESTS = TypeAdapter(PersonRequest)
CAPS = TypeAdapter(SiteCap)
_NUMBERS = TypeAdapter(float)

_Value = TypeVar("_Value")


def read_promises(connection: Connection) -> tuple[RecordedPromise, ...]:
    """Read every recorded promise."""
    rows = connection.execute(select(tables.promises).order_by(tables.promises.c.charger))
    return tuple(
        RecordedPromise(
            charger=ChargerId(row.charger),
            circuit=CircuitId(row.circuit),
            phases=tuple(int(phase) for phase in row.phases.split(",")),
            promise_a=row.promise_a,
            silent_a=row.silent_a,
            lapses_mono_s=_mono_s(row.lapses, row.booted),
            at=row.at,
            mono_s=_mono_s(row.at, row.booted),
        )
        for row in rows
    )


def read_limiters(connection: Connection) -> tuple[RecordedLimiter, ...]:
    """Read the recorded promise of every circuit's limiter."""
    rows = connection.execute(select(tables.limiter_promises).order_by(tables.limiter_promises.c.circuit))
    return tuple(
        RecordedLimiter(
            circuit=CircuitId(row.circuit),
            promise_a=(row.l1_a, row.l2_a, row.l3_a),
            lapses_mono_s=_mono_s(row.lapses, row.booted),
            at=row.at,
            mono_s=_mono_s(row.at, row.booted),
        )
        for row in rows
    )


def _mono_s(at: datetime | None, booted: datetime | None) -> float | None:
    """Turn wall time back into the monotonic clock of then."""
    return None if at is None or booted is None else (at - booted).total_seconds()


def read_requests(connection: Connection, now: datetime) -> dict[ChargerId, PersonRequest]:
    """Read what persons asked, without what has expired meanwhile."""
    found = ((name, _parsed(REQUESTS, body)) for name, body in _bodies(connection, REQUEST))
    current = {ChargerId(name): unexpired(request, now) for name, request in found}
    return {name: request for name, request in current.items() if request != PersonRequest()}


def unexpired(request: PersonRequest, now: datetime) -> PersonRequest:
    """Leave out what a request asked for a time that has passed; what has no end stays."""
    limited = request.limit_until is None or request.limit_until > now
    return replace(
        request,
        limit_a=request.limit_a if limited else None,
        limit_until=request.limit_until if limited else None,
        boost_until=request.boost_until if request.boost_until and request.boost_until > now else None,
        plan=request.plan if request.plan and request.plan.by > now else None,
    )


def read_cap(connection: Connection, now: datetime) -> SiteCap | None:
    """Read the grid operator's cap, unless it has expired."""
    caps = [_parsed(CAPS, body) for _, body in _bodies(connection, CAP)]
    return next((cap for cap in caps if cap.until > now), None)


def read_out_of_service(connection: Connection) -> frozenset[ChargerId]:
    """Read which chargers persons declared to be switched off."""
    return frozenset(ChargerId(name) for name, _ in _bodies(connection, OUT_OF_SERVICE))


def read_parameters(connection: Connection) -> dict[str, float]:
    """Read the tuned policy parameters."""
    return {name: _parsed(_NUMBERS, body) for name, body in _bodies(connection, PARAMETER)}


def read_prices(connection: Connection, source: str, now: datetime) -> KnownPrices:
    """Read a source's prices from now on; their age is that of the oldest fetch among them."""
    prices = tables.prices
    wanted = select(prices).where(prices.c.source == source, prices.c.ends > now).order_by(prices.c.starts)
    rows = connection.execute(wanted).all()
    slots = tuple(
        PriceSlot(
            starts=row.starts,
            ends=row.ends,
            import_per_kwh=row.import_per_kwh,
            export_per_kwh=row.export_per_kwh,
        )
        for row in rows
    )
    return KnownPrices(slots=slots, fetched=min((row.fetched for row in rows), default=None))


def _bodies(connection: Connection, kind: str) -> Iterator[tuple[str, str]]:
    standing = tables.standing
    wanted = select(standing.c.name, standing.c.body).where(standing.c.kind == kind)
    for row in connection.execute(wanted.order_by(standing.c.name)):
        yield row.name, row.body


def _parsed(adapter: TypeAdapter[_Value], body: str) -> _Value:
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise RecordError("the database holds a value that this version does not understand") from error
