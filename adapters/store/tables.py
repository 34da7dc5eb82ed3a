"""Tables of the journal. Instants are microseconds since 1970 in UTC: exact, short and the same everywhere.

A change here needs a revision under `migrations/versions`; `phasewise db check` and a test find the drift.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn an aware datetime into microseconds."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn microseconds into an aware datetime."""
        return None if value is None else _EPOCH + value * _MICROSECOND


# SQLite numbers rows by itself only for its own INTEGER.
_RowNumber = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"},
)

promises = Table(
    "promises",
    metadata,
    Column("charger", Text, primary_key=True),
    Column("circuit", Text, nullable=False),
    Column("phases", Text, nullable=False, comment="grid phases in the charger's order: 1,2,3"),
    Column("promise_a", Float, nullable=False),
    Column("at", Instant, nullable=False),
    Column("silent_a", Float, comment="once it hears nothing for long; null: no more than promised"),
    Column("lapses", Instant, comment="from when on its time to live may end; null: it has none"),
    Column("booted", Instant, comment="when the monotonic clock began, as wall time had it"),
)

limiter_promises = Table(
    "limiter_promises",
    metadata,
    Column("circuit", Text, primary_key=True),
    Column("l1_a", Float, nullable=False),
    Column("l2_a", Float, nullable=False),
    Column("l3_a", Float, nullable=False),
    Column("at", Instant, nullable=False),
    Column("lapses", Instant, comment="from when on its time to live may end; null: it has none"),
    Column("booted", Instant, comment="when the monotonic clock began, as wall time had it"),
)

contexts = Table(
    "contexts",
    metadata,
    Column("id", Text, primary_key=True, comment="fingerprint of all that follows"),
    Column("site", LargeBinary, nullable=False, comment="JSON, zlib"),
    Column("policies", LargeBinary, nullable=False, comment="JSON, zlib"),
    Column("sample", LargeBinary, nullable=False, comment="dictionary of the rows that refer here, zlib"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", _RowNumber, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("context", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="tick and decision, a line each, zlib"),
)

writes = Table(
    "writes",
    metadata,
    Column("id", _RowNumber, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("number", BigInteger, nullable=False),
    Column("target", Text, nullable=False, comment="a charger, or a circuit with a limiter"),
    Column("kind", Text, nullable=False),
    Column("l1_a", Float, nullable=False, comment="a charger's limit is the same on every phase"),
    Column("l2_a", Float, nullable=False),
    Column("l3_a", Float, nullable=False),
    Column("lease_s", Float),
    Column("promise_a", Float),
    Column("outcome", Text, comment="null: not answered yet"),
    Column("answered", Instant),
    Column("detail", Text),
    Index("ix_writes_number", "number"),
)

samples = Table(
    "samples",
    metadata,
    # Time first: rows come in its order, and fill their pages.
    Column("starts", Instant, primary_key=True, comment="the minute"),
    Column("device", Text, primary_key=True, comment="meter:ID or charger:ID"),
    Column("count", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="columns of the minute's samples, JSON, zlib"),
)

means = Table(
    "means",
    metadata,
    Column("span_s", Integer, primary_key=True, comment="60 or 900"),
    Column("starts", Instant, primary_key=True),
    Column("device", Text, primary_key=True, comment="meter:ID or charger:ID"),
    Column("count", Integer, nullable=False, comment="samples behind the means"),
    Column("l1_a", Float),
    Column("l2_a", Float),
    Column("l3_a", Float),
    Column("power_w", Float),
    Column("soc_pct", Float),
    Column("limit_a", Float),
    Column("import_wh", Float, comment="the meter's counter at the end"),
    Column("export_wh", Float, comment="the meter's counter at the end"),
    Column("session_wh", Float, comment="the charger's counter at the end"),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("charger", Text, primary_key=True),
    Column("started", Instant, primary_key=True),
    Column("seen", Instant, nullable=False),
    Column("ended", Instant, index=True, comment="null: goes on"),
    Column("session_id", Text),
    Column("counter_wh", Float),
    Column("solar_wh", Float, nullable=False),
    Column("battery_wh", Float, nullable=False),
    Column("grid_wh", Float, nullable=False),
    Column("unknown_wh", Float, nullable=False),
    Column("cost", Float),
    Column("unpriced_wh", Float, nullable=False),
    Column("peak_a", Float),
)

prices = Table(
    "prices",
    metadata,
    Column("source", Text, primary_key=True),
    Column("starts", Instant, primary_key=True),
    Column("ends", Instant, nullable=False),
    Column("import_per_kwh", Float, nullable=False),
    Column("export_per_kwh", Float),
    Column("fetched", Instant, nullable=False),
)

standing = Table(
    "standing",
    metadata,
    Column("kind", Text, primary_key=True, comment="request, cap, out_of_service or parameter"),
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False, comment="JSON"),
    Column("at", Instant, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", _RowNumber, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
