"""Find clients by the beginnings of names, page through the audit, and find a device by its fingerprint alone.

Columns are added in place: SQLite would make a table anew only by deleting the old one, and everything of its clients
with it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.folding import FOLDED_LENGTH, fold

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 1000
INDEXES = {
    "ix_clients_newest": ("clients", ["created_at", "id"]),
    "ix_clients_folded_name": ("clients", ["folded_name", "id"]),
    "ix_chat_users_folded_username": ("chat_users", ["folded_username", "client_id"]),
    "ix_chat_users_folded_first_name": ("chat_users", ["folded_first_name", "client_id"]),
    "ix_chat_users_digits": ("chat_users", ["digits", "client_id"]),
    "ix_devices_newest": ("devices", ["client_id", "created_at", "id"]),
    "ix_devices_any_fingerprint": ("devices", ["fingerprint"]),
    "ix_devices_folded_name": ("devices", ["folded_name", "client_id"]),
    "ix_audit_events_newest": ("audit_events", ["at", "id"]),
    "ix_audit_events_client": ("audit_events", ["client_id", "at", "id"]),
    "ix_audit_events_device": ("audit_events", ["device_id", "at", "id"]),
}
REPLACED = {
    "ix_audit_events_at": "at",
    "ix_audit_events_client_id": "client_id",
    "ix_audit_events_device_id": "device_id",
}
COLUMNS = {"clients": ["folded_name"], "chat_users": ["folded_username", "folded_first_name", "digits"]}


def upgrade() -> None:
    """Go one step on."""
    op.add_column("clients", sa.Column("folded_name", _folded(), nullable=False, server_default=""))
    op.add_column("chat_users", sa.Column("folded_username", _folded(), nullable=True))
    op.add_column("chat_users", sa.Column("folded_first_name", _folded(), nullable=False, server_default=""))
    op.add_column("chat_users", sa.Column("digits", _folded(20), nullable=False, server_default=""))
    _fold_clients()
    _fold_chat_users()
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE devices ALTER COLUMN folded_name TYPE VARCHAR(400) COLLATE "C"')
    for name in REPLACED:
        op.drop_index(name, "audit_events")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    suspended = sa.text("status = 'suspended'")
    op.create_index(
        "ix_clients_suspended", "clients", ["created_at", "id"], sqlite_where=suspended, postgresql_where=suspended
    )


def downgrade() -> None:
    """Go one step back."""
    op.drop_index("ix_clients_suspended", "clients")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
    for name, column in REPLACED.items():
        op.create_index(name, "audit_events", [column])
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE devices ALTER COLUMN folded_name TYPE VARCHAR(400) COLLATE pg_catalog."default"')
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)


def _folded(length: int = FOLDED_LENGTH) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _fold_clients() -> None:
    clients = sa.table("clients", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("folded_name"))
    rows = op.get_bind().execute(sa.select(clients.c.id, clients.c.name)).all()
    change = sa.update(clients).where(clients.c.id == sa.bindparam("key")).values(folded_name=sa.bindparam("folded"))
    _run(change, [{"key": row.id, "folded": fold(row.name)} for row in rows])


def _fold_chat_users() -> None:
    names = ("telegram_id", "username", "first_name", "folded_username", "folded_first_name", "digits")
    users = sa.table("chat_users", *(sa.column(name) for name in names))
    rows = op.get_bind().execute(sa.select(users.c.telegram_id, users.c.username, users.c.first_name)).all()
    change = sa.update(users).where(users.c.telegram_id == sa.bindparam("key"))
    change = change.values(
        folded_username=sa.bindparam("account"),
        folded_first_name=sa.bindparam("first"),
        digits=sa.bindparam("number"),
    )
    _run(change, [_fold_chat_user(*row) for row in rows])


def _fold_chat_user(telegram_id: int, username: str | None, first_name: str) -> dict[str, object]:
    return {
        "key": telegram_id,
        "account": None if username is None else fold(username),
        "first": fold(first_name),
        "number": str(telegram_id),
    }


def _run(change: sa.Update, rows: list[dict[str, object]]) -> None:
    for start in range(0, len(rows), BATCH):
        op.get_bind().execute(change, rows[start : start + BATCH])
