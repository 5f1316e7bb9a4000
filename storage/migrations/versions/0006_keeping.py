"""What is kept only so long, and copies that say what they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.models import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FINISHED = sa.text("state IN ('destroyed', 'cancelled', 'expired', 'failed') AND next_attempt_at IS NULL")
ENDED = sa.text("next_attempt_at IS NULL")


def upgrade() -> None:
    """Go one step on."""
    op.create_index(
        "ix_handouts_finished", "handouts", ["created_at"], sqlite_where=FINISHED, postgresql_where=FINISHED
    )
    op.create_index("ix_notices_ended", "notices", ["created_at"], sqlite_where=ENDED, postgresql_where=ENDED)
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
    op.create_index("ix_invites_expires_at", "invites", ["expires_at"])
    op.create_table(
        "copy_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_marks")),
    )


def downgrade() -> None:
    """Go one step back."""
    op.drop_table("copy_marks")
    op.drop_index("ix_invites_expires_at", table_name="invites")
    op.drop_index("ix_conversations_updated_at", table_name="conversations")
    op.drop_index("ix_notices_ended", table_name="notices")
    op.drop_index("ix_handouts_finished", table_name="handouts")
