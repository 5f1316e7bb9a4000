"""Which shape the tables have, told without Alembic: importing that costs time and memory at every start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from storage.database import Database

HEAD = "0008"
"""The revision that this program expects."""


async def read_revision(database: Database) -> str | None:
    """Return the revision of the tables, None when there are none yet. Raises when the database cannot be read."""
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        try:
            found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        except DBAPIError:
            return None
        return found


async def check_writable(database: Database) -> None:
    """Change nothing, in a writing transaction. Raises for a standby, a read-only file, somebody who may only read."""
    async with database.begin() as session:
        await session.execute(text("UPDATE epochs SET number = number WHERE 1 = 0"))
