"""Until when a limit with a time to live holds survives a restart, and what a silent charger may go to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_LAPSES = "from when on its time to live may end; null: it has none"
_BOOTED = "when the monotonic clock began, as wall time had it"
_SILENT = "once it hears nothing for long; null: no more than promised"


def upgrade() -> None:
    op.add_column("promises", sa.Column("silent_a", sa.Float(), comment=_SILENT))
    for table in ("promises", "limiter_promises"):
        op.add_column(table, sa.Column("lapses", sa.BigInteger(), comment=_LAPSES))
        op.add_column(table, sa.Column("booted", sa.BigInteger(), comment=_BOOTED))
