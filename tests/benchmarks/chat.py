"""How fast the chat answers, and what the program needs for it.

    python -m tests.benchmarks.chat [--rounds 5] [--json FILE]

Against the sandbox, where every call of the bot takes 50 ms while taps are timed. Goals: from the *Show secret* tap to
the secret, two round trips and one hash, and a quarter more for everything else; `/devices` of somebody else while 20
registrations are hashed as fast as before (the median, and 10 ms of grace), the event loop never still for more than
10 ms; less than 150 MB when idle; less than 2 s from start to first poll.
"""

from __future__ import annotations

import argparse
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
from tests.benchmarks.memory import resident
from tests.benchmarks.report import print_table, verdict, write_json
from tests.benchmarks.servers import temporary_folder
from tests.journeys.people import Trader
from tests.journeys.running import RunningBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox import Bubble

LATENCY = 0.05
AT_ONCE = 20
TAPS = 10
PATIENCE = 30.0
LONG_TTL = "3600"
"""Seconds: no secret is destroyed while something else is measured."""
GRACE, EVERYTHING_ELSE = 0.010, 1.25
LONGEST_STALL, MOST_MEMORY, LATEST_POLL = 0.010, 150e6, 2.0
OURS = "answerCallbackQuery,editMessageText,sendMessage,deleteMessage"


@dataclass
class Figures:
    """What was measured; seconds and bytes."""

    hash_time: float = 0.0
    tap_to_secret: float = 0.0
    devices_idle: float = 0.0
    devices_busy: float = 0.0
    stalls_idle: list[float] = field(default_factory=list)
    stalls_busy: list[float] = field(default_factory=list)
    first_poll: float = 0.0
    memory: int = 0

    @property
    def ideal(self) -> float:
        """Return two round trips and a hash."""
        return 2 * LATENCY + self.hash_time

    @property
    def goals(self) -> dict[str, bool]:
        """Return which goals were met."""
        return {
            "the secret after two round trips and a hash": self.tap_to_secret <= EVERYTHING_ELSE * self.ideal,
            "/devices as fast while 20 are hashed": self.devices_busy <= self.devices_idle + GRACE,
            "the loop never still for 10 ms": max(self.stalls_busy, default=0.0) <= LONGEST_STALL,
            "idle memory under 150 MB": self.memory < MOST_MEMORY,
            "first poll within 2 s": self.first_poll < LATEST_POLL,
        }


async def main(rounds: int, json_path: str | None) -> bool:
    """Measure, print, and tell whether the goals were met."""
    figures = Figures()
    with temporary_folder() as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'devices.db'}"
        await _migrate(url)
        await _measure_start(figures, url, folder)
        await _measure_chat(figures, url, folder, rounds)
    figures.hash_time = await _time_hash()
    return _report(figures, json_path)


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrations.upgrade(database)
    await database.dispose()


async def _measure_start(figures: Figures, url: str, folder: Path) -> None:
    """Start the program a few times as an operator does."""
    times = []
    async with Sandbox() as sandbox:
        bot = RunningBot(sandbox, url, folder, LOG_LEVEL="INFO")
        for _ in range(3):
            times.append(await _time(lambda: _start(bot, sandbox)))
            await asyncio.sleep(2)
            figures.memory = max(figures.memory, resident(bot.process.pid))
            await bot.stop()
    figures.first_poll = statistics.median(times)


async def _start(bot: RunningBot, sandbox: Sandbox) -> None:
    before = len(sandbox.calls)

    def find_poll() -> bool | None:
        return True if any(call.method.lower() == "getupdates" for call in sandbox.calls[before:]) else None

    await bot.start(is_ready=False)
    assert await sandbox.world.journal.until(find_poll, PATIENCE)


async def _measure_chat(figures: Figures, url: str, folder: Path, rounds: int) -> None:
    stalls = folder / "stalls.json"
    probed = (sys.executable, "-m", "tests.benchmarks.probed", str(stalls))
    async with Sandbox() as sandbox:
        bot = RunningBot(sandbox, url, folder, command=probed, LOG_LEVEL="INFO", SECRET_TTL=LONG_TTL)
        await bot.start()
        crowd = [await _enter(sandbox, 2001 + number) for number in range(AT_ONCE)]
        other = await _enter(sandbox, 3001)
        await _tap(other, await _take_card(other))
        figures.tap_to_secret = await _time_taps(sandbox)
        began = time.monotonic()
        figures.devices_idle = statistics.median([await _time_devices(other) for _ in range(10 * rounds)])
        idle_until = time.monotonic()
        busy = [await _time_while_busy(crowd, other) for _ in range(rounds)]
        figures.devices_busy = statistics.median([seconds for times, _, _ in busy for seconds in times])
        await bot.stop()
    noted: list[tuple[float, float]] = json.loads(await asyncio.to_thread(stalls.read_text, "ascii"))
    figures.stalls_idle = [length for at, length in noted if began <= at <= idle_until]
    figures.stalls_busy = [length for at, length in noted if any(start <= at <= end for _, start, end in busy)]


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


def _report(figures: Figures, json_path: str | None) -> bool:
    print_table(
        "Chat",
        ("", "ms"),
        [
            ("tap to secret, 50 ms a call", f"{figures.tap_to_secret * 1000:.1f}"),
            ("two round trips and one hash", f"{figures.ideal * 1000:.1f}"),
            ("/devices, idle", f"{figures.devices_idle * 1000:.1f}"),
            ("/devices while 20 are hashed", f"{figures.devices_busy * 1000:.1f}"),
            ("longest stall, idle", f"{max(figures.stalls_idle, default=0.0) * 1000:.1f}"),
            ("longest stall while 20 are hashed", f"{max(figures.stalls_busy, default=0.0) * 1000:.1f}"),
            ("start to first poll", f"{figures.first_poll * 1000:.0f}"),
        ],
    )
    print_table("Memory", ("", "MB"), [("idle", f"{figures.memory / 1e6:.0f}")])
    print_table("Goals", ("goal", ""), [(goal, verdict(is_met=is_met)) for goal, is_met in figures.goals.items()])
    write_json(json_path, {**vars(figures), "goals": figures.goals})
    return all(figures.goals.values())


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast the chat answers.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    options = _parse()
    sys.exit(0 if asyncio.run(main(options.rounds, options.json)) else 1)
