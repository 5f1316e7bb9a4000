"""Several devices at once, groups by name, secrets by their tag, and when a secret was first used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.models import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HAS_PREVIOUS = sa.text("previous_tag IS NOT NULL")


def upgrade() -> None:
    """Go one step on."""
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secret_seen_at", UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_devices_group", ["client_id", "revoked", "group_name"], unique=False)
        batch_op.create_index("ix_devices_secret_tag", ["secret_tag"], unique=False)
        batch_op.create_index(
            "ix_devices_previous_tag",
            ["previous_tag"],
            unique=False,
            sqlite_where=HAS_PREVIOUS,
            postgresql_where=HAS_PREVIOUS,
        )
    # nobody noted it until now; a secret in an overlap has not been used, because its first use would have ended that
    op.execute("UPDATE devices SET secret_seen_at = last_seen WHERE previous_tag IS NULL")
    op.create_table(
        "picks",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_picks_device_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "device_id", name=op.f("pk_picks")),
    )
    with op.batch_alter_table("picks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_picks_device_id"), ["device_id"], unique=False)

    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("group_name", sa.String(length=100), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_batches_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batches_chat_id"), ["chat_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batches_client_id"), ["client_id"], unique=False)


def downgrade() -> None:
    """Go one step back."""
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batches_client_id"))
        batch_op.drop_index(batch_op.f("ix_batches_chat_id"))

    op.drop_table("batches")
    with op.batch_alter_table("picks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_picks_device_id"))

    op.drop_table("picks")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index("ix_devices_previous_tag", sqlite_where=HAS_PREVIOUS, postgresql_where=HAS_PREVIOUS)
        batch_op.drop_index("ix_devices_secret_tag")
        batch_op.drop_index("ix_devices_group")
    # in batch mode SQLite would copy the whole table
    op.execute("ALTER TABLE devices DROP COLUMN secret_seen_at")
