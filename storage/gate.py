"""What every signed request reads: one look at its device, and its nonce spent, in one step.

This is the hot path, so it takes the shortcut past the ORM. PostgreSQL is asked once: the statement that reads the
device also spends the nonce, for all processes together.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Database

NONCES_PER_DEVICE = 20_000
"""A device that spends more in one window is turned away: it is broken, or somebody fills the memory."""
WINDOW = 35_000
"""Milliseconds in which a signed request may be received, give or take its clock: 30 s back and 5 s ahead."""
CLOCKS_APART = 60_000
"""Milliseconds by which the clocks of processes on one PostgreSQL may differ: no nonce is forgotten by the fastest."""
SQLITE_COLUMNS = """
    SELECT d.client_id, d.device_name, d.group_name, d.fingerprint, d.revoked, c.status, d.secret_generation,
           d.previous_generation, d.previous_valid_until, d.live_at
    FROM devices d JOIN clients c ON c.id = d.client_id WHERE d.id = $1
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


class DeviceState(NamedTuple):
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
        self._shortcut = database.shortcut
        self._nonces: dict[uuid.UUID, dict[str, int]] = {}

    async def enter(
        self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int
    ) -> tuple[DeviceState, bool] | None:
        """Read the device and spend the nonce; see `Gate.enter`."""
        row = await self._shortcut.fetch_row(SQLITE_COLUMNS, device_id)
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
        await self._shortcut.close()

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
        self._shortcut = database.shortcut
        self._window = 0
        self._spent: Counter[uuid.UUID] = Counter()

    async def enter(
        self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int
    ) -> tuple[DeviceState, bool] | None:
        """Read the device and spend the nonce; see `Gate.enter`."""
        self._check_spending(device_id, now)
        row = await self._shortcut.fetch_row(POSTGRESQL_ENTER, device_id, nonce, valid_until)
        if row is None:
            return None
        values: list[Any] = list(row)
        is_fresh = values.pop()
        self._spent[device_id] += is_fresh
        return DeviceState(device_id, *values), is_fresh

    async def clean(self, now: int) -> None:
        """Forget nonces that are too old to matter."""
        await self._shortcut.fetch_row("DELETE FROM nonces WHERE valid_until < $1", now - CLOCKS_APART)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._shortcut.close()

    def _check_spending(self, device_id: uuid.UUID, now: int) -> None:
        if now // WINDOW != self._window:
            self._window = now // WINDOW
            self._spent.clear()
        if self._spent[device_id] >= NONCES_PER_DEVICE:
            raise TooManyNonces


def create_gate(database: Database) -> Gate:
    """Return the gate that fits the database."""
    return PostgresGate(database) if database.path is None else SqliteGate(database)


def _read_sqlite(device_id: uuid.UUID, row: Sequence[Any]) -> DeviceState:
    values: list[Any] = list(row[:-1])
    values[0], values[4] = uuid.UUID(values[0]), bool(values[4])
    if values[-1] is not None:
        values[-1] = datetime.fromisoformat(values[-1]).replace(tzinfo=UTC)
    return DeviceState(device_id, *values)
