"""What every signed request reads: one look at its device, and its nonce spent, in one step.

This is the hot path, so it goes past the ORM. SQLite is read on a connection of its own, in the event loop: a look-up
by primary key takes some ten microseconds, less than handing it to a thread, and it sees all that was committed.
PostgreSQL is asked once: the statement that reads the device also spends the nonce, for all processes together.
"""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncpg

    from storage.database import Database

NONCES_PER_DEVICE = 20_000
"""A device that spends more in one window is turned away: it is broken, or somebody fills the memory."""
WINDOW = 35_000
"""Milliseconds in which a signed request may be received, give or take its clock: 30 s back and 5 s ahead."""
CLOCKS_APART = 60_000
"""Milliseconds by which the clocks of processes on one PostgreSQL may differ: no nonce is forgotten by the fastest."""
CONNECTIONS = 10
PATIENCE = 5.0
"""Seconds to wait for PostgreSQL."""
SQLITE_COLUMNS = """
    SELECT d.client_id, d.device_name, d.group_name, d.fingerprint, d.revoked, c.status, d.secret_generation,
           d.previous_generation, d.previous_valid_until, d.live_at
    FROM devices d JOIN clients c ON c.id = d.client_id WHERE d.id = ?
"""
POSTGRESQL_ENTER = """
    WITH d AS (
        SELECT d.id, d.client_id, d.device_name, d.group_name, d.fingerprint, d.revoked, c.status, d.secret_generation,
               d.previous_generation, d.previous_valid_until
        FROM devices d JOIN clients c ON c.id = d.client_id
        WHERE d.id = $1 AND d.live_at IS NOT NULL
    ), spent AS (
        INSERT INTO nonces (device_id, nonce, valid_until)
        SELECT d.id, $2, $3 FROM d ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT d.client_id, d.device_name, d.group_name, d.fingerprint, d.revoked, d.status, d.secret_generation,
           d.previous_generation, d.previous_valid_until, (SELECT count(*) FROM spent) = 1 AS is_fresh
    FROM d
"""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A live device as it is now: who it is, and what may keep it out."""

    device_id: uuid.UUID
    client_id: uuid.UUID
    device_name: str
    group_name: str | None
    fingerprint: str
    is_revoked: bool
    client_status: str
    generation: int
    previous_generation: int | None
    previous_valid_until: datetime | None


class TooManyNonces(Exception):
    """The device has spent as many nonces as are remembered."""


class GateClosed(Exception):
    """The database cannot be read now."""


class Gate(Protocol):
    """The one step in which a signed request reads its device and spends its nonce."""

    async def enter(
        self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int
    ) -> tuple[DeviceState, bool] | None:
        """Return the device and whether the nonce is fresh; None for a device that does not exist.

        Times are Unix milliseconds: the nonce is remembered until `valid_until`. Raises `TooManyNonces` and
        `GateClosed`.
        """

    async def clean(self, now: int) -> None:
        """Forget nonces that are too old to matter."""

    async def close(self) -> None:
        """Let go of connections."""


class SqliteGate:
    """The gate of the one process that a SQLite database has; its nonces live as long as it does."""

    def __init__(self, database: Database) -> None:
        if database.path is None:
            raise ValueError("this gate reads SQLite")
        self._connection = sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA query_only = ON")
        self._nonces: dict[uuid.UUID, dict[str, int]] = {}

    async def enter(
        self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int
    ) -> tuple[DeviceState, bool] | None:
        """Read the device and spend the nonce; see `Gate.enter`."""
        try:
            row = self._connection.execute(SQLITE_COLUMNS, (device_id.hex,)).fetchone()
        except sqlite3.Error as error:
            raise GateClosed(str(error)) from error
        if row is None or row[9] is None:
            return None
        return _read_sqlite(device_id, row), self._spend(device_id, nonce, valid_until, now)

    async def clean(self, now: int) -> None:
        """Forget nonces that are too old to matter."""
        for device_id in list(self._nonces):
            kept = {nonce: until for nonce, until in self._nonces[device_id].items() if until >= now}
            if kept:
                self._nonces[device_id] = kept
            else:
                del self._nonces[device_id]

    async def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _spend(self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int) -> bool:
        spent = self._nonces.setdefault(device_id, {})
        if nonce in spent:
            return False
        if len(spent) >= NONCES_PER_DEVICE:
            spent = self._nonces[device_id] = {nonce: until for nonce, until in spent.items() if until >= now}
            if len(spent) >= NONCES_PER_DEVICE:
                raise TooManyNonces
        spent[nonce] = valid_until
        return True


class PostgresGate:
    """The gate that all processes on a PostgreSQL database share. How much a device spends, each counts for itself."""

    def __init__(self, database: Database) -> None:
        import asyncpg  # noqa: PLC0415 - an extra, which SQLite does without

        # SQLAlchemy's reading of the URL, so that options such as ?ssl=require mean the same everywhere
        _, parameters = database.engine.dialect.create_connect_args(database.url)
        self._connections = _Connections({**parameters, "timeout": PATIENCE, "command_timeout": PATIENCE})
        self._unusable = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
        self._window = 0
        self._spent: Counter[uuid.UUID] = Counter()

    async def enter(
        self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int
    ) -> tuple[DeviceState, bool] | None:
        """Read the device and spend the nonce; see `Gate.enter`."""
        self._check_spending(device_id, now)
        row = await self._ask(POSTGRESQL_ENTER, device_id, nonce, valid_until)
        if row is None:
            return None
        values: list[Any] = list(row)
        is_fresh = values.pop()
        self._spent[device_id] += is_fresh
        return DeviceState(device_id, *values), is_fresh

    async def clean(self, now: int) -> None:
        """Forget nonces that are too old to matter."""
        await self._ask("DELETE FROM nonces WHERE valid_until < $1", now - CLOCKS_APART)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._connections.close()

    def _check_spending(self, device_id: uuid.UUID, now: int) -> None:
        if now // WINDOW != self._window:
            self._window = now // WINDOW
            self._spent.clear()
        if self._spent[device_id] >= NONCES_PER_DEVICE:
            raise TooManyNonces

    async def _ask(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        try:
            async with asyncio.timeout(2 * PATIENCE):
                return await self._connections.fetchrow(statement, *arguments)
        except self._unusable as error:
            # TimeoutError is among the operating system's errors
            raise GateClosed(type(error).__name__) from error


class _Connections:
    """Connections that are kept open. A pool of asyncpg's resets one after each use, which costs more than the use."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters
        self._idle: list[asyncpg.Connection[asyncpg.Record]] = []
        self._turn = asyncio.Semaphore(CONNECTIONS)

    async def fetchrow(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        """Execute a statement that leaves nothing behind in its session; return its first row."""
        async with self._turn:
            connection = self._take() or await self._connect()
            try:
                row = await connection.fetchrow(statement, *arguments)
            except BaseException:
                # whatever the server was about to answer, nobody else may read it
                connection.terminate()
                raise
            self._idle.append(connection)
        return row

    async def close(self) -> None:
        """Close those that are idle."""
        while (connection := self._take()) is not None:
            await connection.close()

    def _take(self) -> asyncpg.Connection[asyncpg.Record] | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        import asyncpg  # noqa: PLC0415 - an extra, which SQLite does without

        return await asyncpg.connect(**self._parameters)


def create_gate(database: Database) -> Gate:
    """Return the gate that fits the database."""
    return PostgresGate(database) if database.path is None else SqliteGate(database)


def _read_sqlite(device_id: uuid.UUID, row: tuple[Any, ...]) -> DeviceState:
    values: list[Any] = list(row[:-1])
    values[0], values[4] = uuid.UUID(values[0]), bool(values[4])
    if values[-1] is not None:
        values[-1] = datetime.fromisoformat(values[-1]).replace(tzinfo=UTC)
    return DeviceState(device_id, *values)
