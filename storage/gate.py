"""What every signed request reads: one look at its device, and its nonce spent, in one step.

This is the hot path, so it takes the shortcut past the ORM. PostgreSQL is asked once: the statement that reads the
device also spends the nonce, for all processes together; and once for all the requests that came meanwhile.
"""

from __future__ import annotations

import asyncio
import itertools
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
    WITH asked AS (
        SELECT * FROM unnest((SELECT $1::uuid[]), (SELECT $2::varchar[]), (SELECT $3::bigint[])) WITH ORDINALITY
            AS asked (device_id, nonce, valid_until, place)
    ), known AS (
        SELECT asked.*, device.* FROM asked CROSS JOIN LATERAL (
            SELECT d.client_id, d.device_name, d.group_name, d.fingerprint, d.revoked, c.status, d.secret_generation,
                   d.previous_generation, d.previous_valid_until
            FROM devices d JOIN clients c ON c.id = d.client_id
            WHERE d.id = asked.device_id AND d.live_at IS NOT NULL LIMIT 1
        ) AS device
    ), spent AS (
        INSERT INTO nonces (device_id, nonce, valid_until)
        SELECT device_id, nonce, valid_until FROM known ORDER BY device_id, nonce
        ON CONFLICT DO NOTHING RETURNING device_id, nonce
    )
    SELECT place, client_id, device_name, group_name, fingerprint, revoked, status, secret_generation,
           previous_generation, previous_valid_until, spent.nonce IS NOT NULL AS is_fresh
    FROM known LEFT JOIN spent USING (device_id, nonce)
"""
"""One row for each device that there is, with its place in the arrays.

Nonces are spent in one order by everybody, so that no two processes wait for each other in a circle. Each device is
looked up by its key, and the arrays hide in sub-selects: the plan is the same for one request and for a hundred.
"""
QUESTIONS = 2
"""How many statements one process has under way, so that one that takes long holds up nobody else's."""


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


class Asked(NamedTuple):
    """A nonce that is to be spent, and who waits to hear of it: several, when one request came several times."""

    device_id: uuid.UUID
    nonce: str
    valid_until: int
    answers: list[asyncio.Future[Sequence[Any] | None]]


class PostgresGate:
    """The gate that all processes on a PostgreSQL database share. How much a device spends, each counts for itself.

    Requests that come while others are being asked about are asked about together: one statement for thirty costs
    hardly more than one for one.
    """

    def __init__(self, database: Database) -> None:
        self._shortcut = database.shortcut
        self._window = 0
        self._spent: Counter[uuid.UUID] = Counter()
        self._waiting: dict[tuple[uuid.UUID, str], Asked] = {}
        self._free = QUESTIONS
        self._asking: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def enter(
        self, device_id: uuid.UUID, nonce: str, valid_until: int, now: int
    ) -> tuple[DeviceState, bool] | None:
        """Read the device and spend the nonce; see `Gate.enter`."""
        self._check_spending(device_id, now)
        row = await self._join(device_id, nonce, valid_until)
        if row is None:
            return None
        is_fresh = row[-1]
        self._spent[device_id] += is_fresh
        return DeviceState(device_id, *row[1:-1]), is_fresh

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

    def _join(self, device_id: uuid.UUID, nonce: str, valid_until: int) -> asyncio.Future[Sequence[Any] | None]:
        """Be asked about with everybody who waits. The future is a row of `POSTGRESQL_ENTER`; None: no such device."""
        if self._loop is None:
            # to look it up each time is a call of the system, with Python 3.11
            self._loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[Any] | None] = self._loop.create_future()
        if not self._waiting and self._free:
            # it starts when everybody who is here already has joined
            self._free -= 1
            task = self._loop.create_task(self._ask())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        self._waiting.setdefault((device_id, nonce), Asked(device_id, nonce, valid_until, [])).answers.append(answer)
        return answer

    async def _ask(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = list(self._waiting.values()), {}
                await self._ask_about(asked)
        finally:
            self._free += 1

    async def _ask_about(self, asked: list[Asked]) -> None:
        device_ids, nonces, valid_until, answers = zip(*asked, strict=True)
        try:
            rows = await self._shortcut.fetch_all(POSTGRESQL_ENTER, (device_ids, nonces, valid_until))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            for answer in itertools.chain.from_iterable(answers):
                if not answer.done():
                    answer.set_exception(error)
            return
        found = {row[0]: row for row in rows}
        for place, waiting in enumerate(answers, start=1):
            row = found.get(place)
            for answer in waiting:
                if not answer.done():
                    answer.set_result(row)
                    # of those that sent one nonce, one gets in
                    row = row and (*row[:-1], False)


def create_gate(database: Database) -> Gate:
    """Return the gate that fits the database."""
    return PostgresGate(database) if database.path is None else SqliteGate(database)


def _read_sqlite(device_id: uuid.UUID, row: Sequence[Any]) -> DeviceState:
    values: list[Any] = list(row[:-1])
    values[0], values[4] = uuid.UUID(values[0]), bool(values[4])
    if values[-1] is not None:
        values[-1] = datetime.fromisoformat(values[-1]).replace(tzinfo=UTC)
    return DeviceState(device_id, *values)
