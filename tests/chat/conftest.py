"""The whole Telegram door over a real SQLite file, with nothing but an object where Telegram is."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy import event

from bot.app import Program, assemble_chat, assemble_core
from bot.services.clients import Profile
from bot.services.handouts import take_over
from bot.settings import Settings
from tests.chat import speech
from tests.chat.offline import TOKEN, Call, OfflineTelegram, methods
from tests.conftest import ADMIN_ID, BOT_ID, SECRET_TTL, SERVER_KEY, SQLITE
from tests.fakes import CountingHasher, FakeClock, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.services.clients import Person
    from bot.services.clock import Clock
    from bot.services.inbox import Received
    from storage.database import Database
    from tests.chat.speech import JSON

IDLE = 15.0
"""Real seconds in which everything in hand must be finished."""


@pytest.fixture
def backend() -> str:
    """The door is the same on both databases: what differs is tested below it."""
    return SQLITE


class Door:
    """The bot, and people who talk to it."""

    def __init__(self, program: Program, telegram: OfflineTelegram, database: Database) -> None:
        self.program = program
        self.telegram = telegram
        self.database = database
        self.receiver = program.receiver
        self.services = program.receiver._services

    async def receive(self, *updates: JSON) -> None:
        """Let updates come in as one batch, and wait until they are dealt with."""
        await self.receiver.accept(list(updates))
        await self.idle()

    async def idle(self) -> None:
        """Wait until no update is in hand."""
        async with asyncio.timeout(IDLE):
            while self.receiver._workers:
                await asyncio.wait(set(self.receiver._workers))

    async def say(self, text: str | None = None, *, person: JSON = speech.ANNA, **more: Any) -> list[Call]:
        """Let somebody say something; return the calls that answered it."""
        return await self._watched(speech.message(text, person=person, **more))

    async def tap(self, data: str, *, on: int = 1000, person: JSON = speech.ANNA, **more: Any) -> list[Call]:
        """Let somebody tap a button that says `data`; return the calls that answered it."""
        return await self._watched(speech.tap(data, on=on, person=person, **more))

    async def press(self, label: str, *, person: JSON = speech.ANNA) -> list[Call]:
        """Let somebody press the newest button with these words; return the calls that answered it."""
        on, data = self.telegram.find_button(person["id"], label)
        return await self.tap(data, on=on, person=person)

    async def enter(self, person: JSON = speech.ANNA) -> Person:
        """Return a person whom the bot knows from now on."""
        profile = Profile(person["id"], person["first_name"], person.get("username"), person.get("language_code"))
        return await self.services.clients.enter(profile)

    async def unhandled(self) -> list[Received]:
        """Return what the inbox still has to do."""
        return await self.program.inbox.list_unhandled()

    async def _watched(self, update: JSON) -> list[Call]:
        before = len(self.telegram.calls)
        await self.receive(update)
        return self.telegram.calls[before:]


@pytest.fixture
async def telegram() -> AsyncIterator[OfflineTelegram]:
    """Telegram's place, taken by an object."""
    telegram = OfflineTelegram()
    yield telegram
    assert not telegram.unexpected, "the bot called methods that nobody expected"


def settings_for_tests(**changes: Any) -> Settings:
    """Return settings that depend on no environment."""
    values: dict[str, Any] = {
        "bot_token": SecretStr(TOKEN),
        "admin_ids": (ADMIN_ID,),
        "secret_ttl": SECRET_TTL,
        "server_key": SecretStr(SERVER_KEY.decode().ljust(32, "!")),
        "telegram_api_url": "http://127.0.0.1:9",
    }
    return Settings(**(values | changes), _env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own argument


def _forgo_power_failures(connection: Any, _record: object) -> None:
    """Let SQLite not wait for the disk: nothing here pulls the plug."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()


@pytest.fixture
async def build_door(
    database_url: str, open_database: Callable[[str], Database], hasher: CountingHasher, telegram: OfflineTelegram
) -> AsyncIterator[Callable[..., Awaitable[Door]]]:
    """A way to start the bot, as often as it takes, on the same database: with its own clock, or settings."""
    async with contextlib.AsyncExitStack() as stack:

        async def build(clock: Clock | None = None, **changes: Any) -> Door:
            database = open_database(database_url)
            if database.path is not None:
                event.listen(database.engine.sync_engine, "connect", _forgo_power_failures)
            clock = clock or FakeClock()
            active = await take_over(database, clock, BOT_ID)
            settings = settings_for_tests(**changes)
            core = await assemble_core(settings, database, clock=clock, hasher=hasher)
            stack.push_async_callback(core.gate.close)
            program = assemble_chat(settings, core, active)
            # the one thing that is not the program's own: where its calls go
            program.bot._request = (telegram, telegram)
            await program.application.initialize()
            stack.push_async_callback(program.application.shutdown)
            return Door(program, telegram, database)

        yield build


@pytest.fixture
async def door(build_door: Callable[..., Awaitable[Door]], clock: FakeClock) -> Door:
    """The bot, running, its time standing still."""
    return await build_door(clock)


__all__ = ["Door", "methods", "settings_for_tests", "until"]
