"""A database full of clients, made by the fastest way there is: what it measures is reading, not writing."""

from __future__ import annotations

import random
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import migrations
from storage.database import Database
from storage.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEVICES_OF_A_CLIENT = 10
SUSPENDED_OF = 50
"""Every so many clients are suspended; every tenth device is revoked."""
FIRST_NAMES = ("Anna", "Bob", "Çelik", "Dmitri", "Eva", "Łukasz", "Мария", "Øystein", "Zoë", "王伟")
STEMS = ("VPS", "Laptop", "Gold", "Frankfurt", "EURUSD", "Büro", "Demo", "Scalper", "Hedge", "Сервер")
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
SECRET_HASH = "$argon2id$v=19$m=19456,t=2,p=1$" + "s" * 22 + "$" + "h" * 43
FAST = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "cache_size = -400000",
    "temp_store = MEMORY",
    "locking_mode = EXCLUSIVE",
)
"""Nothing here has to survive anything."""
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
CLIENTS = """
    INSERT INTO clients (id, name, folded_name, status, device_limit, token_generation, created_at)
    VALUES (?, ?, ?, ?, NULL, 0, ?)
"""
PEOPLE = """
    INSERT INTO chat_users (telegram_id, client_id, status, username, first_name, folded_username, folded_first_name,
                            digits, role, created_at)
    VALUES (?, ?, 'active', ?, ?, ?, ?, ?, 'trader', ?)
"""
DEVICES = """
    INSERT INTO devices (id, client_id, device_name, folded_name, secret_hash, secret_tag, fingerprint,
                         secret_generation, live_at, revoked, revoked_at, revoked_by, last_seen, last_ip, created_at,
                         updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '203.0.113.7', ?, ?)
"""
EVENTS = """
    INSERT INTO audit_events (id, at, actor, action, client_id, device_id, details)
    VALUES (?, ?, ?, 'device_registered', ?, ?, ?)
"""
GOLDEN = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""2^128 by the golden ratio: its multiples lie as far apart as random ids, and cost less to make."""
Values = tuple[object, ...]


class Crowd:
    """Clients with ten devices each, one person each, and an event in the audit for each device. Everything is made
    up from numbers, so that any of it can be named without being looked up."""

    def __init__(self, devices: int) -> None:
        self.devices = devices
        self.clients = devices // DEVICES_OF_A_CLIENT
        self._random = random.Random(devices)  # noqa: S311 - the same crowd every time
        self._devices = list(range(devices))
        self._random.shuffle(self._devices)

    def client_id(self, number: int) -> uuid.UUID:
        """Return the id of a client."""
        return _spread(number, "client")

    def device_id(self, number: int) -> uuid.UUID:
        """Return the id of a device."""
        return _spread(number, "device")

    def event_id(self, number: int) -> uuid.UUID:
        """Return the id of the event that tells of a device's registration."""
        return _spread(number, "event")

    def telegram_id(self, number: int) -> int:
        """Return the id of the person who chats for a client."""
        return 100_000_000 + 37 * number

    def username(self, number: int) -> str:
        """Return what that person is called on Telegram."""
        return f"trader_{number}"

    def first_name(self, number: int) -> str:
        """Return that person's first name."""
        return f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {number}"

    def device_name(self, number: int) -> str:
        """Return the name of a device."""
        return f"{STEMS[number % len(STEMS)]} {number // len(STEMS)}"

    def fingerprint(self, number: int) -> str:
        """Return the fingerprint of a device's secret."""
        return self.device_id(number).hex[8:16]

    async def fill(self, path: Path) -> Database:
        """Make the database and return it, open."""
        database = Database(f"sqlite+aiosqlite:///{path}")
        await migrations.upgrade(database)
        await database.dispose()
        with closing(sqlite3.connect(path)) as connection:
            self._insert(connection)
        return Database(database.url)

    def _insert(self, connection: sqlite3.Connection) -> None:
        for pragma in FAST:
            connection.execute(f"PRAGMA {pragma}")
        # an index is made faster of everything at once than row by row
        indexes = connection.execute(INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.executemany(CLIENTS, map(self._client, range(self.clients)))
        connection.executemany(PEOPLE, map(self._person, range(self.clients)))
        # as life has it: the devices of one client do not lie side by side
        connection.executemany(DEVICES, map(self._device, self._devices))
        connection.executemany(EVENTS, self._events())
        for _, sql in indexes:
            connection.execute(sql)
        connection.commit()
        connection.execute("PRAGMA journal_mode = WAL")

    def _client(self, number: int) -> Values:
        name = self.first_name(number)
        status = "suspended" if number % SUSPENDED_OF == 0 else "active"
        return self.client_id(number).hex, name, fold(name), status, _moment(number)

    def _person(self, number: int) -> Values:
        telegram_id, username, name = self.telegram_id(number), self.username(number), self.first_name(number)
        client_id, at = self.client_id(number).hex, _moment(number)
        return telegram_id, client_id, username, name, fold(username), fold(name), str(telegram_id), at

    def _device(self, number: int) -> Values:
        name, at = self.device_name(number), _moment(number)
        revoked = number // self.clients == 0
        whose, tag = self.client_id(number % self.clients).hex, number.to_bytes(16)
        ending = (at, "chat:9") if revoked else (None, None)
        known = (self.device_id(number).hex, whose, name, name.casefold(), SECRET_HASH, tag, self.fingerprint(number))
        return (*known, number, at, revoked, *ending, at, at, at)

    def _events(self) -> Iterator[Values]:
        for number in range(self.devices):
            whose = number % self.clients
            details = f'{{"device_name": "{self.device_name(number)}"}}'
            event_id, device_id = self.event_id(number).hex, self.device_id(number).hex
            actor = f"chat:{self.telegram_id(whose)}"
            yield event_id, _moment(number), actor, self.client_id(whose).hex, device_id, details


def _spread(number: int, kind: str) -> uuid.UUID:
    return uuid.UUID(int=(number * GOLDEN + int.from_bytes(kind.encode())) % 2**128)


def _moment(number: int) -> str:
    return (BEGAN + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M:%S.000000")
