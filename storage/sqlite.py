"""Connections to a SQLite file that answer at once what takes microseconds, and hand the rest to a thread.

To hand a statement to another thread and its result back takes a hundred times as long as looking up a row, and an
update of a chat takes dozens of statements. So within a transaction they run in the event loop. What waits for the disk
runs in aiosqlite's thread: to commit, whatever is no plain statement, and everything in a transaction that said it
reads a great deal. What meets another program's lock is tried again there, patiently. A transaction that writes, of
which there is one at a time, lets everybody else go on whenever it has kept them waiting for a millisecond.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine.interfaces import DBAPIConnection

BUSY_TIMEOUT = 30.0
"""Seconds to wait for a lock that another program holds on the file."""
LONGEST_RUN = 0.001
"""Seconds that a transaction which writes keeps the event loop, and no longer than one more statement takes."""
PLAIN = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN")
PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    # the duty to destroy a secret must survive a power failure, not only a crash of the program
    "synchronous = FULL",
    "temp_store = MEMORY",
)

Result = TypeVar("Result")


class PromptConnection(aiosqlite.Connection):
    """A connection whose plain statements run in the event loop, none of them waiting for a lock."""

    _is_prompt = False
    _runs_since = math.inf

    def prepare(self, *, is_prompt: bool, writes: bool) -> None:
        """Say, when a transaction begins, whether its plain statements run in the event loop, and whether it writes."""
        self._is_prompt = is_prompt
        self._runs_since = time.perf_counter() if writes else math.inf

    async def _execute(self, fn: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
        if self._is_prompt and self._running and self._connection and _is_plain(fn, args):
            if time.perf_counter() - self._runs_since > LONGEST_RUN and fn.__name__.startswith("execute"):
                await asyncio.sleep(0)
                self._runs_since = time.perf_counter()
            try:
                return fn(*args, **kwargs)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
        waited: Result = await super()._execute(_patiently, self._conn, fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return waited


def connect(database: str, **options: Any) -> PromptConnection:
    """Return a connection to be awaited; its thread ends with the process."""
    # the driver's own BEGIN is deferred, and a deferred writer fails at once when another was faster
    options |= {"isolation_level": None, "timeout": 0.0, "check_same_thread": False}
    connection = PromptConnection(lambda: sqlite3.connect(Path(database), **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with connections that it makes itself
    return connection


def configure(connection: DBAPIConnection, _record: object) -> None:
    """Set the pragmas of a new connection."""
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _is_plain(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Tell whether a call of the driver's can neither wait for the disk nor for a lock."""
    if fn.__name__ in {"execute", "executemany"}:
        return str(args[0]).startswith(PLAIN)
    return fn.__name__ in {"cursor", "fetchone", "fetchmany", "fetchall", "rollback"} or (
        # a cursor; the connection itself is closed in the thread
        fn.__name__ == "close" and isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
    )


def _patiently(connection: sqlite3.Connection, fn: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Call, in the thread, and wait for another program's lock as long as it takes."""
    if fn.__name__ == "commit":
        # most meet no lock, and each statement asks for the interpreter twice, which somebody waits for
        try:
            return fn(*args, **kwargs)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")
    try:
        return fn(*args, **kwargs)
    finally:
        with contextlib.suppress(sqlite3.ProgrammingError):
            # the call may have closed the connection
            connection.execute("PRAGMA busy_timeout = 0")
