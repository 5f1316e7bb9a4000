"""Whichever writes fail: nobody is left without a word, nothing is lost or done twice, no secret stays on a screen.

And everything goes on by itself afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.chat import destroyer as destroying
from bot.chat import notifier as notifying
from bot.chat import screens
from bot.services.errors import InvalidCredentials
from storage.models import Device, Handout, HandoutState
from tests import rows
from tests.chat import speech
from tests.chat.faults import records_away
from tests.chat.speech import ANNA
from tests.conftest import POSTGRESQL, SECRET_TTL, SQLITE
from tests.fakes import FakeClock, until, until_so

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy import Connection

    from storage.database import Database
    from tests.chat.conftest import Door

SECRET = re.compile(r"dsk1_[0-9A-Za-z]{59}")
CHAT = ANNA["id"]
ALL_WRITES = range(1, 23)
"""The story writes so often, at most; a number past the last failing write changes nothing."""
OUTAGE = 3
"""Writes in a row that fail: more than one, so that what is tried again at once fails again."""


class ReadOnly:
    """Makes some of the writing transactions read-only, and counts them all. The refusals are the database's own."""

    def __init__(self, failing: range) -> None:
        self.failing = failing
        self.begun = 0

    def begin(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", True):
            return
        self.begun += 1
        if self.begun in self.failing:
            is_sqlite = connection.dialect.name == SQLITE
            connection.exec_driver_sql("PRAGMA query_only = ON" if is_sqlite else "SET TRANSACTION READ ONLY")

    def end(self, connection: Connection) -> None:
        if connection.dialect.name == SQLITE and connection.get_execution_options().get("writes", True):
            connection.exec_driver_sql("PRAGMA query_only = OFF")


@contextlib.contextmanager
def read_only(database: Database, failing: range) -> Iterator[ReadOnly]:
    trouble = ReadOnly(failing)
    listeners: list[tuple[str, Callable[..., Any]]] = [
        ("begin", trouble.begin),
        ("rollback", trouble.end),
        ("commit", trouble.end),
    ]
    for name, listener in listeners:
        event.listen(database.engine.sync_engine, name, listener)
    yield trouble
    for name, listener in listeners:
        event.remove(database.engine.sync_engine, name, listener)


class Story:
    """Anna registers a device, sees its secret and saves it; she repeats what she is told failed."""

    def __init__(self, door: Door, clock: FakeClock) -> None:
        self.door = door
        self.clock = clock
        self.seen: set[str] = set()

    async def deliver(self, update: dict[str, Any]) -> None:
        """Deliver until it is kept, as Telegram does; then wait until it is dealt with, and something was said."""
        before = len(self.door.telegram.calls)
        while True:
            try:
                await self.door.receive(update)
            except DBAPIError:
                # the poll tells what is wrong, and asks again
                continue
            break
        assert len(self.door.telegram.calls) > before, "nobody said a word"

    async def say_until(self, text: str, words: str) -> None:
        async with asyncio.timeout(20):
            while not self.shows(words):
                await self.deliver(speech.message(text))

    async def press_until(self, label: str, done: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not done():
                with contextlib.suppress(LookupError, StopIteration, AssertionError):
                    on, data = self.door.telegram.find_button(CHAT, label)
                    await self.deliver(speech.tap(data, on=on))
                await asyncio.sleep(0.01)
                self.note_secret()

    def shows(self, words: str) -> bool:
        return any(words in text for text in self.door.telegram.texts(CHAT))

    def note_secret(self) -> bool:
        found = set(SECRET.findall("\n".join(self.door.telegram.texts(CHAT))))
        self.seen |= found
        return bool(found)

    async def tell(self) -> None:
        await self.say_until("/register VPS-1", "is almost ready")
        await self.press_until("Show secret", self.note_secret)
        await self.press_until("I saved it", lambda: not self.note_secret())

    async def settle(self) -> None:
        """Let everything that is due be done."""
        program = self.door.program

        async def is_settled() -> bool:
            self.clock.advance(timedelta(seconds=7))
            program.destroyer.wake()
            program.notifier.wake()
            is_idle = await program.destroyer.is_idle() and await program.notifier.is_idle()
            return is_idle and not await list_unfinished(self.door.database)

        self.clock.advance(SECRET_TTL + timedelta(hours=2))
        await until_so(is_settled, seconds=20)


async def list_unfinished(database: Database) -> list[str]:
    """Return the states of secret messages about which something is still to be done."""
    async with database.read() as session:
        return list(await session.scalars(select(Handout.state).where(Handout.next_attempt_at.is_not(None))))


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def backend(request: pytest.FixtureRequest) -> str:
    """Each refuses a write in its own way."""
    return str(request.param)


@pytest.fixture
async def story(door: Door, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Story]:
    """Anna's story, with the destroyer and the notifier at work."""
    for module in (destroying, notifying):
        monkeypatch.setattr(module, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(destroying, "SHOW_PAUSES", (0.01, 0.02))
    tasks = [asyncio.create_task(door.program.destroyer.run()), asyncio.create_task(door.program.notifier.run())]
    await door.say("/start")
    yield Story(door, clock)
    await door.program.destroyer.finish(1)
    await door.program.notifier.finish(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("first", ALL_WRITES)
async def test_whichever_writes_fail_nothing_is_lost_and_nothing_stays(story: Story, first: int) -> None:
    door = story.door
    with read_only(door.database, range(first, first + OUTAGE)) as trouble:
        await story.tell()
        await story.settle()
    assert trouble.begun >= OUTAGE
    assert not SECRET.search("\n".join(door.telegram.texts(CHAT)))
    assert await door.unhandled() == []
    anna = await door.enter()
    found = await rows.list_devices(door.database, anna.client_id)
    assert all(device.live_at is not None for device in found), "nothing half-registered remains"
    assert len(found) <= 1
    working = [secret for secret in story.seen if await works(door, found, secret)]
    assert len(working) == len(found), "what was registered can be used by whoever saw its secret"
    async with door.database.read() as session:
        states = set(await session.scalars(select(Handout.state)))
    assert states <= {HandoutState.DESTROYED, HandoutState.CANCELLED, HandoutState.EXPIRED}


async def works(door: Door, found: list[Device], secret: str) -> bool:
    for device in found:
        with contextlib.suppress(InvalidCredentials):
            await door.services.devices.authenticate_device(device.id, secret)
            return True
    return False


@pytest.mark.parametrize("backend", [SQLITE])
async def test_a_secret_goes_in_time_although_the_records_are_away_and_its_receipt_says_so(
    story: Story, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens, "LOOK_EVERY", 0.01)
    await story.say_until("/register VPS-1", "is almost ready")
    await story.press_until("Show secret", story.note_secret)
    await until(lambda: not story.door.program.destroyer._showings)
    with records_away(story.door.database):
        clock.advance(SECRET_TTL + timedelta(seconds=1.5))
        await until(lambda: not story.note_secret(), seconds=5)
        clock.advance(timedelta(minutes=5))
        await asyncio.sleep(0.1)
    await story.settle()
    [receipt] = [text for text in story.door.telegram.texts(CHAT) if "is registered" in text]
    assert "removed after 62 seconds" in receipt


@pytest.mark.parametrize("backend", [SQLITE])
async def test_who_waits_for_the_records_is_told_once_and_answered_later(door: Door) -> None:
    tap, said = speech.tap("m::", on=1000), speech.message("/id")
    with records_away(door.database, "INSERT INTO inbox"):
        for _ in range(3):
            with pytest.raises(OperationalError):
                await door.receiver.accept([tap, said])
        await asyncio.sleep(0.05)
        told = [call for call in door.telegram.calls if "nothing is lost" in str(call.parameters)]
        assert sorted(call.method for call in told) == ["answerCallbackQuery", "sendMessage"]
    await door.receive(tap, said)
    assert any("Your Telegram ID" in text for text in door.telegram.texts(CHAT))
