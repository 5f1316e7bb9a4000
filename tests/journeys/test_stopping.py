"""How the bot ends, having finished what is in hand and what is due; and how another takes its place."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import text

from storage.models import HandoutState
from tests.conftest import POSTGRESQL, SQLITE
from tests.journeys import evidence
from tests.journeys.people import PATIENCE, SECRET
from tests.journeys.running import STOPPED_WITHIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.journeys.conftest import House, Houses

pytestmark = pytest.mark.asyncio(loop_scope="package")

AT_ONCE = 3.0
"""Seconds that a process may take to end at once on a machine with much to do; what it has in hand may take 10."""
TAKEN_OVER_WITHIN = 5.0
STOPPED_BY_SECOND_SIGNAL = 1
FREE_THE_LOCK = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest_asyncio.fixture(scope="module", loop_scope="package", params=[SQLITE, POSTGRESQL])
async def house(houses: Houses, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A bot on each database that no other module minds being stopped."""
    async with houses.build(request.param) as house:
        yield house


async def stop(house: House) -> None:
    """Stop as an operator does."""
    code, seconds = await house.bot.stop()
    assert code == 0, house.bot.log
    assert seconds < STOPPED_WITHIN


async def test_what_is_in_hand_and_what_it_causes_is_done_before_the_end(house: House) -> None:
    owner, reader = await house.trader("Anna", devices=1), await house.trader("Boris")
    [device] = await house.owned(owner)
    registered = await reader.open_secret("VPS-1")
    house.sandbox.add_fault("sendMessage,deleteMessage", "slow_start", seconds=0.4, times=8)
    before = len(house.sandbox.calls)
    house.olga.say(f"/revoke {device.id} lost")
    house.sandbox.tap(reader.id, "I saved it", message_id=registered.card.message_id)
    await house.sandbox.wait_for_call("editMessageText", after=before, chat=reader.id, timeout=PATIENCE)
    await stop(house)
    house.sandbox.remove_faults()
    try:
        assert reader.find(registered.card.message_id) is None
        assert any("is registered" in text for text in reader.screen())
        assert any("Reason: lost" in text for text in owner.screen())
        assert (await house.handouts(reader))[0].state == HandoutState.DESTROYED
    finally:
        await house.bot.start()


async def test_no_update_is_taken_after_the_signal_and_none_is_lost(house: House) -> None:
    busy, late = await house.trader("Anna"), await house.trader("Boris")
    house.sandbox.add_fault("sendMessage", "slow", chat=busy.id, seconds=1.5)
    before = len(house.sandbox.calls)
    busy.say("/devices")
    stopping = asyncio.create_task(stop(house))
    await house.bot.wait_for_log("stopping")
    said = late.say("/id")
    await stopping
    polls = [call for call in house.sandbox.calls[before:] if call.method == "getUpdates" and call.answer]
    assert not [call for call in polls if "/id" in str(call.answer)]
    assert len(late.screen()) == 1, "the welcome"
    await house.bot.start()
    await late.sees("Your Telegram ID", after=said.message_id)
    await busy.fence()
    assert busy.times_shown("You have no devices yet.") <= 2, "at least once; twice when the answer was on its way"


async def test_the_second_signal_ends_it_at_once(house: House) -> None:
    anna = await house.trader()
    house.sandbox.add_fault("*", "hang", times=None)
    before = len(house.sandbox.calls)
    said = anna.say("/devices")
    await house.sandbox.wait_for_call("getUpdates", after=before, timeout=PATIENCE)
    await asyncio.sleep(0.5)
    process = house.bot.process
    process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(AT_ONCE):
            await process.wait()
        assert time.monotonic() - began < AT_ONCE
        assert process.returncode == STOPPED_BY_SECOND_SIGNAL
    finally:
        house.sandbox.remove_faults()
        await house.bot.kill()
        await house.bot.start()
    await anna.sees("You have no devices yet.", after=said.message_id)


async def test_it_ends_in_time_although_another_program_holds_the_database(house: House) -> None:
    if house.database.path is None:
        pytest.skip("PostgreSQL's own locks are by row, and nobody else has these rows")
    anna = await house.trader()
    lock = sqlite3.connect(house.database.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        said = anna.say("/register VPS-1")
        await asyncio.sleep(0.5)
        await stop(house)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
        await house.bot.start()
    await anna.sees("is almost ready", after=said.message_id)


async def test_a_standby_takes_over_within_five_seconds(house: House) -> None:
    anna = await house.trader()
    first, second = house.bot, house.another_bot()
    house.bot = second
    await second.start(is_ready=False)
    await second.wait_for_log("stands by")
    await first.kill()
    killed_at = time.monotonic()
    await anna.fence()
    assert time.monotonic() - killed_at < TAKEN_OVER_WITHIN


async def test_a_process_that_wakes_after_another_took_over_shows_nothing_and_changes_nothing(house: House) -> None:
    anna, boris = await house.trader("Anna"), await house.trader("Boris")
    card = await anna.take_card("VPS-1")
    seen = await boris.open_secret("VPS-1")
    house.sandbox.add_fault("editMessageText", "flood", chat=anna.id, retry_after=2)
    before = len(house.sandbox.calls)
    house.sandbox.tap(anna.id, "Show secret", message_id=card.message_id)
    await house.sandbox.wait_for_call("editMessageText", after=before, chat=anna.id, timeout=PATIENCE)
    paused, second = house.bot, house.another_bot()
    await pause(house)
    house.bot = second
    await second.start(is_ready=False)
    await second.wait_for_log("stands by")
    await let_go(house)
    await second.wait_for_log("is running")
    told = await anna.sees("I was restarted while showing you the secret of")
    [handout] = await house.handouts(anna)
    assert handout.state == HandoutState.DESTROYED

    paused.process.send_signal(signal.SIGCONT)
    async with asyncio.timeout(PATIENCE):
        code = await paused.process.wait()
    assert code == 0
    await paused.kill()
    assert "another process" in paused.log or "the lock of the active bot was lost" in paused.log
    assert [row.state for row in await house.handouts(anna)] == [HandoutState.DESTROYED]
    assert not [look for look in house.sandbox.history(anna.id) if SECRET.search(look.text)]
    carried = [calls for calls in evidence.sent_secrets(house.sandbox).values() if calls[0].chat_id == anna.id]
    assert [[call.status for call in calls] for calls in carried] == [[429]], "none but the refused one"
    await boris.misses(seen.secret)
    await anna.follow("Try again", "is almost ready", told)


async def pause(house: House) -> None:
    """Freeze the bot while it holds no lock on the database: whoever is frozen with one keeps everybody out."""
    async with asyncio.timeout(PATIENCE):
        while True:
            house.bot.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.05)
            if house.database.path is None or is_free(house.database.path):
                return
            house.bot.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.05)


def is_free(path: Path) -> bool:
    """Tell whether nobody writes to a SQLite file now."""
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.execute("ROLLBACK")
        return True


async def let_go(house: House) -> None:
    """Let another process have the lock of the one that is paused, as a network that fails or a careless hand does."""
    if house.database.path is not None:
        lock = house.database.path.with_name(house.database.path.name + ".lock")
        await asyncio.to_thread(lock.unlink)
        return
    async with house.database.begin() as session:
        await session.execute(text(FREE_THE_LOCK))
