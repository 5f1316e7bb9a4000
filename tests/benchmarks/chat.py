"""How fast the chat answers a person, alone and while others register.

    python -m tests.benchmarks.chat [--rounds 5] [--json FILE]

Against the sandbox, where every call of the bot takes 50 ms while taps are timed. Goals: from the *Show secret* tap to
the secret, two round trips and one hash, and 15 % more for everything else; `/devices` of somebody else while 20
registrations are hashed as fast as before (the median, and 10 ms of grace); while 50 are hashed, the event loop never
still for more than 10 ms. CALLS_PER_SECOND is lifted: many registrations would wait for Telegram, not for hashes.
"""

from __future__ import annotations

import asyncio
import functools
import json
import secrets
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox import Sandbox
from bot.services.hashing import Hasher, create_secret
from storage import migrations
from storage.database import Database
from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import WITHIN, Row, at_most
from tests.benchmarks.servers import temporary_folder
from tests.journeys.people import Trader
from tests.journeys.running import RunningBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox import Bubble

LATENCY = 0.05
FEW, MANY = 20, 50
TAPS = 10
PATIENCE = 30.0
LONG_TTL = "3600"
"""Seconds: no secret is destroyed while something else is measured."""
GRACE, EVERYTHING_ELSE, LONGEST_STALL = 0.010, 1.15, 0.010
OURS = "answerCallbackQuery,editMessageText,sendMessage,deleteMessage"


@dataclass
class Figures:
    """What was measured, in seconds."""

    hash_time: float = 0.0
    tap_to_secret: float = 0.0
    devices_idle: float = 0.0
    devices_busy: float = 0.0
    stalls: list[float] = field(default_factory=list)
    """How long the loop stood still while many were hashed."""
    work: list[float] = field(default_factory=list)
    """How long its thread worked of that."""

    @property
    def ideal(self) -> float:
        """Return two round trips and a hash."""
        return 2 * LATENCY + self.hash_time

    def make_rows(self) -> list[Row]:
        """Return the figures beside what they are measured against."""
        tap, ideal, idle, busy = (
            1000 * one for one in (self.tap_to_secret, self.ideal, self.devices_idle, self.devices_busy)
        )
        stall, work = (1000 * max(one, default=0.0) for one in (self.stalls, self.work))
        return [
            Row("tap to secret, 50 ms a call", "ms", tap, ideal, "two round trips, one hash", at_most(EVERYTHING_ELSE)),
            Row(f"/devices while {FEW} are hashed", "ms", busy, idle + 1000 * GRACE, "idle, and 10 ms", WITHIN),
            Row(f"longest stall while {MANY} are hashed", "ms", stall, 1000 * LONGEST_STALL, "bound", WITHIN),
            Row(f"longest work of the loop while {MANY} are hashed", "ms", work, 1000 * LONGEST_STALL, "bound"),
        ]


async def run(rounds: int = 5) -> list[Row]:
    """Measure, and return the rows."""
    figures = Figures()
    with temporary_folder() as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'devices.db'}"
        await _migrate(url)
        await _measure_chat(figures, url, folder, rounds)
    figures.hash_time = await _time_hash()
    return figures.make_rows()


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrations.upgrade(database)
    await database.dispose()


async def _measure_chat(figures: Figures, url: str, folder: Path, rounds: int) -> None:
    stalls = folder / "stalls.json"
    probed = (sys.executable, "-m", "tests.benchmarks.probed", str(stalls))
    async with Sandbox() as sandbox:
        settings = {"LOG_LEVEL": "INFO", "SECRET_TTL": LONG_TTL, "CALLS_PER_SECOND": "100000"}
        bot = RunningBot(sandbox, url, folder, command=probed, **settings)
        await bot.start()
        crowd = [await _enter(sandbox, 2001 + number) for number in range(MANY)]
        other = await _enter(sandbox, 3001)
        await _tap(other, await _take_card(other))
        figures.tap_to_secret = await _time_taps(sandbox)
        figures.devices_idle = statistics.median([await _time_devices(other) for _ in range(10 * rounds)])
        few = [await _time_while_busy(crowd[:FEW], other) for _ in range(rounds)]
        figures.devices_busy = statistics.median([seconds for times, _, _ in few for seconds in times])
        many = [await _time_while_busy(crowd, other) for _ in range(rounds)]
        await bot.stop()
    noted: list[tuple[float, float, float]] = json.loads(await asyncio.to_thread(stalls.read_text, "ascii"))
    busy = [(length, work) for at, length, work in noted if any(start <= at <= end for _, start, end in many)]
    figures.stalls, figures.work = [length for length, _ in busy], [work for _, work in busy]


async def _enter(sandbox: Sandbox, number: int) -> Trader:
    trader = Trader(sandbox, sandbox.add_person(number, "Anna"), "Anna")
    await _ask(trader, "/start", "Welcome")
    return trader


async def _ask(trader: Trader, text: str, expected: str) -> Bubble:
    return await trader.sees(expected, after=trader.say(text).message_id, timeout=PATIENCE)


async def _take_card(trader: Trader) -> int:
    name = f"VPS-{secrets.token_hex(4)}"
    return (await _ask(trader, f"/register {name}", "is almost ready")).message_id


async def _tap(trader: Trader, card: int) -> None:
    trader.sandbox.tap(trader.id, "Show secret", message_id=card)
    await trader.sandbox.wait_for(trader.id, "The secret of", after=card - 1, timeout=PATIENCE)


async def _time_taps(sandbox: Sandbox) -> float:
    """Return the median from a tap to the secret, on a bot whose calls take 50 ms each; each time with a new device."""
    times: list[float] = []
    for number in range(TAPS):
        newcomer = await _enter(sandbox, 4001 + number)
        card = await _take_card(newcomer)
        fault = sandbox.add_fault(OURS, "slow_start", seconds=LATENCY, times=None)
        times.append(await _time(functools.partial(_tap, newcomer, card)))
        sandbox.remove_faults(fault)
    return statistics.median(times)


async def _time_devices(trader: Trader) -> float:
    return await _time(lambda: _ask(trader, "/devices", "Your devices"))


async def _time_while_busy(crowd: list[Trader], other: Trader) -> tuple[list[float], float, float]:
    """Let everybody of a crowd tap at once, and somebody else ask; return their waits, and from when to when it was."""
    cards = await asyncio.gather(*(_take_card(trader) for trader in crowd))
    began = time.monotonic()
    taps = [asyncio.create_task(_tap(trader, card)) for trader, card in zip(crowd, cards, strict=True)]
    times = []
    while not all(tap.done() for tap in taps):
        times.append(await _time_devices(other))
    await asyncio.gather(*taps)
    ended = time.monotonic()
    # a chat shows one secret at a time
    for trader in crowd:
        trader.sandbox.tap(trader.id, "I saved it")
    await asyncio.gather(*(trader.misses("The secret of", timeout=PATIENCE) for trader in crowd))
    return times, began, ended


async def _time(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _time_hash() -> float:
    hasher = Hasher()
    times = [await _time(lambda: hasher.hash(create_secret())) for _ in range(TAPS)]
    hasher.close()
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(run_alone("The chat", run))
