"""How long it takes when very many register at once, beside what Telegram's limits make it take.

    python -m tests.benchmarks.registrations [--people 300] [--json FILE]

Everybody says /register at the same moment, taps *Show secret* as soon as the card is there, and is done when the
secret is. The sandbox's limits are on, and every call takes 50 ms. Two calls that count are needed for each, for the
card and for the secret: the least time is what Telegram takes to let as many through, and the last of them to arrive.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox import Sandbox
from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import Row, at_most
from tests.benchmarks.servers import temporary_folder
from tests.journeys.running import RunningBot

if TYPE_CHECKING:
    from bot.sandbox import Call
    from bot.sandbox.limits import Limits

LATENCY = 0.05
NEEDED = 2
"""Calls that count, of a registration: the card, and the edit that puts the secret into it."""
PATIENCE = 4.0
"""Times as long as it must take, after which nobody waits any longer."""
FIRST_PERSON = 10_001
LONG_TTL = "3600"
"""Seconds: no secret is destroyed while others are shown."""
TIMES, LIMITED = 1.1, "what the limits allow"


class Rush:
    """People who register at once, and what the bot called on their account."""

    def __init__(self, sandbox: Sandbox, people: int) -> None:
        self._sandbox = sandbox
        self._people = [sandbox.add_person(FIRST_PERSON + number, "Anna", started=True) for number in range(people)]
        self._waiting = set(self._people)
        self._looked_at = len(sandbox.world.finished)
        self.refused = 0

    @property
    def waiting(self) -> int:
        """Return how many saw no secret."""
        return len(self._waiting)

    async def run(self, patience: float) -> float:
        """Return how many seconds passed until everybody saw their secret, or nobody waited any longer."""
        began = time.perf_counter()
        for person in self._people:
            self._sandbox.say(person, "/register VPS-1")
        await self._sandbox.world.journal.until(self._follow, patience)
        return time.perf_counter() - began

    def _follow(self) -> bool | None:
        """Tap on every new card, and note every new secret. One look at each call, however many people there are."""
        finished = self._sandbox.world.finished
        while self._looked_at < len(finished):
            call = finished[self._looked_at]
            self._looked_at += 1
            self._note(call)
        return None if self._waiting else True

    def _note(self, call: Call) -> None:
        text = str(call.parameters.get("text"))
        self.refused += call.status == 429
        if call.status != 200 or call.chat_id is None:
            return
        if call.method == "sendMessage" and "is almost ready" in text:
            self._sandbox.tap(call.chat_id, "Show secret")
        elif call.method == "editMessageText" and "The secret of" in text:
            self._waiting.discard(call.chat_id)


async def run(people: int = 300) -> list[Row]:
    """Measure, and return the row."""
    with temporary_folder() as name:
        url = f"sqlite+aiosqlite:///{Path(name) / 'devices.db'}"
        async with Sandbox() as sandbox:
            bot = RunningBot(sandbox, url, Path(name), LOG_LEVEL="WARNING", SECRET_TTL=LONG_TTL)
            await bot.start()
            # the menus are set by then, and only people wait
            sandbox.set_limits(enabled=True)
            sandbox.add_fault("*", "slow_start", seconds=LATENCY, times=None)
            minimum = least_time(people * NEEDED, sandbox.world.limits)
            rush = Rush(sandbox, people)
            seconds = await rush.run(PATIENCE * minimum)
            await bot.kill()
    what = f"{people} registrations at once"
    if rush.waiting or rush.refused:
        told = f"{rush.waiting} saw no secret in {seconds:.0f} s, and Telegram refused {rush.refused} calls"
        return [Row(what, "s", reference=minimum, against=LIMITED, goal=at_most(TIMES), failed=told)]
    return [Row(what, "s", seconds, minimum, LIMITED, at_most(TIMES))]


def least_time(calls: int, limits: Limits) -> float:
    """Return in how many seconds the limits let so many calls through, one after the other, and the last arrives."""
    return max(0.0, calls - limits.overall_burst) / limits.overall + LATENCY


if __name__ == "__main__":
    sys.exit(run_alone("Registrations at once", run))
