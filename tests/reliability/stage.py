"""A pretend Telegram, a bot that can be killed at any step, its records, and people: what every attack is made on."""

from __future__ import annotations

import asyncio
import mmap
import socket
import sys
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from bot.sandbox import Sandbox, Timings
from bot.services.admins import Admins
from bot.services.clients import ClientService, Profile
from bot.services.clock import Clock
from bot.services.devices import DeviceService
from bot.services.hashing import Hasher, Tagger
from bot.services.keys import Keyring
from storage.database import Database
from storage.models import Handout, HandoutState, InboxUpdate, Notice
from tests.conftest import POSTGRESQL, SQLITE, sqlite_url
from tests.fakes import CHEAP
from tests.journeys.conftest import House
from tests.journeys.people import Trader
from tests.journeys.running import ADMIN, SERVER_KEY, environment
from tests.reliability import probe
from tests.reliability.lives import MortalBot, Nursery, open_nursery
from tests.reliability.steps import Steps, listening, watch_calls
from tests.servers import Postgres, bring_server

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncIterator, Mapping

PATIENCE = 60.0
SOON = timedelta(minutes=2)
"""What is to be done within this time is waited for; what is to be done later, such as an expiry, is not pending."""
BUSY = (HandoutState.OFFERING, HandoutState.ARMED, HandoutState.DESTROYING)
"""What the bot is about to do something with."""
__all__ = ["POSTGRESQL", "SQLITE", "Stage", "open_stage"]


@dataclass
class Stage(House):
    """A house whose bot can be killed at any step."""

    steps: Steps = field(default_factory=Steps)
    shift: mmap.mmap | None = None
    ahead: float = 0.0
    """Seconds by which the bot's clock is ahead of Telegram's."""
    port: int = 0

    @property
    def mortal(self) -> MortalBot:
        """Return the bot."""
        assert isinstance(self.bot, MortalBot)
        return self.bot

    async def revive(self) -> None:
        """Start the bot again after its death; what was to be carried out late is carried out now."""
        await self.bot.start()
        self.steps.revived.set()

    def set_clock(self, seconds: float) -> None:
        """Let the machine's clock be wrong by so much, as the bot sees it."""
        assert self.shift is not None
        self.shift[:] = probe.SECONDS.pack(seconds)

    def forget(self) -> None:
        """Forget what was called and sent, now that nothing is under way: to look through it takes longer each time."""
        world = self.sandbox.world
        world.calls.clear()
        world.finished.clear()
        world.queries.clear()
        world.updates._all = {update.number: update for update in world.updates.waiting()}

    async def devices_of(self, trader: Trader) -> uuid.UUID:
        """Return the client whose devices are a person's."""
        return (await self.clients.enter(Profile(trader.id, trader.name))).client_id

    async def until_quiet(self, *people: int) -> None:
        """Wait until the bot has nothing to do any more for these people, or for anybody."""
        async with asyncio.timeout(PATIENCE):
            while self.sandbox.world.updates.waiting() or await self.count_pending(*people):  # noqa: ASYNC110 - see House
                await asyncio.sleep(0.02)

    async def count_pending(self, *people: int) -> int:
        """Count what the records say the bot has yet to do for them."""
        # a person who cannot be reached is tried again in an hour: that is not pending
        soon = datetime.fromtimestamp(self.sandbox.world.clock.now() + self.ahead, UTC) + SOON
        wanted = [
            select(func.count()).where(InboxUpdate.handled_at.is_(None), _one_of(InboxUpdate.person, people)),
            select(func.count()).where(
                Handout.state.in_(BUSY), _one_of(Handout.chat_id, people), Handout.next_attempt_at <= soon
            ),
            select(func.count()).where(Notice.next_attempt_at <= soon, _one_of(Notice.telegram_id, people)),
        ]
        async with self.database.read() as session:
            return sum([await session.scalar(query) or 0 for query in wanted])


def _one_of(column: Any, people: tuple[int, ...]) -> Any:
    return or_(*[column == person for person in people]) if people else column.is_not(None)


@asynccontextmanager
async def open_stage(
    kind: str,
    settings: Mapping[str, str] | None = None,
    *,
    nursery: Nursery | None = None,
    webhook: bool = False,
    speed: float = 1.0,
) -> AsyncIterator[Stage]:
    """Build everything on one kind of database, and start the bot; at the end it is killed."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="registry-")))
        url = await stack.enter_async_context(_database(kind, folder))
        born = await stack.enter_async_context(open_nursery()) if nursery is None else nursery
        sandbox = await stack.enter_async_context(Sandbox(speed=speed))
        yield await stack.enter_async_context(_stage(born, sandbox, url, folder, settings or {}, webhook=webhook))


@asynccontextmanager
async def _stage(
    nursery: Nursery, sandbox: Sandbox, url: str, folder: Path, settings: Mapping[str, str], *, webhook: bool
) -> AsyncIterator[Stage]:
    steps, socket_path, shift = Steps(), folder / "steps", folder / "shift"
    sandbox.world.timings = Timings(conflict=0.1, repeated_poll=0.2, set_webhook=0.01, webhook_retry=0.02)
    sandbox.add_person(ADMIN, "Olga")
    watch_calls(sandbox, steps)
    shift.write_bytes(probe.SECONDS.pack(0.0))
    port = _free_port()
    own = {probe.STEPS: str(socket_path), probe.SHIFT: str(shift), "LOG_LEVEL": "INFO", "DEVICE_LIMIT": "4"}
    if webhook:
        own |= {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
    if sandbox.world.clock.speed != 1.0:
        own |= {"CLOCK_SPEED": f"{sandbox.world.clock.speed:g}", "CLOCK_ORIGIN": repr(sandbox.world.clock.origin)}
    bot = MortalBot(nursery, sandbox, url, folder, **own | {"PORT": str(port)} | dict(settings))
    database, hasher = Database(url), Hasher(**CHEAP)
    clock = Clock(sandbox.world.clock.speed, sandbox.world.clock.origin)
    tagger = Tagger(Keyring([SERVER_KEY.encode()]))
    devices = DeviceService(database, hasher, tagger, clock, device_limit=4)
    clients = ClientService(database, clock, admins=Admins([ADMIN]))
    olga = Trader(sandbox, ADMIN, "Olga")
    async with listening(socket_path, steps):
        with shift.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
            stage = Stage(
                sandbox, bot, database, devices, clients, olga, url, folder, steps=steps, shift=shared, port=port
            )
            try:
                await bot.start()
                await olga.ask("/start", "Welcome")
                yield stage
            finally:
                if bot.is_running:
                    await bot.kill()
                hasher.close()
                await database.dispose()


@asynccontextmanager
async def _database(kind: str, folder: Path) -> AsyncIterator[str]:
    """Make a database with nothing in it; on SQLite the bot makes its own tables."""
    if kind == SQLITE:
        yield sqlite_url(folder / "devices.db")
        return
    with bring_server() as server_url:
        server = Postgres(server_url, is_ours=True)
        await server.prepare()
        url = await server.create_empty()
        await _migrate(url, folder)
        yield url


async def _migrate(url: str, folder: Path) -> None:
    """Make the tables, in a process of its own: Alembic makes those of one database at a time."""
    settings = environment(BOT_TOKEN="1:x", DATABASE_URL=url, SERVER_KEY=SERVER_KEY)
    command = (sys.executable, "-m", "bot", "migrate")
    migrating = await asyncio.create_subprocess_exec(*command, cwd=folder, env=settings)
    assert await migrating.wait() == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
