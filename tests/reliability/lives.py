"""Bots that are born in a nursery, so that one can be killed and started again a thousand times."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.journeys.running import PATIENCE, ROOT, RunningBot

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.sandbox import Call, Sandbox


class Nursery:
    """The process that forks bots."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def ask(self, **asked: Any) -> int:
        """Ask it for something, and return the number that it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            line = await self._process.stdout.readline()
        (answer,) = json.loads(line).values()
        return int(answer)


@asynccontextmanager
async def open_nursery() -> AsyncIterator[Nursery]:
    """Run a nursery; what was born in it and is still there at the end is killed by whoever asked for it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.reliability.nursery"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


class MortalBot(RunningBot):
    """One bot over its many lives."""

    def __init__(self, nursery: Nursery, sandbox: Sandbox, url: str, folder: Path, **settings: str) -> None:
        super().__init__(sandbox, url, folder, **settings)
        self._nursery = nursery
        self._pid: int | None = None
        self._log_path = folder / "bot.log"
        self.lives = 0
        self._first_call: Call | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether there is a process, as far as anybody was told."""
        return self._pid is not None

    @property
    def pid(self) -> int:
        """Return the process's id."""
        assert self._pid is not None
        return self._pid

    async def start(self, *, is_ready: bool = True) -> None:
        """Start, and wait until updates are received unless the bot is to stand by."""
        before = len(self._sandbox.calls)
        asked = {"start": self._environment, "folder": str(self._folder), "log": str(self._log_path)}
        self._pid = await self._nursery.ask(**asked)
        self.lives += 1
        self._first_call = None
        if is_ready:
            await self._sandbox.wait_for_call("setMyCommands", after=before, timeout=PATIENCE)
            self._first_call = self._sandbox.calls[before]

    @property
    def revived_at(self) -> float:
        """Return when it first called in its present life."""
        return time.time() if self._first_call is None else self._first_call.at.real

    def read_log(self) -> str:
        """Return what all lives wrote to standard output and standard error."""
        return self._log_path.read_text() if self._log_path.exists() else ""

    async def _end(self, how: signal.Signals) -> tuple[int, float]:
        began = time.monotonic()
        pid, self._pid = self.pid, None
        os.kill(pid, how)
        async with asyncio.timeout(PATIENCE):
            code = await self._nursery.ask(wait=pid)
        return code, time.monotonic() - began
