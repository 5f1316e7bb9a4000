"""Two bots and three HTTP doors on one PostgreSQL: started, killed and started again."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.sandbox import Sandbox, Timings
from bot.services.admins import Admins
from bot.services.clients import ClientService
from bot.services.clock import Clock
from bot.services.devices import DeviceService
from bot.services.hashing import Hasher, Tagger
from bot.services.keys import Keyring
from storage.database import Database
from tests.fakes import CHEAP
from tests.journeys.people import Trader
from tests.journeys.running import ADMIN, PATIENCE, SERVER_KEY, RunningBot
from tests.reliability.stage import Stage

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncIterator
    from pathlib import Path

API = (sys.executable, "-m", "bot", "api")
ADDRESS = re.compile(r"answering HTTP at (\S+) port (\d+)")
DOORS, BOTS = 3, 2
STANDS_BY = "this one stands by"


class Member(RunningBot):
    """One process over its lives."""

    async def start_anew(self, words: str) -> None:
        """Start, and wait until the process says that it is where it should be."""
        said = self.log.count(words)
        await self.start(is_ready=False)
        async with asyncio.timeout(PATIENCE):
            while self.log.count(words) == said:  # noqa: ASYNC110 - the log rings for others
                await asyncio.sleep(0.02)

    @property
    def host(self) -> str:
        """Return where the present life answers HTTP, as a Host header says it."""
        address, port = ADDRESS.findall(self.log)[-1]
        return f"{address}:{port}"


class Fleet:
    """All processes. `revivals` are the moments at which a bot took over after a kill."""

    def __init__(self, stage: Stage, active: Member, standby: Member, doors: list[Member]) -> None:
        self.stage = stage
        self.active = active
        self.standby = standby
        self.doors = doors
        self.revivals: list[float] = []
        self.kills = 0

    @property
    def members(self) -> list[Member]:
        """Return all processes."""
        return [self.active, self.standby, *self.doors]

    @property
    def hosts(self) -> list[str]:
        """Return where the doors are that stand, each in a life of its own."""
        return [door.host for door in self.doors if door.is_running]

    async def start(self) -> None:
        """Start everybody."""
        await self.active.start()
        starting = [self.standby.start_anew(STANDS_BY), *(door.start_anew("answering HTTP") for door in self.doors)]
        await asyncio.gather(*starting)

    async def kill_active(self) -> None:
        """Kill the active bot; the standby takes over, and the killed one stands by from then on."""
        before = len(self.stage.sandbox.calls)
        await self.active.kill()
        self.kills += 1
        call = await self.stage.sandbox.wait_for_call("getMe", after=before, timeout=PATIENCE)
        self.revivals.append(call.at.real)
        self.active, self.standby = self.standby, self.active
        await self.standby.start_anew(STANDS_BY)

    async def kill_standby(self) -> None:
        """Kill the standby, and start it again."""
        await self.standby.kill()
        self.kills += 1
        await self.standby.start_anew(STANDS_BY)

    async def kill_door(self, dice: random.Random) -> None:
        """Kill one of the doors, and start it again."""
        door = dice.choice(self.doors)
        await door.kill()
        self.kills += 1
        await door.start_anew("answering HTTP")

    async def end(self) -> None:
        """Let nobody run on."""
        for member in self.members:
            if member.is_running:
                await member.kill()


@asynccontextmanager
async def running_fleet(url: str, folder: Path) -> AsyncIterator[Fleet]:
    """Run two bots and three doors on a database with the tables, against a sandbox of their own."""
    async with Sandbox() as sandbox:
        sandbox.world.timings = Timings(conflict=0.1)
        sandbox.add_person(ADMIN, "Olga")
        database, hasher, clock = Database(url), Hasher(**CHEAP), Clock()
        devices = DeviceService(database, hasher, Tagger(Keyring([SERVER_KEY.encode()])), clock)
        clients = ClientService(database, clock, admins=Admins([ADMIN]))
        active, standby = (Member(sandbox, url, folder, LOG_LEVEL="INFO") for _ in range(BOTS))
        doors = [Member(sandbox, url, folder, command=API, LOG_LEVEL="INFO") for _ in range(DOORS)]
        stage = Stage(sandbox, active, database, devices, clients, Trader(sandbox, ADMIN, "Olga"), url, folder)
        fleet = Fleet(stage, active, standby, doors)
        try:
            await fleet.start()
            yield fleet
        finally:
            await fleet.end()
            hasher.close()
            await database.dispose()
