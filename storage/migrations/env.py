"""Run by Alembic: migrate over the connection that the program, or the developer's command line, hands in."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from alembic import context
from sqlalchemy import text

from storage.database import Database
from storage.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATION_LOCK = 0x6465767265676D69
"""Key of the PostgreSQL advisory lock that lets one process migrate at a time."""


def migrate(connection: Connection) -> None:
    """Run the migrations that Alembic asks for, in the connection's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_from_command_line() -> None:
    """Connect to DATABASE_URL and migrate: this is the way of the `alembic` command."""
    database = Database(os.environ["DATABASE_URL"])
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate)
    await database.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(migrate_from_command_line())
