"""The steps from one shape of the tables to the next, and the program's own way to run them.

The Alembic configuration is built here and not read from a file, so that it works from an installed wheel. Import this
package only to migrate: Alembic is large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database import Database


def build_config() -> Config:
    """Return the Alembic configuration."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    return config


async def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision. Processes that start at the same moment do it one after the other."""
    config = build_config()

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with database.engine.begin() as connection:
        await connection.run_sync(run)


async def downgrade(database: Database, revision: str) -> None:
    """Take the tables back to a revision."""
    config = build_config()

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    async with database.engine.begin() as connection:
        await connection.run_sync(run)


async def is_current(database: Database) -> bool:
    """Tell whether the tables have the shape that this program expects."""

    def compare(connection: Connection) -> bool:
        found = MigrationContext.configure(connection).get_current_heads()
        return set(found) == set(ScriptDirectory.from_config(build_config()).get_heads())

    async with database.engine.connect() as connection:
        return await connection.run_sync(compare)
