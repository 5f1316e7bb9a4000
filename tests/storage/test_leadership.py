"""One process is the active bot, and the next one can be the moment it dies."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.leadership import create_leadership
from tests.conftest import BOT_ID, POSTGRESQL, SQLITE
from tests.fakes import until_so

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

HOLD = """
import asyncio, sys
from storage.database import Database
from storage.leadership import create_leadership

async def main():
    leadership = create_leadership(Database(sys.argv[1]), int(sys.argv[2]))
    print(await leadership.try_acquire(), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_one_holds_it_and_the_second_is_refused(
    database: Database, database_url: str, open_database: Callable[[str], Database]
) -> None:
    first, second = create_leadership(database, BOT_ID), create_leadership(open_database(database_url), BOT_ID)
    assert not await first.is_held()
    assert await first.try_acquire()
    assert await first.try_acquire()
    assert not await second.try_acquire()
    assert (await first.is_held(), await second.is_held()) == (True, False)
    await first.release()
    assert not await first.is_held()
    assert await second.try_acquire()
    assert not await first.try_acquire()
    await second.release()


async def test_letting_go_of_what_is_not_held_is_no_error(database: Database) -> None:
    leadership = create_leadership(database, BOT_ID)
    await leadership.release()
    assert await leadership.try_acquire()
    for _ in range(2):
        await leadership.release()


async def test_of_many_who_try_at_once_one_gets_it(
    database: Database, database_url: str, open_database: Callable[[str], Database]
) -> None:
    candidates = [create_leadership(open_database(database_url), BOT_ID) for _ in range(6)]
    won = await asyncio.gather(*(candidate.try_acquire() for candidate in candidates))
    assert sorted(won) == [False] * 5 + [True]
    for candidate in candidates:
        await candidate.release()


async def test_two_bots_on_one_postgresql_do_not_hinder_each_other(
    database: Database, database_url: str, open_database: Callable[[str], Database], backend: str
) -> None:
    one = create_leadership(database, BOT_ID)
    other = create_leadership(open_database(database_url), BOT_ID + 1)
    assert await one.try_acquire()
    # a SQLite file belongs to one program, whatever bot it runs
    assert await other.try_acquire() == (backend == POSTGRESQL)
    await other.release()
    await one.release()


async def test_any_bot_id_has_a_lock(database: Database) -> None:
    for bot_id in (1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**52 - 1):
        leadership = create_leadership(database, bot_id)
        assert await leadership.try_acquire()
        await leadership.release()


async def test_it_is_free_the_moment_its_holder_is_killed(database: Database, database_url: str) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, database_url, str(BOT_ID), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"True\n"
        successor = create_leadership(database, BOT_ID)
        assert not await successor.try_acquire()
        holder.send_signal(signal.SIGKILL)
        await holder.wait()
        # a server needs a moment to notice that its client is gone
        await until_so(successor.try_acquire)
        await successor.release()
    finally:
        if holder.returncode is None:
            holder.kill()
            await holder.wait()


async def test_whoever_loses_the_connection_knows_that_the_lock_went_with_it(
    database: Database, database_url: str, open_database: Callable[[str], Database], backend: str
) -> None:
    leadership = create_leadership(database, BOT_ID)
    assert await leadership.try_acquire()
    if backend == SQLITE:
        assert await leadership.is_held()
    else:
        async with open_database(database_url).begin() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert not await leadership.is_held()
    await leadership.release()


async def test_it_holds_no_transaction_open(database: Database, database_url: str, backend: str) -> None:
    leadership = create_leadership(database, BOT_ID)
    assert await leadership.try_acquire()
    await leadership.is_held()
    if backend == POSTGRESQL:
        async with database.read() as session:
            states = await session.scalars(
                text(
                    "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            # an idle transaction would keep the tables from being vacuumed for as long as the bot lives
            assert set(states) == {"idle"}
    else:
        async with database.begin():
            pass
    await leadership.release()
