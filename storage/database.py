"""The engine, its pragmas and its transactions, for SQLite and PostgreSQL.

`Database.begin()` is the only way to write. On SQLite every writing transaction starts with ``BEGIN IMMEDIATE``
and the writers of this process queue for it here, in order, instead of polling each other's file lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage import sqlite
from storage.shortcut import PostgresShortcut, Shortcut, SqliteShortcut
from storage.turns import Turns, Writers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy.engine import Connection

    from storage.prepared import Prepared

APPLICATION = "device-registry"
"""What the program calls itself in PostgreSQL's list of connections."""
READ_ONLY = {"writes": False}
"""Execution option of a connection that only reads: on SQLite it need not queue for the writer's lock."""
READ_LONG = {"writes": False, "is_long": True}
"""The same, of one that reads so much that the event loop must not wait for it."""


class DatabaseURLError(ValueError):
    """The URL names no database that this program can keep its records in."""


def parse_url(text: str) -> URL:
    """Return the URL with the driver this program uses; ``postgres://``, as Heroku writes it, is understood.

    Raises `DatabaseURLError` with a sentence that says what is wrong.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        # the text may hold a password, so it is not repeated
        raise DatabaseURLError("this is no database URL") from None
    backend = url.get_backend_name()
    if backend in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+asyncpg")
    if backend != "sqlite":
        raise DatabaseURLError(f"{backend} is not supported; use sqlite+aiosqlite or postgresql+asyncpg")
    if url.database in {None, "", ":memory:"}:
        raise DatabaseURLError("SQLite must be in a file, for example sqlite+aiosqlite:///devices.db")
    return url.set(drivername="sqlite+aiosqlite")


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite URL, None for PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(url.database or "").absolute()


def plain_cause(error: Exception) -> str:
    """Return what the driver says is wrong, on one line, without the statement and without a full stop."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).partition("\n")[0].rstrip(".")


class Database:
    """One database: its engine, and transactions on it."""

    def __init__(self, url: str | URL, *, name: str = APPLICATION) -> None:
        """`name` is what PostgreSQL's list of connections shows."""
        self.url = parse_url(url) if isinstance(url, str) else url
        self.path = sqlite_path(self.url)
        self._server_settings = {"application_name": name}
        self.engine = self._create_postgres() if self.path is None else _create_sqlite(self.url)
        self._turns = Turns()
        self._writers = Writers()

    @contextlib.asynccontextmanager
    async def begin(self, *, is_urgent: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a writing transaction: committed at the end of the block, rolled back when it raises.

        Do not open a second one inside; do not await the network or a hash inside. What must not be late is urgent: on
        SQLite it goes before what waits to write.
        """
        async with (
            self._turn_to_write(is_urgent=is_urgent),
            AsyncSession(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            try:
                yield session
            except BaseException:
                # an error may carry a record to whoever explains it, and the rollback would empty the record
                session.expunge_all()
                raise

    @contextlib.asynccontextmanager
    async def read(self, *, is_long: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a reading transaction, which sees one state of the database and waits for no writer.

        One that may take more than a few milliseconds says that it is long: everybody else goes on meanwhile.
        """
        reader = self.engine.execution_options(**(READ_LONG if is_long else READ_ONLY))
        if self.path is not None and not is_long:
            await self._turns.take()
        session = AsyncSession(reader, expire_on_commit=False)
        try:
            yield session
        finally:
            if self.path is not None and not is_long:
                # nothing to wait for: a task of its own would only let others open connections meanwhile
                await session.close()
            else:
                await asyncio.shield(asyncio.ensure_future(session.close()))

    async def look_up(self, query: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query that takes microseconds, as they were committed. Raises `GateClosed`."""
        text = query.text_for(self.engine.dialect)
        return text.read(await self.shortcut.fetch_all(text.sql, text.bind(values)))

    async def write(self, statement: Prepared, rows: Iterable[dict[str, Any]]) -> None:
        """Carry out what changes records, once with the values of each row, in an urgent transaction of its own."""
        text = statement.text_for(self.engine.dialect)
        async with self._turn_to_write(is_urgent=True), self.engine.begin() as connection:
            await connection.exec_driver_sql(text.sql, [text.bind(row) for row in rows])

    @functools.cached_property
    def shortcut(self) -> Shortcut:
        """Return the short way to single rows."""
        if self.path is not None:
            return SqliteShortcut(self.path)
        # SQLAlchemy's reading of the URL, so that options such as ?ssl=require mean the same everywhere
        _, parameters = self.engine.dialect.create_connect_args(self.url)
        return PostgresShortcut({**parameters, "server_settings": self._server_settings})

    async def dispose(self) -> None:
        """Close every connection."""
        await self.shortcut.close()
        await self.engine.dispose()

    def _turn_to_write(self, *, is_urgent: bool) -> contextlib.AbstractAsyncContextManager[None]:
        # PostgreSQL sorts out its writers itself
        return self._writers.turn(is_urgent=is_urgent) if self.path is not None else contextlib.nullcontext()

    def _create_postgres(self) -> AsyncEngine:
        return create_async_engine(
            self.url,
            pool_size=10,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"server_settings": self._server_settings},
            hide_parameters=True,
        )


def _create_sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=5, max_overflow=10, connect_args={"async_creator_fn": sqlite.connect}, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", sqlite.configure)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver: Any = connection.connection.driver_connection
    writes = options.get("writes", True)
    driver.prepare(is_prompt=not options.get("is_long", False), writes=writes)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
