"""What everything costs with a thousand devices, with ten and a hundred thousand, and with a million.

    python -m tests.benchmarks.growth [--rounds 100] [--json FILE]

Every list page and search of `lists`, and what is done with a device: registered, let in with its secret and with a
signed request, renamed, revoked; on each SQLite file in turn, each time about somebody else, with the cheapest argon2.
Then the program itself is started on the smallest and the largest file, and admins look around in it. Goals: at a
million no more than 1.5 times the cost at a thousand, all operations together and each of them; the million made in
less than 2 minutes; memory flat. The smallest and the largest are then moved to PostgreSQL by `python -m bot copy`, and
the same is done there.
"""

from __future__ import annotations

import contextlib
import random
import secrets
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot import moving
from bot.sandbox import Sandbox
from bot.services.hashing import Hasher
from storage.database import Database
from storage.gate import create_gate
from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import WITHIN, Row, at_most
from tests.benchmarks.crowd import SUSPENDED_OF, Crowd
from tests.benchmarks.lists import READINGS, Registry
from tests.benchmarks.memory import resident
from tests.benchmarks.servers import postgres_url, temporary_folder
from tests.fakes import CHEAP
from tests.journeys.people import Trader
from tests.journeys.running import ADMIN, RunningBot
from tests.signing import milliseconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.services.devices import DeviceService

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TIMES, LOADING, FLAT = 1.5, 120.0, 1.1
LOOKS = 20
PATIENCE = 60.0
LOOK_AROUND = ("/clients", "/client vps", "/stats", "/audit", "/devices")
Timings = dict[str, list[float]]


class Place:
    """A file of some size, everything that is done in it, and how long that took, in seconds."""

    def __init__(self, crowd: Crowd, registry: Registry) -> None:
        self.crowd = crowd
        self.registry = registry
        self.timings: Timings = defaultdict(list)
        self._gate = create_gate(registry.database)

    @property
    def costs(self) -> dict[str, float]:
        """Return the milliseconds of each operation, the median."""
        return {name: 1000 * statistics.median(times) for name, times in self.timings.items()}

    async def take_round(self, chance: random.Random) -> None:
        """Do everything once, about somebody by chance."""
        for name, read in READINGS.items():
            self.registry.choose(chance)
            began = time.perf_counter()
            await read(self.registry)
            self.timings[name].append(time.perf_counter() - began)
        async for name, seconds in self._live(chance):
            self.timings[name].append(seconds)

    async def close(self) -> None:
        """Let go of everything."""
        await self._gate.close()
        await self.registry.close()

    async def _live(self, chance: random.Random) -> AsyncIterator[tuple[str, float]]:
        """Lead a device through its life, and tell what each step took."""
        devices: DeviceService = self.registry.devices
        whose = self.crowd.client_id(_not_suspended(chance.randrange(self.crowd.clients)))
        name = f"Newcomer {secrets.token_hex(4)}"
        lap = time.perf_counter()
        device, secret = await devices.create_device(whose, name)
        lap, taken = _lap(lap)
        yield "a device: registered", taken
        await devices.authenticate_device(device.id, secret)
        lap, taken = _lap(lap)
        yield "a device: logged in", taken
        await self._gate.enter(self.crowd.device_id(chance.randrange(self.crowd.devices)), name, 0, milliseconds())
        lap, taken = _lap(lap)
        yield "a device: signed request", taken
        await devices.update_device_name(device.id, f"{name}, renamed")
        lap, taken = _lap(lap)
        yield "a device: renamed", taken
        await devices.revoke_device(device.id)
        yield "a device: revoked", _lap(lap)[1]


@dataclass(frozen=True)
class Program:
    """The program on a file: seconds from start to first call, and its megabytes when people have looked around."""

    started: float
    memory: float


def _lap(since: float) -> tuple[float, float]:
    now = time.perf_counter()
    return now, now - since


def _not_suspended(number: int) -> int:
    return number + 1 if number % SUSPENDED_OF == 0 else number


async def run(rounds: int = 100, sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """Measure, and return the rows."""
    with temporary_folder() as name:
        paths = {size: Path(name) / f"{size}.db" for size in sizes}
        places, loading = {}, 0.0
        for size, path in paths.items():
            began = time.perf_counter()
            places[size] = await _build(Crowd(size), path)
            loading = time.perf_counter() - began
        await _measure(list(places.values()), rounds)
        for place in places.values():
            await place.close()
        few, many = sizes[0], sizes[-1]
        programs = [await _measure_program(Crowd(size), paths[size]) for size in (few, many)]
        moved, moving_time = await _measure_moved({size: paths[size] for size in (few, many)}, rounds)
    costs = {size: place.costs for size, place in places.items()}
    return [
        *make_rows(costs),
        *_rows_of_programs(sizes, loading, *programs),
        *make_rows(moved, "growth on PostgreSQL"),
        Row(f"growth on PostgreSQL: {many:,} devices moved", "s", moving_time),
    ]


async def _measure_moved(paths: dict[int, Path], rounds: int) -> tuple[dict[int, dict[str, float]], float]:
    """Return the costs on PostgreSQL, after the files were moved there, and how many seconds the last one took."""
    async with contextlib.AsyncExitStack() as stack:
        places, seconds = {}, 0.0
        for size, path in paths.items():
            url = await stack.enter_async_context(postgres_url())
            began = time.perf_counter()
            await moving.copy(f"sqlite+aiosqlite:///{path}", url)
            seconds = time.perf_counter() - began
            database = Database(url)
            await _settle(database)
            places[size] = Place(Crowd(size), Registry(Crowd(size), database, Hasher(**CHEAP)))
        await _measure(list(places.values()), rounds)
        for place in places.values():
            await place.close()
    return {size: place.costs for size, place in places.items()}, seconds


async def _settle(database: Database) -> None:
    """Let the server do at once what it does by itself some minutes later."""
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM (ANALYZE)"))
        await alone.execute(text("CHECKPOINT"))


async def _build(crowd: Crowd, path: Path) -> Place:
    return Place(crowd, Registry(crowd, await crowd.fill(path), Hasher(**CHEAP)))


async def _measure(places: list[Place], rounds: int) -> None:
    """Take turns, so that whatever else the machine does meanwhile falls on all alike."""
    chance = random.Random(1)  # noqa: S311 - the same people every time
    for round_ in range(-rounds // 10, rounds):
        for place in places:
            if round_ == 0:
                place.timings.clear()  # what is made at first use was made in the rounds before
            await place.take_round(chance)


async def _measure_program(crowd: Crowd, path: Path) -> Program:
    async with Sandbox() as sandbox:
        bot = RunningBot(sandbox, f"sqlite+aiosqlite:///{path}", path.parent, LOG_LEVEL="INFO")
        began = time.perf_counter()
        await bot.start(is_ready=False)
        await sandbox.wait_for_call("getMe", timeout=PATIENCE)
        started = time.perf_counter() - began
        # who they are stays as it is: they are looked for later
        name, username = crowd.first_name(1), crowd.username(1)
        trader = Trader(sandbox, sandbox.add_person(crowd.telegram_id(1), name, username=username), name)
        admin = Trader(sandbox, sandbox.add_person(ADMIN, "Boris"), "Boris")
        for text in LOOK_AROUND * LOOKS:
            await trader.ask("/devices", "Your devices")
            await admin.ask(text, "")
        memory = resident(bot.process.pid) / 1e6
        await bot.stop()
    return Program(started, memory)


def make_rows(costs: dict[int, dict[str, float]], what: str = "growth") -> list[Row]:
    """Return the rows: everything together at each size beside the smallest, and what grew most at the largest."""
    few, *more = costs
    small, large = costs[few], costs[more[-1]]
    rows = [
        Row(
            f"{what}: all operations, {size:,} devices",
            "ms",
            sum(costs[size].values()),
            sum(small.values()),
            f"{few:,}",
            at_most(TIMES) if size == more[-1] else None,
        )
        for size in more
    ]
    worst = max(large, key=lambda name: large[name] / small[name])
    return [
        *rows,
        Row(f"{what}: worst ({worst}), {more[-1]:,}", "ms", large[worst], small[worst], f"{few:,}", at_most(TIMES)),
    ]


def _rows_of_programs(sizes: tuple[int, ...], loading: float, small: Program, large: Program) -> list[Row]:
    few, many = sizes[0], sizes[-1]
    return [
        Row(f"growth: {many:,} devices made", "s", loading, LOADING, "bound", WITHIN),
        Row(f"growth: start, {many:,} devices", "s", large.started, small.started, f"{few:,}", at_most(TIMES)),
        Row(f"growth: memory, {many:,} devices", "MB", large.memory, small.memory, f"{few:,}", at_most(FLAT)),
    ]


if __name__ == "__main__":
    sys.exit(run_alone("Growth", run))
