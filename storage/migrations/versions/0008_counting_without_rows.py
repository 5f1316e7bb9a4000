"""On SQLite, an index of a client's devices that holds all that is counted: rows lie on as many pages as there are."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LISTED = ["client_id", "revoked", "created_at", "id"]


def upgrade() -> None:
    """Go one step on."""
    # PostgreSQL would write every index of a device anew whenever it is seen
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_devices_list", table_name="devices")
        op.create_index("ix_devices_counted", "devices", [*LISTED, "live_at", "last_seen"])


def downgrade() -> None:
    """Go one step back."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_devices_counted", table_name="devices")
        op.create_index("ix_devices_list", "devices", LISTED)
