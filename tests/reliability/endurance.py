"""Days of load on a fast clock: memory stays flat, no task is left behind, no table grows for ever.

    python -m tests.reliability.endurance [--every MINUTES] [--json FILE]

The whole program in this process, on a SQLite file, with a Telegram that is an object, so that three days pass in
minutes: traders take new secrets, save them or let them run out, ask for what they have, leave questions open, search,
take tokens; devices log in and sign. All that is kept for some time is kept for a day here, and updates for two, so
after two days everything has found its size. The third is compared with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import func, select

from bot.app import WebDoor, assemble_chat, assemble_core
from bot.chat.buttons import Verb, encode
from bot.services.clients import Profile
from bot.services.handouts import take_over
from storage import migrations
from storage.database import Database
from storage.models import Base
from tests.benchmarks.memory import resident
from tests.benchmarks.report import print_table, write_json
from tests.benchmarks.servers import temporary_folder
from tests.chat import speech
from tests.chat.conftest import Door, settings_for_tests
from tests.chat.offline import OfflineTelegram
from tests.conftest import BOT_ID, SECRET_TTL
from tests.fakes import CountingHasher, FakeClock, until_so
from tests.signing import Signer

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncIterator

    from bot.app import Core

PEOPLE = 12
DAY = timedelta(days=1)
WARM_UP, MEASURED = 2 * DAY, DAY
HOST = "devices.test"
BUSY = 15.0
"""Real seconds in which everything that is due must be done."""
MOST_GROWTH = 1.1
"""Times as many rows as the day before: what is cleaned every ten minutes is not always the same."""
SLACK = 20
"""Rows that a small table may have more, for the same reason."""
MORE_MEMORY = 16 * 2**20
"""Bytes that the process may grow by in a day: what Python's allocator does not give back at once."""


@dataclass(frozen=True)
class Sample:
    """What there was at a moment."""

    rows: dict[str, int]
    tasks: int
    memory: int
    objects: int


@dataclass
class Endurance:
    """How a day began and ended, and how much was done in it."""

    before: Sample
    after: Sample
    actions: int
    faults: list[str] = field(default_factory=list)

    def judge(self) -> Endurance:
        """Note what grew."""
        for table, count in self.after.rows.items():
            if count > self.before.rows[table] * MOST_GROWTH + SLACK:
                self.faults.append(f"{table} grew from {self.before.rows[table]} rows to {count}")
        if self.after.tasks > self.before.tasks:
            self.faults.append(f"{self.after.tasks - self.before.tasks} tasks were left behind")
        if self.after.memory - self.before.memory > MORE_MEMORY:
            self.faults.append(f"memory grew by {(self.after.memory - self.before.memory) / 2**20:.1f} MiB")
        return self


class Life:
    """The program and those who use it."""

    def __init__(self, core: Core, door: Door, web: WebDoor, clock: FakeClock) -> None:
        self.core = core
        self.door = door
        self.clock = clock
        transport = httpx.ASGITransport(app=web.app, client=("127.0.0.1", 50000))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")
        self.people = [speech.person(1001 + number, f"Anna {number}") for number in range(PEOPLE)]
        self.devices: dict[int, uuid.UUID] = {}
        self.actions = 0

    async def settle_in(self) -> None:
        """Let everybody have a device."""
        for person in self.people:
            client_id = (await self.core.clients.enter(Profile(person["id"], person["first_name"]))).client_id
            device, secret = await self.core.devices.create_device(client_id, "VPS-1")
            self.devices[person["id"]] = device.id
            await self.sign(device.id, secret)

    async def live(self, time: timedelta, every: timedelta) -> None:
        """Let time pass; somebody does something every so often."""
        ends = self.clock.now() + time
        while self.clock.now() < ends:
            await self.act(self.people[self.actions % PEOPLE])
            self.actions += 1
            self.clock.advance(every)
            await self.keep_house()

    async def act(self, person: dict[str, Any]) -> None:
        """Let somebody take a new secret, use it, and do one more thing."""
        device_id = self.devices[person["id"]]
        await self.door.tap(encode(Verb.NEW_SECRET, device_id), person=person)
        await self.door.press("Stop at once", person=person)
        await self.door.press("Show secret", person=person)
        await until_so(self.is_quiet, seconds=BUSY)
        secret = self.read_secret(person["id"])
        if self.actions % 2:
            await self.door.press("I saved it", person=person)
        await until_so(self.is_quiet, seconds=BUSY)
        await self.sign(device_id, secret)
        more = ("/devices", "/register", "/id", "/token", "/revoke 00000000", "what?")
        await self.door.say(more[self.actions % len(more)], person=person)

    def read_secret(self, chat: int) -> str:
        """Return the secret in the newest message of a chat that has one."""
        buttons = [
            button["copy_text"]["text"]
            for message in self.door.telegram.screen(chat)
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if button.get("copy_text", {}).get("text", "").startswith("dsk1_")
        ]
        return str(buttons[-1])

    async def sign(self, device_id: uuid.UUID, secret: str) -> None:
        """Log a device in, and let it sign two requests."""
        self.clock.advance(timedelta(seconds=10))
        sent = {"device_id": str(device_id), "secret": secret}
        opened = (await self.http.post("/api/v1/sessions", json=sent)).raise_for_status().json()
        signer = Signer(opened["session"], opened["signing_key"], HOST)
        for _ in range(2):
            now = int(self.clock.now().timestamp() * 1000)
            headers = signer.sign("GET", "/api/v1/me", timestamp=now)
            (await self.http.get("/api/v1/me", headers=headers)).raise_for_status()

    async def keep_house(self) -> None:
        """Do what the program does every now and then, and forget what only this Telegram remembers."""
        self.clock.advance(SECRET_TTL + timedelta(seconds=1))
        await until_so(self.is_quiet, seconds=BUSY)
        program = self.door.program
        await self.core.sightings.flush()
        await self.core.gate.clean(self.core.sessions.now())
        await program.handouts.note_alive()
        await program.inbox.clean()
        await program.retention.clean()
        self.door.telegram.calls.clear()
        self.door.telegram.sent.clear()
        self.door.telegram.messages.clear()

    async def is_quiet(self) -> bool:
        """Tell whether nothing is due and nothing is under way, having looked for it."""
        program = self.door.program
        program.destroyer.wake()
        program.notifier.wake()
        await asyncio.sleep(0)
        return await program.destroyer.is_idle() and await program.notifier.is_idle()

    async def sample(self) -> Sample:
        """Count what there is."""
        rows = {}
        async with self.core.database.read() as session:
            for name, table in Base.metadata.tables.items():
                rows[name] = await session.scalar(select(func.count()).select_from(table)) or 0
        gc.collect()
        tasks = [task for task in asyncio.all_tasks() if not task.done()]
        return Sample(rows, len(tasks), resident(os.getpid()), len(gc.get_objects()))


@contextlib.asynccontextmanager
async def living(folder: Path) -> AsyncIterator[Life]:
    """Run the program with everybody in it."""
    database, clock, telegram, hasher = (
        Database(f"sqlite+aiosqlite:///{folder / 'devices.db'}"),
        FakeClock(),
        OfflineTelegram(),
        CountingHasher(),
    )
    await migrations.upgrade(database)
    settings = settings_for_tests(retention=DAY)
    core = await assemble_core(settings, database, clock=clock, hasher=hasher)
    program = assemble_chat(settings, core, await take_over(database, clock, BOT_ID))
    program.bot._request = (telegram, telegram)
    await program.application.initialize()
    tasks = [asyncio.create_task(program.destroyer.run()), asyncio.create_task(program.notifier.run())]
    life = Life(core, Door(program, telegram, database), WebDoor(settings, core, has_bot=False), clock)
    try:
        await life.settle_in()
        yield life
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await life.http.aclose()
        await program.application.shutdown()
        await core.close()
        await database.dispose()


async def measure(folder: Path, every: timedelta) -> Endurance:
    """Live for two days, then for the one that counts."""
    async with living(folder) as life:
        await life.live(WARM_UP, every)
        before, done = await life.sample(), life.actions
        await life.live(MEASURED, every)
        return Endurance(before, await life.sample(), life.actions - done).judge()


def describe(found: Endurance) -> list[tuple[object, ...]]:
    """Return what there was before the day that counts, and after it."""
    rows: list[tuple[object, ...]] = [("new secrets, logins and so on", "", found.actions)]
    rows.append(("memory, MiB", f"{found.before.memory / 2**20:.0f}", f"{found.after.memory / 2**20:.0f}"))
    rows.append(("tasks", found.before.tasks, found.after.tasks))
    rows.append(("Python's objects", found.before.objects, found.after.objects))
    rows += [(f"rows of {name}", count, found.after.rows[name]) for name, count in sorted(found.before.rows.items())]
    rows.append(("**violations**", "", len(found.faults)))
    return rows


async def main(every: timedelta = timedelta(minutes=5), json_path: str | None = None) -> bool:
    """Measure, print, and tell whether nothing grew."""
    with temporary_folder() as folder:
        found = await measure(Path(folder), every)
    counts = [(name, count, found.after.rows[name]) for name, count in sorted(found.before.rows.items())]
    print_table(f"24 hours, {found.actions} new secrets", ("table", "rows before", "rows after"), counts)
    print_table(
        "Process",
        ("", "before", "after"),
        [
            ("tasks", found.before.tasks, found.after.tasks),
            ("memory, MiB", f"{found.before.memory / 2**20:.1f}", f"{found.after.memory / 2**20:.1f}"),
            ("objects", found.before.objects, found.after.objects),
        ],
    )
    print_table("Faults", ("",), [(fault,) for fault in found.faults] or [("none",)])
    samples = {"before": vars(found.before), "after": vars(found.after)}
    write_json(json_path, {"actions": found.actions, "faults": found.faults, **samples})
    return not found.faults


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Days of load on a fast clock.")
    parser.add_argument("--every", type=float, default=5.0, help="minutes between two new secrets")
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    options = _parse()
    sys.exit(0 if asyncio.run(main(timedelta(minutes=options.every), options.json)) else 1)
