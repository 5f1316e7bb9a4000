"""The way from an empty database to the tables, and back; the program's way and the developer's."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from storage import migrations
from storage.models import Base
from tests.conftest import SQLITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

ROOT = Path(__file__).parents[2]

MIGRATE = """
import asyncio, sys
from storage import migrations
from storage.database import Database

async def main():
    database = Database(sys.argv[1])
    await migrations.upgrade(database)
    print(await migrations.is_current(database))
    await database.dispose()

sys.stdin.readline()
asyncio.run(main())
"""


def revisions() -> list[str]:
    """Return all revisions, the oldest first."""
    scripts = ScriptDirectory.from_config(migrations.build_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def is_for(thing: Any, backend: str) -> bool:
    """Tell whether a part of a model is meant for a database. Alembic does not ask."""
    condition = getattr(thing, "_ddl_if", None)
    return condition is None or condition.dialect == backend


async def tables_of(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def shape_of(database: Database) -> dict[str, Any]:
    """Return columns and indexes of all tables, as the database tells them."""

    def look(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        return {
            table: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
                sorted((str(index["name"]), bool(index["unique"])) for index in inspector.get_indexes(table)),
                [key["options"] for key in inspector.get_foreign_keys(table)],
            )
            for table in sorted(inspector.get_table_names())
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(look)


class TestStairway:
    async def test_every_step_can_be_taken_up_down_and_up_again(
        self, empty_database_url: str, open_database: Callable[[str], Database]
    ) -> None:
        database = open_database(empty_database_url)
        before = "base"
        for revision in revisions():
            await migrations.upgrade(database, revision)
            shape = await shape_of(database)
            await migrations.downgrade(database, before)
            await migrations.upgrade(database, revision)
            assert await shape_of(database) == shape
            before = revision
        assert await migrations.is_current(database)

    async def test_the_way_down_leaves_nothing_behind(
        self, empty_database_url: str, open_database: Callable[[str], Database]
    ) -> None:
        database = open_database(empty_database_url)
        await migrations.upgrade(database)
        assert await tables_of(database) == {*Base.metadata.tables, "alembic_version"}
        await migrations.downgrade(database, "base")
        assert await tables_of(database) == {"alembic_version"}
        assert not await migrations.is_current(database)

    def test_there_is_one_way_up(self) -> None:
        assert len(ScriptDirectory.from_config(migrations.build_config()).get_heads()) == 1


class TestShape:
    async def test_the_models_match_the_migrations(self, database: Database) -> None:
        def compare(connection: Connection) -> list[Any]:
            options = {"compare_type": True, "include_object": lambda thing, *_: is_for(thing, connection.dialect.name)}
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, Base.metadata))

        async with database.engine.connect() as connection:
            assert await connection.run_sync(compare) == []

    async def test_the_conditions_of_partial_indexes_match_too(self, database: Database, backend: str) -> None:
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
            if backend == SQLITE
            else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        )
        async with database.engine.connect() as connection:
            found = {name: sql or "" for name, sql in await connection.execute(text(query))}
        for table in Base.metadata.tables.values():
            for index in filter(lambda index: is_for(index, backend), table.indexes):
                condition = index.dialect_options[backend].get("where")
                assert (" WHERE " in found[str(index.name)]) == (condition is not None), index.name

    async def test_a_fresh_database_is_not_current_and_a_migrated_one_is(
        self, empty_database_url: str, open_database: Callable[[str], Database]
    ) -> None:
        database = open_database(empty_database_url)
        assert not await migrations.is_current(database)
        await migrations.upgrade(database)
        await migrations.upgrade(database)
        assert await migrations.is_current(database)

    async def test_a_failed_migration_leaves_the_database_as_it_was(
        self, empty_database_url: str, open_database: Callable[[str], Database]
    ) -> None:
        database = open_database(empty_database_url)
        async with database.engine.begin() as connection:
            # in the way of the last table that the first step makes
            await connection.execute(text("CREATE TABLE devices (id integer)"))
        with pytest.raises(Exception, match="already exists"):
            await migrations.upgrade(database)
        assert await tables_of(database) == {"devices"}


class TestProcesses:
    async def test_it_works_from_any_folder(self, empty_database_url: str, tmp_path: Path) -> None:
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        found = await self.migrate(empty_database_url, cwd=foreign)
        assert found == "True"
        assert list(foreign.iterdir()) == []

    async def test_processes_that_migrate_at_one_moment_all_succeed(
        self, empty_database_url: str, open_database: Callable[[str], Database]
    ) -> None:
        assert await asyncio.gather(*(self.migrate(empty_database_url) for _ in range(3))) == ["True"] * 3
        database = open_database(empty_database_url)
        assert await migrations.is_current(database)
        async with database.engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1

    async def migrate(self, url: str, cwd: Path = ROOT) -> str:
        """Migrate in a process of its own; all that are asked for wait for each other to be there."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{MIGRATE}",
            url,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate(b"go\n")
        assert process.returncode == 0, err.decode()
        return out.decode().strip()
