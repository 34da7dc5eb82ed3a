"""Session rows, read back as sessions."""

from typing import Any

from sqlalchemy import Connection, Row, select

from adapters.store.tables import sessions
from controller.domain.units import ChargerId
from controller.sessions import Session
from controller.sources import Mix


def read_open_sessions(connection: Connection) -> tuple[Session, ...]:
    """Read the sessions that have not ended."""
    found = connection.execute(
        select(sessions).where(sessions.c.ended.is_(None)).order_by(sessions.c.started)
    )
    return tuple(session_of(row) for row in found)


def session_of(row: Row[Any]) -> Session:
    """Turn a row of table `sessions` into a session."""
    return Session(
        charger=ChargerId(row.charger),
        started=row.started,
        seen=row.seen,
        ended=row.ended,
        session_id=row.session_id,
        counter_wh=row.counter_wh,
        energy_wh=Mix(solar=row.solar_wh, battery=row.battery_wh, grid=row.grid_wh, unknown=row.unknown_wh),
        cost=row.cost,
        unpriced_wh=row.unpriced_wh,
        peak_a=row.peak_a,
    )
