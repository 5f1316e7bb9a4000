"""The steps that a bot makes, seen from outside, and its death at one of them.

A step is a call of the Bot API, held by the sandbox, or a commit, reported by the probe. Each has a moment before and
one after; a call also may be carried out late, when the bot that made it is dead and another one is running.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import web

    from bot.sandbox import Call, Sandbox
    from bot.sandbox.arguments import Arguments

BEFORE, AFTER, LATE = "before", "after", "late"


@dataclass(frozen=True)
class Step:
    """The `number`th time something was about to be done (before), or was just done (after)."""

    moment: str
    what: str
    number: int

    def __str__(self) -> str:
        """Name it for people."""
        return f"{self.moment} {self.what} #{self.number}"


class Verdict(Enum):
    """What becomes of a bot at a step."""

    GO = auto()
    DIE = auto()
    DIE_UNHEARD = auto()
    """It dies, and what it was about to ask for is done later."""


class Steps:
    """Counts steps while it is told to, and stops a bot for good at the one that is aimed at."""

    def __init__(self) -> None:
        self.seen: list[Step] = []
        self.reached = asyncio.Event()
        self.revived = asyncio.Event()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._is_counting = False
        self._target: Step | None = None

    def begin(self, target: Step | None = None) -> None:
        """Count from here, and aim at a step."""
        self.seen, self._target, self._is_counting = [], target, True
        self._counts.clear()
        self.reached.clear()
        self.revived.clear()

    def end(self) -> list[Step]:
        """Stop counting and return what was seen."""
        self._is_counting, self._target = False, None
        return self.seen

    def possible(self) -> list[Step]:
        """Return every step seen, and that calls may be carried out late."""
        late = [replace(step, moment=LATE) for step in self.seen if step.moment == BEFORE and _is_edit(step.what)]
        return [*self.seen, *late]

    def reach(self, moment: str, what: str) -> Verdict:
        """Count a step, and say what becomes of who is there."""
        if not self._is_counting:
            return Verdict.GO
        self._counts[moment, what] += 1
        step = Step(moment, what, self._counts[moment, what])
        self.seen.append(step)
        if self._target not in {step, replace(step, moment=LATE)}:
            return Verdict.GO
        if self._target != step and moment != BEFORE:
            return Verdict.GO
        self.reached.set()
        return Verdict.DIE if self._target == step else Verdict.DIE_UNHEARD


def _is_edit(what: str) -> bool:
    return what.startswith("edit")


def watch_calls(sandbox: Sandbox, steps: Steps) -> None:
    """Count the bot's calls."""
    api = sandbox._api
    carry_out = api._run
    late: set[asyncio.Task[Any]] = set()

    async def carry_out_late(call: Call, arguments: Arguments) -> None:
        await steps.revived.wait()
        await carry_out(call, arguments)

    async def run(call: Call, arguments: Arguments) -> web.Response:
        verdict = steps.reach(BEFORE, call.method)
        if verdict is Verdict.DIE_UNHEARD:
            task = asyncio.create_task(carry_out_late(call, arguments))
            late.add(task)
            task.add_done_callback(late.discard)
        if verdict is Verdict.GO:
            answer = await carry_out(call, arguments)
            if call.is_idle or steps.reach(AFTER, call.method) is Verdict.GO:
                return answer
        await asyncio.Event().wait()  # until whoever asked hangs up, being dead
        raise AssertionError("nobody rings")

    api._run = run  # type: ignore[method-assign]


@asynccontextmanager
async def listening(path: Path, steps: Steps) -> AsyncIterator[None]:
    """Listen to the probe of whatever bot there is."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := (await reader.readline()).decode().strip():
                moment, _, what = line.partition(" ")
                if steps.reach(moment, f"commit ({what})") is Verdict.GO:
                    writer.write(b".")
        except (ConnectionError, asyncio.CancelledError):
            pass  # it was killed while it was being answered, or all is over
        finally:
            writer.close()

    server = await asyncio.start_unix_server(listen, path)
    try:
        yield
    finally:
        server.close()
