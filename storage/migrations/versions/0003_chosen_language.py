"""The language a person chose, which goes before that of their app."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one step on."""
    with op.batch_alter_table("chat_users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen_language", sa.String(length=35), nullable=True))


def downgrade() -> None:
    """Go one step back."""
    with op.batch_alter_table("chat_users", schema=None) as batch_op:
        batch_op.drop_column("chosen_language")
