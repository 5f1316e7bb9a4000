"""A pretend Telegram, the real bot as a process of its own, and people who talk to it.

Most tests share them: each brings people of its own, so that none sees what another did. At the end the evidence about
all secrets is looked through.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest_asyncio
from sqlalchemy import select

from bot.sandbox import Sandbox, Timings
from bot.services.admins import Admins
from bot.services.clients import ClientService, Profile
from bot.services.clock import Clock
from bot.services.devices import DeviceService
from bot.services.handouts import CARD_LIFE, MISSING_TWICE
from bot.services.hashing import Hasher, Tagger
from bot.services.keys import Keyring
from storage.database import Database
from storage.models import Device, Handout, HandoutState
from tests.conftest import SQLITE, run_apart, sqlite_url
from tests.fakes import CHEAP
from tests.journeys import evidence
from tests.journeys.people import PATIENCE, Trader
from tests.journeys.running import ADMIN, SERVER_KEY, RunningBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from pathlib import Path

    import pytest

    from tests.servers import Postgres

MOMENTS = ("expires_at", "armed_at", "shown_at", "destroy_at", "missing_at", "next_attempt_at")
"""The columns of a secret message that say when something was or is to be."""


@dataclass
class House:
    """All that a journey needs: Telegram, the bot, people, and the bot's records seen through a door of the test's."""

    sandbox: Sandbox
    bot: RunningBot
    database: Database
    devices: DeviceService
    clients: ClientService
    olga: Trader
    url: str
    folder: Path
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))

    def newcomer(self, name: str = "Anna", language_code: str | None = None) -> Trader:
        """Let somebody new come to Telegram, whose app has a language."""
        person = self.sandbox.add_person(next(self._ids), name, language_code=language_code)
        return Trader(self.sandbox, person, name)

    async def trader(self, name: str = "Anna", *, devices: int = 0) -> Trader:
        """Return somebody who has started the bot, and who has some devices: D-1, D-2 and so on."""
        trader = self.newcomer(name)
        await trader.ask("/start", "Welcome")
        if devices:
            client_id = (await self.clients.enter(Profile(trader.id, name))).client_id
            for number in range(1, devices + 1):
                await self.devices.create_device(client_id, f"D-{number}")
        return trader

    async def owned(self, trader: Trader) -> list[Device]:
        """Return a person's devices."""
        person = await self.clients.enter(Profile(trader.id, trader.name))
        return await self.devices.list_devices(person.client_id)

    async def rows(self, trader: Trader) -> list[Device]:
        """Return all rows of a person's devices, reserved ones too."""
        person = await self.clients.enter(Profile(trader.id, trader.name))
        async with self.database.read() as session:
            return list(await session.scalars(select(Device).where(Device.client_id == person.client_id)))

    async def handouts(self, trader: Trader) -> list[Handout]:
        """Return what is kept of a person's secret messages, oldest first."""
        async with self.database.read() as session:
            query = select(Handout).where(Handout.chat_id == trader.id).order_by(Handout.created_at)
            return list(await session.scalars(query))

    async def until(self, trader: Trader, condition: Callable[[Handout], bool]) -> Handout:
        """Wait until a person's newest secret message is as it should be, and return what is kept of it."""
        async with asyncio.timeout(PATIENCE):
            while not condition(newest := (await self.handouts(trader))[-1]):  # noqa: ASYNC110 - see below
                # the bot tells nobody what it writes into its database
                await asyncio.sleep(0.02)
        return newest

    async def until_state(self, trader: Trader, *states: str) -> Handout:
        """Wait until a person's newest secret message is in one of the states."""
        return await self.until(trader, lambda handout: handout.state in states)

    async def pass_time(self, trader: Trader, *states: str, time: timedelta) -> None:
        """Let a person's secret messages in one of the states be so much older, as if the time had passed."""
        await self._move(trader, states, MOMENTS, -time)

    async def put_off(self, trader: Trader, time: timedelta) -> None:
        """Let the secret on a person's screen stay so much longer; when it was shown stays as it is."""
        await self._move(trader, (HandoutState.SHOWN,), ("destroy_at", "next_attempt_at"), time)

    async def _move(self, trader: Trader, states: Iterable[str], moments: Iterable[str], time: timedelta) -> None:
        async with self.database.begin() as session:
            query = select(Handout).where(Handout.chat_id == trader.id, Handout.state.in_(states)).with_for_update()
            found = list(await session.scalars(query))
            assert found
            for handout, name in itertools.product(found, moments):
                if (moment := getattr(handout, name)) is not None:
                    setattr(handout, name, moment + time)

    async def leave_time(self, trader: Trader, left: timedelta) -> timedelta:
        """Let the secret on a person's screen have so much of its time left; return how much longer it stays."""
        shown = await self.until_state(trader, HandoutState.SHOWN)
        assert shown.destroy_at is not None
        longer = datetime.now(UTC) + left - shown.destroy_at
        if longer > timedelta(0):
            await self.put_off(trader, longer)
        else:
            await self.pass_time(trader, HandoutState.SHOWN, time=-longer)
        return longer

    async def let_cards_expire(self, trader: Trader) -> None:
        """Let the hour of a person's cards be over."""
        await trader.fence()
        await self.pass_time(trader, HandoutState.OFFERED, time=CARD_LIFE)

    async def believe_missing(self, trader: Trader) -> None:
        """Let the seconds pass after which Telegram is believed that it knows no such message."""
        await self.until(trader, lambda handout: handout.missing_at is not None)
        await self.pass_time(trader, HandoutState.DESTROYING, time=MISSING_TWICE)

    async def call(self, method: str, parameters: dict[str, Any]) -> int:
        """Call the Bot API in the bot's place, and return the status."""
        address = f"{self.sandbox.url}/bot{self.sandbox.token}/{method}"
        async with aiohttp.ClientSession() as session, session.post(address, json=parameters) as answer:
            return answer.status

    def another_bot(self) -> RunningBot:
        """Return a second bot with the same token on the same database, not started."""
        return RunningBot(self.sandbox, self.url, self.folder)


class Houses:
    """Bots that the tests share, one a database, each begun when it is first asked for."""

    def __init__(self, request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> None:
        self._request = request
        self._folders = folders
        self._open: dict[str, House] = {}
        self._stack = AsyncExitStack()

    async def get(self, kind: str) -> House:
        """Return the house on a kind of database."""
        if kind not in self._open:
            self._open[kind] = await self._stack.enter_async_context(self.build(kind))
        return self._open[kind]

    @asynccontextmanager
    async def build(self, kind: str) -> AsyncIterator[House]:
        """Build a house that nobody else has."""
        folder = self._folders.mktemp("bot")
        with fresh_database(kind, folder, self._request) as url:
            async with running_house(url, folder) as house:
                yield house

    async def close(self) -> None:
        """Stop all bots, and look through the evidence."""
        await self._stack.aclose()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def houses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Houses]:
    """The bots that run."""
    houses = Houses(request, tmp_path_factory)
    yield houses
    await houses.close()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def house(houses: Houses) -> House:
    """The bot that most tests share."""
    return await houses.get(SQLITE)


@contextmanager
def fresh_database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Make a database with the tables and nothing in them."""
    if kind == SQLITE:
        path = folder / "devices.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield sqlite_url(path)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = run_apart(postgres.take_migrated())
    yield url
    run_apart(postgres.give_back(url))


@asynccontextmanager
async def running_house(url: str, folder: Path, **settings: str) -> AsyncIterator[House]:
    """Run a bot against a sandbox of its own; at the end look through the evidence."""
    async with Sandbox() as sandbox:
        sandbox.world.timings = Timings(conflict=0.1)
        sandbox.add_person(ADMIN, "Olga")
        bot, database, hasher, clock = (
            RunningBot(sandbox, url, folder, **settings),
            Database(url),
            Hasher(**CHEAP),
            Clock(),
        )
        devices = DeviceService(database, hasher, Tagger(Keyring([SERVER_KEY.encode()])), clock)
        clients = ClientService(database, clock, admins=Admins([ADMIN]))
        house = House(sandbox, bot, database, devices, clients, Trader(sandbox, ADMIN, "Olga"), url, folder)
        try:
            await bot.start()
            await house.olga.ask("/start", "Welcome")
            yield house
            await _look_through(house)
        finally:
            if bot.is_running:
                await bot.kill()
            hasher.close()
            await database.dispose()


async def _look_through(house: House) -> None:
    evidence.check_places(house.sandbox)
    evidence.check_polling(house.sandbox)
    await evidence.check_rest(house.sandbox, house.database, house.bot.log)
    code, _ = await house.bot.stop()
    assert code == 0
    await evidence.check_rest(house.sandbox, house.database, house.bot.log)
    assert "Traceback" not in house.bot.log
