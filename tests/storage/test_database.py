"""The engine: which URLs are understood, what SQLite is told, and what a transaction keeps and returns."""

from __future__ import annotations

import asyncio
import threading
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from storage.database import Database, DatabaseURLError, parse_url
from storage.models import ChatUser, Client, Device
from tests import rows
from tests.conftest import SQLITE, sqlite_url
from tests.fakes import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 23, 15, 43, 7, 123456, tzinfo=UTC)


def new_client(name: str = "Desk", created_at: datetime = NOW) -> Client:
    return Client(id=uuid.uuid4(), name=name, status="active", token_generation=0, created_at=created_at)


def new_device(client_id: uuid.UUID, name: str = "VPS-1", **more: object) -> Device:
    values = {
        "id": uuid.uuid4(),
        "client_id": client_id,
        "device_name": name,
        "folded_name": name.casefold(),
        "secret_hash": "$argon2id$",
        "secret_tag": bytes(16),
        "fingerprint": "00000000",
        "secret_generation": 2**63 - 1,
        "revoked": False,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Device(**(values | more))


async def keep(database: Database, *records: object) -> None:
    async with database.begin() as session:
        for record in records:
            session.add(record)
            await session.flush()


class TestUrls:
    @pytest.mark.parametrize(
        ("given", "understood"),
        [
            ("sqlite:///devices.db", "sqlite+aiosqlite:///devices.db"),
            ("sqlite+aiosqlite:////var/lib/d.db", "sqlite+aiosqlite:////var/lib/d.db"),
            ("postgres://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
            ("postgresql://u@h/d", "postgresql+asyncpg://u@h/d"),
            ("postgresql+psycopg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ],
    )
    def test_common_spellings_are_understood(self, given: str, understood: str) -> None:
        assert parse_url(given).render_as_string(hide_password=False) == understood

    @pytest.mark.parametrize(
        "given",
        ["", "devices.db", "mysql://u:hunter2@h/d", "sqlite://", "sqlite:///:memory:", "hunter2", "postgres:hunter2@"],
    )
    def test_others_are_refused_without_repeating_a_password(self, given: str) -> None:
        with pytest.raises(DatabaseURLError) as caught:
            parse_url(given)
        assert "hunter2" not in str(caught.value)

    def test_a_relative_file_is_where_the_program_was_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert Database("sqlite:///devices.db").path == tmp_path / "devices.db"


class TestSqlite:
    async def test_its_pragmas_hold_on_every_connection(
        self, tmp_path: Path, open_database: Callable[[str], Database]
    ) -> None:
        database = open_database(sqlite_url(tmp_path / "devices.db"))
        async with database.read() as one, database.read() as other, database.begin() as writer:
            for session in (one, other, writer):
                values = [
                    await session.scalar(text(f"PRAGMA {name}"))
                    for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
                ]
                assert values == ["wal", 1, 2, 30_000]

    async def test_a_writer_takes_its_lock_when_it_begins(
        self, tmp_path: Path, open_database: Callable[[str], Database]
    ) -> None:
        url = sqlite_url(tmp_path / "devices.db")
        database, other = open_database(url), open_database(url)
        order = []

        async def write_later() -> None:
            async with other.begin() as session:
                await session.execute(text("SELECT 1"))
                order.append("other")

        async with database.begin() as session:
            # it has only read, and would lose its snapshot to a writer that came between
            await session.execute(text("SELECT 1"))
            waiting = asyncio.create_task(write_later())
            await asyncio.sleep(0.1)
            order.append("first")
        await waiting
        assert order == ["first", "other"]

    async def test_a_folder_that_is_not_there_is_an_error_and_not_a_hang(
        self, tmp_path: Path, open_database: Callable[[str], Database]
    ) -> None:
        threads = threading.active_count()
        database = open_database(sqlite_url(tmp_path / "nowhere" / "devices.db"))
        with pytest.raises(Exception, match="unable to open database file"):
            await rows.count(database, Client)
        # the driver's thread reports its own end to this loop, a little later
        await until(lambda: threading.active_count() <= threads)


class TestTransactions:
    async def test_what_raised_is_undone_and_the_next_one_works(self, database: Database) -> None:
        async def fail() -> None:
            async with database.begin() as session:
                session.add(new_client())
                await session.flush()
                raise RuntimeError("no")

        with pytest.raises(RuntimeError, match="no"):
            await fail()
        assert await rows.count(database, Client) == 0
        await keep(database, new_client())
        assert await rows.count(database, Client) == 1

    async def test_a_cancelled_one_is_undone_and_holds_nobody_up(self, database: Database) -> None:
        entered = asyncio.Event()

        async def linger() -> None:
            async with database.begin() as session:
                session.add(new_client())
                await session.flush()
                entered.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(linger())
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await keep(database, new_client())
        assert await rows.count(database, Client) == 1

    async def test_records_leave_it_loaded_after_success_and_after_failure(self, database: Database) -> None:
        client = new_client("Desk")
        await keep(database, client)
        assert client.name == "Desk"
        carried: list[Client] = []

        async def fail() -> None:
            async with database.begin() as session:
                carried.append(await session.get_one(Client, client.id))
                raise RuntimeError("no")

        with pytest.raises(RuntimeError):
            await fail()
        assert carried[0].name == "Desk"

    async def test_a_reader_sees_one_state_of_the_database(self, database: Database, backend: str) -> None:
        async with database.read() as session:
            assert await session.scalar(text("SELECT count(*) FROM clients")) == 0
            await keep(database, new_client())
            seen = await session.scalar(text("SELECT count(*) FROM clients"))
            # PostgreSQL shows each statement what was committed before it
            assert seen == (0 if backend == SQLITE else 1)


class TestTimes:
    async def test_a_time_comes_back_in_utc_to_the_microsecond(self, database: Database) -> None:
        away = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
        client = new_client(created_at=away)
        await keep(database, client)
        async with database.read() as session:
            found = await session.get_one(Client, client.id)
        assert found.created_at == NOW
        assert found.created_at.utcoffset() == timedelta(0)

    async def test_a_time_without_its_zone_is_refused(self, database: Database) -> None:
        with pytest.raises(StatementError, match="without its zone"):
            await keep(database, new_client(created_at=NOW.replace(tzinfo=None)))


class TestConstraints:
    async def test_a_name_is_held_by_one_device_of_a_client_that_is_not_revoked(self, database: Database) -> None:
        desk, other = new_client(), new_client()
        await keep(database, desk, other, new_device(desk.id), new_device(other.id))
        with pytest.raises(IntegrityError):
            await keep(database, new_device(desk.id))
        with pytest.raises(IntegrityError):
            await keep(database, new_device(desk.id, live_at=None))
        await keep(database, new_device(desk.id, revoked=True), new_device(desk.id, revoked=True))
        assert await rows.count(database, Device) == 4

    async def test_a_device_or_person_of_no_client_is_refused(self, database: Database) -> None:
        with pytest.raises(IntegrityError):
            await keep(database, new_device(uuid.uuid4()))
        stray = ChatUser(
            telegram_id=1, client_id=uuid.uuid4(), status="active", first_name="", role="trader", created_at=NOW
        )
        with pytest.raises(IntegrityError):
            await keep(database, stray)

    async def test_the_largest_numbers_fit(self, database: Database) -> None:
        desk = new_client()
        device = new_device(desk.id)
        await keep(database, desk, device)
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert row.secret_generation == 2**63 - 1

    async def test_the_folded_form_of_the_longest_name_fits(self, database: Database) -> None:
        desk = new_client()
        name = "\u0390" * 100  # one code point that folds to three
        await keep(database, desk, device := new_device(desk.id, name))
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert len(row.folded_name) == 300
