"""Updates answered a second, beside echo bots.

    python -m tests.benchmarks.throughput [--rounds 3] [--seconds 5] [--json FILE]

`/devices` of a thousand people who own ten devices each, on SQLite, by `python -m bot run` (CALLS_PER_SECOND lifted)
against the echo bots of two libraries' documentations (aiogram is of the extra `bench`), each a process of its own that
runs throughout, on Bot API servers that cost next to nothing. They take turns; the median of the rounds counts. The
processor time an update costs is the steadier figure where something else runs too.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import Row, at_least, is_missing, leave_out
from tests.benchmarks.crowd import DEVICES_OF_A_CLIENT, SUSPENDED_OF, Crowd
from tests.benchmarks.lean_telegram import TOKEN, LeanTelegram
from tests.benchmarks.memory import processor_time
from tests.benchmarks.servers import temporary_folder
from tests.journeys.running import ROOT, SERVER_KEY, environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.benchmarks.comparison import Goal

PEOPLE = 1000
LATENCIES = (0.0, 0.05)
WARM_UP = 1.5
PATIENCE = 60.0
OURS, PTB, AIOGRAM = "/devices", "PTB's echo", "aiogram's echo"
TIMES_PTB, TIMES_PTB_FAR, TIMES_AIOGRAM_FAR = 1.0, 40.0, 0.7


@dataclass(frozen=True)
class Turn:
    """What one bot did in one round: updates answered a second, and processor seconds for each."""

    rate: float
    cost: float


@dataclass
class Contender:
    """A bot that is measured, and the server it talks to."""

    name: str
    telegram: LeanTelegram
    process: asyncio.subprocess.Process
    turns: dict[float, list[Turn]] = field(default_factory=lambda: {latency: [] for latency in LATENCIES})

    async def take_turn(self, latency: float, seconds: float) -> None:
        """Answer updates for a while, and then all that are left."""
        self.telegram.open(latency)
        await asyncio.sleep(WARM_UP)
        began, before, cpu = time.perf_counter(), self.telegram.answered, processor_time(self.process.pid)
        await asyncio.sleep(seconds)
        count, passed = self.telegram.answered - before, time.perf_counter() - began
        spent = processor_time(self.process.pid) - cpu
        self.turns[latency].append(Turn(count / passed, spent / max(1, count)))
        self.telegram.close()
        await self._finish()

    def rate(self, latency: float) -> float:
        """Return the median rate."""
        return statistics.median(turn.rate for turn in self.turns[latency])

    def cost(self, latency: float) -> float:
        """Return the median processor time of an update."""
        return statistics.median(turn.cost for turn in self.turns[latency])

    async def _finish(self) -> None:
        until = time.perf_counter() + PATIENCE
        while self.telegram.pending or not self.telegram.has_poll:
            if time.perf_counter() > until:
                polls = "polls" if self.telegram.has_poll else "does not poll"
                raise SystemExit(f"{self.name} {polls} and has not answered {self.telegram.pending} updates")
            await asyncio.sleep(0.05)
        if self.telegram.wrong:
            raise SystemExit(f"{self.name} answered otherwise than expected: {self.telegram.wrong[0]!r}")


async def measure(rounds: int, seconds: float) -> dict[str, Contender]:
    """Return every bot with its turns."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(temporary_folder()))
        contenders = {OURS: await stack.enter_async_context(_running_registry(folder))}
        contenders[PTB] = await stack.enter_async_context(_running_echo("ptb"))
        if not is_missing("aiogram"):
            contenders[AIOGRAM] = await stack.enter_async_context(_running_echo("aiogram"))
        for latency in LATENCIES:
            for _ in range(rounds):
                for contender in contenders.values():
                    await contender.take_turn(latency, seconds)
        return contenders


@contextlib.asynccontextmanager
async def _running_registry(folder: Path) -> AsyncIterator[Contender]:
    crowd = Crowd(PEOPLE * DEVICES_OF_A_CLIENT)
    database = await crowd.fill(folder / "devices.db")
    await database.dispose()
    people = [crowd.telegram_id(number) for number in range(crowd.clients) if number % SUSPENDED_OF]
    async with LeanTelegram(people, "/devices", b"Your+devices") as telegram:
        settings = environment(
            BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            DATABASE_URL=database.url.render_as_string(hide_password=False),
            SERVER_KEY=SERVER_KEY,
            CALLS_PER_SECOND="100000",
            # the crowd's events are years old; to forget them all at the start is another thing to measure
            RETENTION="36500d",
            PORT="0",
        )
        # no .env of the developer's is in that folder
        async with _running(telegram, folder, settings, "bot", "run") as contender:
            yield contender


@contextlib.asynccontextmanager
async def _running_echo(name: str) -> AsyncIterator[Contender]:
    people = [2001 + number for number in range(PEOPLE)]
    async with (
        LeanTelegram(people, "my devices", b"devices") as telegram,
        _running(telegram, ROOT, environment(), "tests.benchmarks.echo_bots", name, telegram.url) as contender,
    ):
        yield contender


@contextlib.asynccontextmanager
async def _running(
    telegram: LeanTelegram, folder: Path, settings: dict[str, str], module: str, *arguments: str
) -> AsyncIterator[Contender]:
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), cwd=folder, env=settings, stdout=nowhere, stderr=nowhere
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while not telegram.has_poll:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        yield Contender(" ".join([module, *arguments]), telegram, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def make_rows(contenders: dict[str, Contender]) -> list[Row]:
    """Return the rows: rates beside each echo bot, and processor time beside PTB's, which needs no quiet machine."""
    near, far = LATENCIES
    rows = [
        _rate_row(contenders, near, PTB, at_least(TIMES_PTB)),
        _rate_row(contenders, far, PTB, at_least(TIMES_PTB_FAR)),
    ]
    rows += [_rate_row(contenders, near, AIOGRAM), _rate_row(contenders, far, AIOGRAM, at_least(TIMES_AIOGRAM_FAR))]
    return [*rows, *(_cost_row(contenders, latency) for latency in LATENCIES)]


def _rate_row(contenders: dict[str, Contender], latency: float, peer: str, goal: Goal | None = None) -> Row:
    name = f"chat: {OURS}, {latency * 1000:.0f} ms a call"
    if peer not in contenders:
        return leave_out(name, "/s", peer)
    return Row(name, "/s", contenders[OURS].rate(latency), contenders[peer].rate(latency), peer, goal)


def _cost_row(contenders: dict[str, Contender], latency: float) -> Row:
    ours, theirs = (contenders[name].cost(latency) * 1e6 for name in (OURS, PTB))
    return Row(f"chat: processor time of an update, {latency * 1000:.0f} ms a call", "µs", ours, theirs, PTB)


async def run(rounds: int = 3, seconds: float = 5.0) -> list[Row]:
    """Measure, and return the rows."""
    return make_rows(await measure(rounds, seconds))


if __name__ == "__main__":
    sys.exit(run_alone("Updates answered a second", run))
