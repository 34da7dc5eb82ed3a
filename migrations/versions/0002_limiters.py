"""What circuits' limiters may believe survives a restart too."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "limiter_promises",
        sa.Column("circuit", sa.Text(), nullable=False),
        sa.Column("l1_a", sa.Float(), nullable=False),
        sa.Column("l2_a", sa.Float(), nullable=False),
        sa.Column("l3_a", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("circuit", name="pk_limiter_promises"),
    )
