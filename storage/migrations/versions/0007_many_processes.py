"""Notices that one of several processes has claimed, and records that moved to another database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.models import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CLAIMED = sa.text("claimed_until IS NOT NULL")


def upgrade() -> None:
    """Go one step on."""
    op.add_column("notices", sa.Column("claim_token", sa.Uuid(), nullable=True))
    op.add_column("notices", sa.Column("claimed_until", UtcDateTime(timezone=True), nullable=True))
    op.create_index("ix_notices_claimed", "notices", ["claimed_until"], sqlite_where=CLAIMED, postgresql_where=CLAIMED)
    op.create_table(
        "moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=400), nullable=False),
        sa.Column("began_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("abandoned_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )


def downgrade() -> None:
    """Go one step back."""
    op.drop_table("moves")
    op.drop_index("ix_notices_claimed", table_name="notices")
    with op.batch_alter_table("notices") as batch_op:
        batch_op.drop_column("claimed_until")
        batch_op.drop_column("claim_token")
