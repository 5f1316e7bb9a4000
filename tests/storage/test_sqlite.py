"""Connections to a SQLite file: what runs in the event loop never waits, and what may wait holds nobody else up."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Uuid, bindparam, insert, select, text

from storage import sqlite
from storage.models import Client
from storage.prepared import Prepared
from storage.shortcut import GateClosed
from storage.sqlite import PromptConnection
from storage.turns import Turns, Writers, begin_work
from tests.conftest import SQLITE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

COUNT_TO = 3_000_000
LONG = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :to) SELECT max(i) FROM n")


@pytest.fixture
def backend() -> str:
    return SQLITE


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed to the threads of connections, by the driver's name of it."""
    calls: list[str] = []
    handle = PromptConnection.__mro__[1]._execute  # type: ignore[attr-defined]  # aiosqlite's own way to its thread

    async def note(self: Any, patiently: Any, connection: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(" ".join([fn.__name__, *(str(args[0]).split()[:1] if args else [])]))
        return await handle(self, patiently, connection, fn, *args, **kwargs)

    monkeypatch.setattr(PromptConnection.__mro__[1], "_execute", note)
    return calls


@contextlib.contextmanager
def locked(path: Path | None) -> Iterator[None]:
    """Another program that lets nobody even read."""
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.rollback()
    other.close()


@contextlib.asynccontextmanager
async def counting() -> AsyncIterator[list[float]]:
    """Note the time as often as the event loop finds some."""
    moments: list[float] = []

    async def count() -> None:
        while True:
            moments.append(time.monotonic())
            await asyncio.sleep(0.001)

    task = asyncio.create_task(count())
    yield moments
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def go_on() -> None:
    """Do other things in the event loop, a hundred times: who holds it up meanwhile is done afterwards."""
    for _ in range(100):
        await asyncio.sleep(0.001)


async def test_reading_hands_nothing_to_a_thread_and_writing_only_its_end(
    database: Database, handed_over: list[str]
) -> None:
    async with database.read() as session:
        await session.scalar(text("SELECT count(*) FROM clients"))
    handed_over.clear()
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM clients")) == 0
    assert handed_over == []
    async with database.begin() as session:
        await session.execute(text("UPDATE clients SET name = 'x'"))
    assert handed_over == ["commit"]


@contextlib.asynccontextmanager
async def counting_turns() -> AsyncIterator[list[int]]:
    """Count in a list of one how often somebody else goes on."""
    turns = [0]

    async def count() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(count())
    yield turns
    task.cancel()


async def count_turns_between(session: AsyncSession, statement: str) -> int:
    """Execute a statement ten times, and return how often somebody else went on meanwhile."""
    async with counting_turns() as turns:
        await session.connection()
        before = turns[0]
        for _ in range(10):
            await session.execute(text(statement))
        return turns[0] - before


async def test_a_long_transaction_that_writes_lets_others_go_on_between_its_statements(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LONGEST_RUN", 0.0)
    async with database.begin() as session:
        assert await count_turns_between(session, "UPDATE clients SET name = 'x'") >= 10


async def test_a_transaction_that_is_short_or_only_reads_is_over_in_one_go(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LONGEST_RUN", 60.0)
    async with database.begin() as session:
        assert await count_turns_between(session, "UPDATE clients SET name = 'x'") == 0
    monkeypatch.setattr(sqlite, "LONGEST_RUN", 0.0)
    async with database.read() as session:
        assert await count_turns_between(session, "SELECT count(*) FROM clients") == 0


async def test_who_gives_up_in_such_a_pause_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LONGEST_RUN", 0.0)
    client = {"name": "x", "folded_name": "x", "status": "active", "token_generation": 0}
    added = insert(Client).values(id=uuid.uuid4(), created_at=datetime.now(UTC), **client)
    has_written = asyncio.Event()

    async def write() -> None:
        async with database.begin() as session:
            await session.execute(added)
            has_written.set()
            while True:
                await session.execute(text("SELECT count(*) FROM clients"))

    writing = asyncio.create_task(write())
    await has_written.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    monkeypatch.undo()
    async with database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM clients")) == 0


async def test_who_meets_a_lock_waits_in_a_thread_until_it_is_free(database: Database) -> None:
    async def read() -> object:
        async with database.read() as session:
            return await session.scalar(text("SELECT count(*) FROM clients"))

    await database.dispose()
    with locked(database.path):
        reading = asyncio.create_task(read())
        await go_on()
        assert not reading.done()
    assert await reading == 0


async def test_a_writer_waits_in_a_thread_for_another_program_that_writes(
    database: Database, handed_over: list[str]
) -> None:
    async def write() -> None:
        async with database.begin() as session:
            await session.execute(text("UPDATE clients SET name = 'x'"))

    await write()
    handed_over.clear()
    assert database.path is not None
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(write())
    await go_on()
    assert not writing.done()
    other.rollback()
    await writing
    other.close()
    assert handed_over == ["execute BEGIN", "commit"]


async def test_everybody_goes_on_while_something_long_is_read(database: Database) -> None:
    async with counting() as moments, database.read(is_long=True) as session:
        await asyncio.sleep(0.01)
        before = len(moments)
        assert await session.scalar(LONG, {"to": COUNT_TO}) == COUNT_TO
        assert len(moments) - before > 5


async def test_an_error_of_a_statement_is_the_statements_and_the_connection_goes_on(database: Database) -> None:
    with pytest.raises(Exception, match="no such table"):
        async with database.read() as session:
            await session.execute(text("SELECT 1 FROM nowhere"))
    async with database.read() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_of_many_readers_one_goes_on_in_each_iteration_of_the_loop() -> None:
    turns, seen = Turns(), []
    iteration = 0

    def count() -> None:
        nonlocal iteration
        iteration += 1
        asyncio.get_running_loop().call_soon(count)

    async def read(number: int) -> None:
        await turns.take()
        seen.append((number, iteration))

    asyncio.get_running_loop().call_soon(count)
    await asyncio.gather(*(read(number) for number in range(20)))
    assert [number for number, _ in seen] == list(range(20)), "first come, first served"
    assert len({at for _, at in seen}) == 20


async def test_who_gave_up_waiting_takes_nobodys_turn() -> None:
    turns = Turns()
    waiting = [asyncio.create_task(turns.take()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[1].cancel()
    async with asyncio.timeout(10):
        await waiting[2]
        await turns.take()


async def write(writers: Writers, name: str, written: list[str], *, is_urgent: bool = False) -> None:
    async with writers.turn(is_urgent=is_urgent):
        await asyncio.sleep(0)
        written.append(name)


async def test_what_is_urgent_is_written_before_what_is_not_but_only_a_few_in_a_row() -> None:
    writers, written = Writers(), list[str]()
    usual = [write(writers, f"usual {number}", written) for number in range(3)]
    urgent = [write(writers, f"urgent {number}", written, is_urgent=True) for number in range(7)]
    await asyncio.gather(*usual, *urgent)
    first, rest = [f"urgent {number}" for number in range(5)], [f"urgent {number}" for number in range(5, 7)]
    assert written == ["usual 0", *first, "usual 1", *rest, "usual 2"]
    await write(writers, "later", written)


async def test_work_that_began_first_is_done_first() -> None:
    writers, written = Writers(), list[str]()

    async def work(name: str) -> None:
        begin_work()
        for step in range(3):
            await write(writers, f"{name}{step}", written)

    async with writers.turn():
        works = [asyncio.create_task(work(name)) for name in "abc"]
        await asyncio.sleep(0)
        works.append(asyncio.create_task(write(writers, "no work", written)))
        await asyncio.sleep(0)
    await asyncio.gather(*works)
    # who has just written asks again when the turn has gone to the next
    assert written == ["a0", "b0", "a1", "b1", "a2", "b2", "c0", "no work", "c1", "c2"]


@pytest.mark.parametrize("moment", range(5))
async def test_a_writer_who_gives_up_in_any_moment_keeps_nobody_from_writing(moment: int) -> None:
    writers, written = Writers(), list[str]()
    tasks = [
        asyncio.create_task(write(writers, str(number), written, is_urgent=number % 2 == 1)) for number in range(4)
    ]
    for _ in range(moment):
        await asyncio.sleep(0)
    for task in tasks[:3]:
        task.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks, return_exceptions=True)
        assert written[-1] == "3"
        await write(writers, "later", written)


ANY_CLIENT = Prepared(select(Client.name).where(Client.id == bindparam("id", type_=Uuid())))


async def test_what_is_looked_up_waits_for_another_programs_lock_and_holds_nobody_up(database: Database) -> None:
    await database.dispose()
    with locked(database.path):
        waiting = asyncio.create_task(database.look_up(ANY_CLIENT, id=uuid.uuid4()))
        await go_on()
        assert not waiting.done()
    assert await waiting == []


async def test_a_file_that_cannot_be_read_is_a_closed_gate(database: Database) -> None:
    await database.dispose()
    assert database.path is not None
    database.path.write_bytes(b"no database" * 1000)
    with pytest.raises(GateClosed):
        await database.look_up(ANY_CLIENT, id=uuid.uuid4())
