"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.models import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one step on."""
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_device_id"), ["device_id"], unique=False)

    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("device_limit", sa.BigInteger(), nullable=True),
        sa.Column("token_generation", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    op.create_table(
        "conversations",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "chat_id", name=op.f("pk_conversations")),
    )
    op.create_table(
        "epochs",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("activated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("alive_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_epochs")),
    )
    op.create_table(
        "handouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("device_name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("base_generation", sa.BigInteger(), nullable=True),
        sa.Column("pending_hash", sa.String(length=200), nullable=True),
        sa.Column("pending_tag", sa.LargeBinary(length=16), nullable=True),
        sa.Column("pending_fingerprint", sa.String(length=8), nullable=True),
        sa.Column("pending_overlap", sa.BigInteger(), nullable=False),
        sa.Column("old_fingerprint", sa.String(length=8), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("armed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("shown_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("destroy_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("redacted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("missing_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("warned_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handouts")),
        sa.UniqueConstraint("source", name=op.f("uq_handouts_source")),
    )
    with op.batch_alter_table("handouts", schema=None) as batch_op:
        batch_op.create_index("ix_handouts_chat", ["bot_id", "chat_id", "message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handouts_device_id"), ["device_id"], unique=False)
        batch_op.create_index(
            "ix_handouts_due",
            ["next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_handouts_open_device",
            ["device_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('offering', 'offered', 'armed', 'shown')"),
            postgresql_where=sa.text("state IN ('offering', 'offered', 'armed', 'shown')"),
        )
        batch_op.create_index(
            "uq_handouts_visible_chat",
            ["bot_id", "chat_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('armed', 'shown')"),
            postgresql_where=sa.text("state IN ('armed', 'shown')"),
        )

    op.create_table(
        "inbox",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("effect_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("handled_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_handled_at", ["handled_at"], unique=False)
        batch_op.create_index(
            "ix_inbox_unhandled",
            ["received_at", "position"],
            unique=False,
            sqlite_where=sa.text("handled_at IS NULL"),
            postgresql_where=sa.text("handled_at IS NULL"),
        )

    op.create_table(
        "nonces",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "nonce", name=op.f("pk_nonces")),
        # it is forgotten within a minute anyhow: a crash of the server may lose it, and it must be fast
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )
    with op.batch_alter_table("nonces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nonces_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("cause", name=op.f("uq_notices_cause")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notices_due",
            ["next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        )

    op.create_table(
        "chat_users",
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("first_name", sa.String(length=256), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_chat_users_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("telegram_id", name=op.f("pk_chat_users")),
    )
    with op.batch_alter_table("chat_users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_users_client_id"), ["client_id"], unique=False)

    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("device_name", sa.String(length=100), nullable=False),
        sa.Column("folded_name", sa.String(length=400), nullable=False),
        sa.Column("group_name", sa.String(length=100), nullable=True),
        sa.Column("secret_hash", sa.String(length=200), nullable=False),
        sa.Column("secret_tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=8), nullable=False),
        sa.Column("secret_generation", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.String(length=200), nullable=True),
        sa.Column("previous_tag", sa.LargeBinary(length=16), nullable=True),
        sa.Column("previous_fingerprint", sa.String(length=8), nullable=True),
        sa.Column("previous_generation", sa.BigInteger(), nullable=True),
        sa.Column("previous_valid_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("live_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=100), nullable=True),
        sa.Column("revoke_reason", sa.String(length=200), nullable=True),
        sa.Column("last_seen", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_ip", sa.String(length=45), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_devices_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.create_index("ix_devices_fingerprint", ["client_id", "fingerprint"], unique=False)
        batch_op.create_index("ix_devices_list", ["client_id", "revoked", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_devices_revoked"), ["revoked"], unique=False)
        batch_op.create_index(
            "uq_devices_live_name",
            ["client_id", "device_name"],
            unique=True,
            sqlite_where=sa.text("NOT revoked"),
            postgresql_where=sa.text("NOT revoked"),
        )


def downgrade() -> None:
    """Go one step back."""
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_devices_live_name", sqlite_where=sa.text("NOT revoked"), postgresql_where=sa.text("NOT revoked")
        )
        batch_op.drop_index(batch_op.f("ix_devices_revoked"))
        batch_op.drop_index("ix_devices_list")
        batch_op.drop_index("ix_devices_fingerprint")

    op.drop_table("devices")
    with op.batch_alter_table("chat_users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chat_users_client_id"))

    op.drop_table("chat_users")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notices_due",
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        )

    op.drop_table("notices")
    with op.batch_alter_table("nonces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nonces_valid_until"))

    op.drop_table("nonces")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbox_unhandled",
            sqlite_where=sa.text("handled_at IS NULL"),
            postgresql_where=sa.text("handled_at IS NULL"),
        )
        batch_op.drop_index("ix_inbox_handled_at")

    op.drop_table("inbox")
    with op.batch_alter_table("handouts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_handouts_visible_chat",
            sqlite_where=sa.text("state IN ('armed', 'shown')"),
            postgresql_where=sa.text("state IN ('armed', 'shown')"),
        )
        batch_op.drop_index(
            "uq_handouts_open_device",
            sqlite_where=sa.text("state IN ('offering', 'offered', 'armed', 'shown')"),
            postgresql_where=sa.text("state IN ('offering', 'offered', 'armed', 'shown')"),
        )
        batch_op.drop_index(
            "ix_handouts_due",
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_handouts_device_id"))
        batch_op.drop_index("ix_handouts_chat")

    op.drop_table("handouts")
    op.drop_table("epochs")
    op.drop_table("conversations")
    op.drop_table("clients")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_device_id"))
        batch_op.drop_index(batch_op.f("ix_audit_events_client_id"))
        batch_op.drop_index(batch_op.f("ix_audit_events_at"))

    op.drop_table("audit_events")
