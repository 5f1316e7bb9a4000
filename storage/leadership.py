"""Which process is the active bot: an operating-system lock beside a SQLite file, an advisory lock in PostgreSQL.

Both are free the moment their holder dies, however it dies. Neither fences a process that was paused: the epoch does.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.database import Database

LOCK_CLASS = 0x64766267
"""First half of the advisory lock's key; the second half is the bot."""


class Leadership(Protocol):
    """A lock that one process holds at a time."""

    async def try_acquire(self) -> bool:
        """Take the lock if it is free; tell whether this process holds it now."""

    async def is_held(self) -> bool:
        """Tell whether this process still holds the lock."""

    async def release(self) -> None:
        """Let the next process have it."""


def create_leadership(database: Database, bot_id: int) -> Leadership:
    """Return the lock that fits the database."""
    if database.path is not None:
        return FileLeadership(database.path.with_name(database.path.name + ".lock"))
    return AdvisoryLeadership(database.engine, bot_id)


class FileLeadership:
    """An flock on a file of its own. The file stays: removing it would let two processes lock two files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    async def try_acquire(self) -> bool:
        """Take the lock if it is free; tell whether this process holds it now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    async def is_held(self) -> bool:
        """Tell whether this process still holds the lock."""
        return self._descriptor is not None

    async def release(self) -> None:
        """Let the next process have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class AdvisoryLeadership:
    """A session advisory lock on a connection of its own, which PostgreSQL frees when the connection ends."""

    def __init__(self, engine: AsyncEngine, bot_id: int) -> None:
        self._engine = engine
        # the second half of the key has 32 bits, signed
        self._key = (bot_id & 0xFFFFFFFF) - (1 << 31)
        self._connection: AsyncConnection | None = None

    async def try_acquire(self) -> bool:
        """Take the lock if it is free; tell whether this process holds it now."""
        if self._connection is not None:
            return True
        # autocommit: an open transaction would be idle for as long as the bot lives
        connection = await self._engine.connect()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = await connection.scalar(text("SELECT pg_try_advisory_lock(:c, :k)"), self._lock_key())
        if not taken:
            await connection.close()
            return False
        self._connection = connection
        return True

    async def is_held(self) -> bool:
        """Tell whether this process still holds the lock: whether its connection is alive."""
        if self._connection is None:
            return False
        try:
            await self._connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - whatever is wrong with the connection, the lock went with it
            return False
        return True

    async def release(self) -> None:
        """Let the next process have it."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # a pooled connection would go on holding the lock
            await connection.invalidate()
            await connection.close()

    def _lock_key(self) -> dict[str, int]:
        return {"c": LOCK_CLASS, "k": self._key}
