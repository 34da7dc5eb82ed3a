"""The first tables of the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _what_was_decided()
    _what_must_survive()
    _what_was_measured()
    _what_was_charged()


def _what_was_decided() -> None:
    op.create_table(
        "contexts",
        sa.Column("id", sa.Text(), nullable=False, comment="fingerprint of all that follows"),
        sa.Column("site", sa.LargeBinary(), nullable=False, comment="JSON, zlib"),
        sa.Column("policies", sa.LargeBinary(), nullable=False, comment="JSON, zlib"),
        sa.Column(
            "sample", sa.LargeBinary(), nullable=False, comment="dictionary of the rows that refer here, zlib"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contexts"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="tick and decision, a line each, zlib"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_at", "decisions", ["at"])
    op.create_table(
        "writes",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False, comment="a charger, or a circuit with a limiter"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("l1_a", sa.Float(), nullable=False, comment="a charger's limit is the same on every phase"),
        sa.Column("l2_a", sa.Float(), nullable=False),
        sa.Column("l3_a", sa.Float(), nullable=False),
        sa.Column("lease_s", sa.Float()),
        sa.Column("promise_a", sa.Float()),
        sa.Column("outcome", sa.Text(), comment="null: not answered yet"),
        sa.Column("answered", sa.BigInteger()),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_writes"),
    )
    op.create_index("ix_writes_at", "writes", ["at"])
    op.create_index("ix_writes_number", "writes", ["number"])
    op.create_table(
        "events",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_at", "events", ["at"])


def _what_must_survive() -> None:
    op.create_table(
        "promises",
        sa.Column("charger", sa.Text(), nullable=False),
        sa.Column("circuit", sa.Text(), nullable=False),
        sa.Column("phases", sa.Text(), nullable=False, comment="grid phases in the charger's order: 1,2,3"),
        sa.Column("promise_a", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("charger", name="pk_promises"),
    )
    op.create_table(
        "standing",
        sa.Column("kind", sa.Text(), nullable=False, comment="request, cap, out_of_service or parameter"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_standing"),
    )
    op.create_table(
        "prices",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("import_per_kwh", sa.Float(), nullable=False),
        sa.Column("export_per_kwh", sa.Float()),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "starts", name="pk_prices"),
    )


def _what_was_measured() -> None:
    op.create_table(
        "samples",
        sa.Column("starts", sa.BigInteger(), nullable=False, comment="the minute"),
        sa.Column("device", sa.Text(), nullable=False, comment="meter:ID or charger:ID"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="columns of the minute's samples, JSON, zlib"
        ),
        sa.PrimaryKeyConstraint("starts", "device", name="pk_samples"),
    )
    op.create_table(
        "means",
        sa.Column("span_s", sa.Integer(), nullable=False, comment="60 or 900"),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False, comment="meter:ID or charger:ID"),
        sa.Column("count", sa.Integer(), nullable=False, comment="samples behind the means"),
        sa.Column("l1_a", sa.Float()),
        sa.Column("l2_a", sa.Float()),
        sa.Column("l3_a", sa.Float()),
        sa.Column("power_w", sa.Float()),
        sa.Column("soc_pct", sa.Float()),
        sa.Column("limit_a", sa.Float()),
        sa.Column("import_wh", sa.Float(), comment="the meter's counter at the end"),
        sa.Column("export_wh", sa.Float(), comment="the meter's counter at the end"),
        sa.Column("session_wh", sa.Float(), comment="the charger's counter at the end"),
        sa.PrimaryKeyConstraint("span_s", "starts", "device", name="pk_means"),
        sqlite_with_rowid=False,
    )


def _what_was_charged() -> None:
    op.create_table(
        "sessions",
        sa.Column("charger", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), comment="null: goes on"),
        sa.Column("session_id", sa.Text()),
        sa.Column("counter_wh", sa.Float()),
        sa.Column("solar_wh", sa.Float(), nullable=False),
        sa.Column("battery_wh", sa.Float(), nullable=False),
        sa.Column("grid_wh", sa.Float(), nullable=False),
        sa.Column("unknown_wh", sa.Float(), nullable=False),
        sa.Column("cost", sa.Float()),
        sa.Column("unpriced_wh", sa.Float(), nullable=False),
        sa.Column("peak_a", sa.Float()),
        sa.PrimaryKeyConstraint("charger", "started", name="pk_sessions"),
    )
    op.create_index("ix_sessions_ended", "sessions", ["ended"])
