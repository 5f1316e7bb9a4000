"""The short way to one row, past SQLAlchemy: for what is asked hundreds of times a second, by friend and foe.

SQLite is read on a connection of its own, in the event loop: a look-up by primary key takes some ten microseconds,
handing it to a thread and back takes a hundred times as long when everybody wants the interpreter. Both databases show
what was committed before the statement began.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    import asyncpg

CONNECTIONS = 10
PATIENCE = 5.0
"""Seconds to wait for PostgreSQL, for a connection and for an answer, and for another program's lock on the file."""

Answer = TypeVar("Answer")


class GateClosed(Exception):
    """The database cannot be read now."""


class Shortcut(Protocol):
    """Reads rows without a transaction around them."""

    async def fetch_row(self, statement: str, *arguments: object) -> Sequence[Any] | None:
        """Return the first row of a statement in which $1, $2 … stand for the arguments. Raises `GateClosed`.

        Values are as the driver has them: on SQLite ids are hexadecimal digits and times are text.
        """

    async def fetch_all(self, statement: str, arguments: Sequence[object]) -> list[Sequence[Any]]:
        """Return all rows of a statement in the driver's own words. Raises `GateClosed`."""

    async def close(self) -> None:
        """Let go of connections; the next row opens one again."""


class SqliteShortcut:
    """Reads a SQLite file in the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def fetch_row(self, statement: str, *arguments: object) -> Sequence[Any] | None:
        """Read a row; see `Shortcut.fetch_row`."""
        values = {str(number): _to_sqlite(value) for number, value in enumerate(arguments, start=1)}
        return next(iter(await self._ask(statement, values)), None)

    async def fetch_all(self, statement: str, arguments: Sequence[object]) -> list[Sequence[Any]]:
        """Read rows; see `Shortcut.fetch_all`."""
        return await self._ask(statement, arguments)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _ask(self, statement: str, values: Any) -> list[Sequence[Any]]:
        try:
            if self._connection is None:
                self._connection = self._open(patience=0.0)
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise GateClosed(str(error)) from error
        except sqlite3.Error as error:
            raise GateClosed(str(error)) from error
        return await asyncio.to_thread(self._ask_patiently, statement, values)

    def _ask_patiently(self, statement: str, values: Any) -> list[Sequence[Any]]:
        """Ask, in a thread, while another program locks the whole file."""
        try:
            with contextlib.closing(self._open(PATIENCE)) as connection:
                return connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise GateClosed(str(error)) from error

    def _open(self, patience: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, patience, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        return connection


class PostgresShortcut:
    """Asks PostgreSQL on connections that are kept open.

    A pool of asyncpg's would reset a connection after each use, which costs more than the use.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        import asyncpg  # noqa: PLC0415 - an extra, which SQLite does without

        self._parameters = {**parameters, "timeout": PATIENCE, "command_timeout": PATIENCE}
        self._unusable = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
        self._idle: list[asyncpg.Connection[asyncpg.Record]] = []
        self._turn = asyncio.Semaphore(CONNECTIONS)

    async def fetch_row(self, statement: str, *arguments: object) -> Sequence[Any] | None:
        """Ask for a row with a statement that leaves nothing behind in its session; see `Shortcut.fetch_row`."""
        row = await self._use(lambda connection: connection.fetchrow(statement, *arguments))
        return None if row is None else tuple(row)

    async def fetch_all(self, statement: str, arguments: Sequence[object]) -> list[Sequence[Any]]:
        """Ask for rows; see `Shortcut.fetch_all`."""
        return [tuple(row) for row in await self._use(lambda connection: connection.fetch(statement, *arguments))]

    async def close(self) -> None:
        """Let go of the connections that are idle."""
        while (connection := self._take()) is not None:
            await connection.close()

    async def _use(self, ask: Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[Answer]]) -> Answer:
        # a connection times itself what it does, so a clock is only needed for what waits for a connection
        try:
            if self._turn.locked():
                async with asyncio.timeout(PATIENCE):
                    await self._turn.acquire()
            else:
                await self._turn.acquire()
            try:
                return await self._ask(self._take() or await self._connect(), ask)
            finally:
                self._turn.release()
        except self._unusable as error:
            # TimeoutError is among the operating system's errors
            raise GateClosed(type(error).__name__) from error

    async def _ask(
        self,
        connection: asyncpg.Connection[asyncpg.Record],
        ask: Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[Answer]],
    ) -> Answer:
        try:
            answer = await ask(connection)
        except BaseException:
            # whatever the server was about to answer, nobody else may read it
            connection.terminate()
            raise
        self._idle.append(connection)
        return answer

    def _take(self) -> asyncpg.Connection[asyncpg.Record] | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        import asyncpg  # noqa: PLC0415 - an extra, which SQLite does without

        return await asyncpg.connect(**self._parameters)


def read_time(value: datetime | str | None) -> datetime | None:
    """Return a time in a row as aware UTC: SQLite has it as text."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value


def _to_sqlite(value: object) -> object:
    return value.hex if isinstance(value, uuid.UUID) else value
