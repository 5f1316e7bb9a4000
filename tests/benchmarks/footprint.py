"""What the program needs: time to start, and memory, idle and with requests piling up.

    python -m tests.benchmarks.footprint [--starts 3] [--json FILE]

It is ready when /readyz says so, with nobody writing to the bot: that is how it starts at night. The backlog is made by
signed requests that come at 10,000 a second, more than one process answers, on a thousand connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bot.sandbox import Sandbox
from storage import migrations
from storage.database import Database
from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import WITHIN, Row
from tests.benchmarks.load import send_apart
from tests.benchmarks.memory import resident
from tests.benchmarks.servers import LISTENING, running_registry, temporary_folder
from tests.benchmarks.signed_requests import ME, YOUNG
from tests.journeys.running import RunningBot
from tests.signing import milliseconds

if TYPE_CHECKING:
    from tests.benchmarks.servers import Registry

PATIENCE = 45.0
SETTLED = 2.0
"""Seconds after its start in which an idle program takes what memory it takes."""
LATEST, MOST_MEMORY = 2.0, 150.0
BACKLOG_RATE, BACKLOG_CONNECTIONS = 10_000, 1000
LOOK_EVERY = 0.05
MEGABYTE = 1e6


@dataclass(frozen=True)
class Start:
    """One start of the program: seconds until it first polled and until it was ready, and the memory it then had."""

    polled: float
    ready: float
    memory: float


async def time_start(bot: RunningBot, sandbox: Sandbox) -> Start:
    """Start the program as an operator does, and stop it."""
    before = len(sandbox.calls)

    def find_poll() -> bool | None:
        return True if any(call.method.lower() == "getupdates" for call in sandbox.calls[before:]) else None

    logged, began = len(bot.log), time.perf_counter()
    await bot.start(is_ready=False)
    if not await sandbox.world.journal.until(find_poll, PATIENCE):
        raise SystemExit(f"the bot never polled:\n{bot.log}")
    polled = time.perf_counter() - began
    await _until_ready(bot, logged)
    ready = time.perf_counter() - began
    await asyncio.sleep(SETTLED)
    memory = resident(bot.process.pid) / MEGABYTE
    await bot.stop()
    return Start(polled, ready, memory)


async def _until_ready(bot: RunningBot, logged: int) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as client:
        while True:
            listening = LISTENING.search(bot.log, logged)
            if listening is not None:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{listening[1]}/readyz")).is_success:
                        return
            await asyncio.sleep(LOOK_EVERY / 5)


async def measure_starts(starts: int) -> list[Start]:
    """Start the program some times on an empty SQLite."""
    with temporary_folder() as name:
        url = f"sqlite+aiosqlite:///{Path(name) / 'devices.db'}"
        database = Database(url)
        await migrations.upgrade(database)
        await database.dispose()
        async with Sandbox() as sandbox:
            bot = RunningBot(sandbox, url, Path(name), LOG_LEVEL="INFO")
            return [await time_start(bot, sandbox) for _ in range(starts)]


async def measure_backlog(seconds: float) -> tuple[float, float]:
    """Return the megabytes of the program before requests pile up, and the most of them meanwhile."""
    with temporary_folder() as name:
        async with running_registry(f"sqlite+aiosqlite:///{Path(name) / 'devices.db'}", Path(name)) as registry:
            await asyncio.sleep(YOUNG)
            before = resident(registry.bot.process.pid)
            return before / MEGABYTE, await _pile_up(registry, seconds) / MEGABYTE


async def _pile_up(registry: Registry, seconds: float) -> int:
    signers = [await registry.open_session(one) for one in registry.devices]
    start, count = milliseconds(), int(BACKLOG_RATE * seconds)
    requests = [
        signers[number % len(signers)].request("GET", ME, timestamp=start + number * 1000 // BACKLOG_RATE)
        for number in range(count)
    ]
    sending = asyncio.create_task(
        send_apart(registry.port, requests, rate=BACKLOG_RATE, connections=BACKLOG_CONNECTIONS)
    )
    most = 0
    while not sending.done():
        most = max(most, resident(registry.bot.process.pid))
        await asyncio.wait([sending], timeout=LOOK_EVERY)
    outcome = await sending
    if set(outcome.statuses) != {200}:
        raise SystemExit(f"signed requests were answered {dict(outcome.statuses)}")
    return most


async def run(starts: int = 3, seconds: float = 5.0) -> list[Row]:
    """Measure, and return the rows."""
    started = await measure_starts(starts)
    before, most = await measure_backlog(seconds)
    polled, ready, memory = (statistics.median(values) for values in zip(*map(_values, started), strict=True))
    return [
        Row("start to first poll", "s", polled, LATEST, "bound", WITHIN),
        Row("start to ready", "s", ready, LATEST, "bound", WITHIN),
        Row("idle memory", "MB", memory, MOST_MEMORY, "bound", WITHIN),
        Row(f"memory at {BACKLOG_RATE:,} signed requests/s", "MB", most, before, "before them"),
    ]


def _values(start: Start) -> tuple[float, float, float]:
    return start.polled, start.ready, start.memory


if __name__ == "__main__":
    sys.exit(run_alone("What the program needs", run))
