"""Invites, newcomers who wait for an admin, and which notices an admin wants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.models import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one step on."""
    op.create_table(
        "invites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_invites_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("source", name=op.f("uq_invites_source")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invites_token_hash")),
    )
    op.create_index(op.f("ix_invites_client_id"), "invites", ["client_id"], unique=False)
    op.create_index(op.f("ix_invites_made_by"), "invites", ["made_by"], unique=False)
    op.create_table(
        "notice_switches",
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", "kind", name=op.f("pk_notice_switches")),
    )
    op.add_column("notices", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column("chat_users", sa.Column("decided_by", sa.String(length=100), nullable=True))
    op.add_column("chat_users", sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("chat_users", sa.Column("joined_at", UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_chat_users_admins",
        "chat_users",
        ["telegram_id"],
        unique=False,
        sqlite_where=sa.text("role = 'admin'"),
        postgresql_where=sa.text("role = 'admin'"),
    )
    op.create_index(
        "ix_chat_users_waiting",
        "chat_users",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )


def downgrade() -> None:
    """Go one step back. Whoever still waits asks again: before this step everybody who was known had a client."""
    op.execute("DELETE FROM chat_users WHERE client_id IS NULL")
    op.drop_index("ix_chat_users_waiting", table_name="chat_users")
    op.drop_index("ix_chat_users_admins", table_name="chat_users")
    for column in ("joined_at", "decided_at", "decided_by"):
        op.drop_column("chat_users", column)
    op.drop_column("notices", "message_id")
    op.drop_table("notice_switches")
    op.drop_index(op.f("ix_invites_made_by"), table_name="invites")
    op.drop_index(op.f("ix_invites_client_id"), table_name="invites")
    op.drop_table("invites")
