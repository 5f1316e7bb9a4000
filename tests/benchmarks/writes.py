"""How many signed requests a core of PostgreSQL bears.

    python -m tests.benchmarks.writes [--seconds 3] [--rounds 3] [--json FILE]

For each signed request a statement reads the device and writes down the nonce, here for up to ten of them at once; for
more it costs less. Nothing else is sent, and the processor time of the server's processes is counted: PostgreSQL need
not be busy all the time, nor the machine quiet. The reference is the least that any statement costs, SELECT 1 for each;
they take turns, and the median counts.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import time
from typing import TYPE_CHECKING

from storage import migrations
from storage.database import Database
from storage.gate import WINDOW, PostgresGate
from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import Row
from tests.benchmarks.memory import family_time, parent_of
from tests.benchmarks.servers import postgres_url, register_devices
from tests.signing import milliseconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

NAME = "PostgreSQL: device read and nonce spent, a core"
IN_FLIGHT = 10
DEVICES = 100
"""So many that none spends more nonces than it may."""
SERVER = "SELECT pg_backend_pid()"


async def run(seconds: float = 3.0, rounds: int = 3) -> list[Row]:
    """Measure, and return the row."""
    async with postgres_url() as url:
        database = Database(url)
        await migrations.upgrade(database)
        devices = await register_devices(database, DEVICES)
        gate, nonces = PostgresGate(database), itertools.count()
        ids = itertools.cycle(one.device.id for one in devices)

        async def enter() -> None:
            now = milliseconds()
            assert await gate.enter(next(ids), f"nonce-{next(nonces):016}", now + WINDOW, now) is not None

        async def ask() -> None:
            await database.shortcut.fetch_row("SELECT 1")

        found = await database.shortcut.fetch_row(SERVER)
        assert found is not None
        server = parent_of(int(found[0]))
        turns = [(await _cost(server, enter, seconds), await _cost(server, ask, seconds)) for _ in range(rounds)]
        await gate.close()
        await database.dispose()
    ours, least = (statistics.median(costs) for costs in zip(*turns, strict=True))
    return [Row(NAME, "/s", 1 / ours, 1 / least, "SELECT 1")]


async def _cost(server: int, act: Callable[[], Awaitable[None]], seconds: float) -> float:
    """Return the processor seconds of the server that one statement costs."""
    until, count = time.perf_counter() + seconds, 0

    async def repeat() -> None:
        nonlocal count
        while time.perf_counter() < until:
            await act()
            count += 1

    before = family_time(server)
    await asyncio.gather(*(repeat() for _ in range(IN_FLIGHT)))
    return (family_time(server) - before) / count


if __name__ == "__main__":
    sys.exit(run_alone("What PostgreSQL bears", run))
