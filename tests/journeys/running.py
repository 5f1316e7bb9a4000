"""The real bot as a child process, which a test starts, stops, kills and freezes, and whose log it reads."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
SERVER_KEY = "the server key that the journeys run on"
SECRET_TTL = 10
"""Seconds: the least that the settings accept."""
ADMIN = 9
BOT_RUN = (sys.executable, "-m", "bot", "run")
STOPPED_WITHIN = 10.0
"""Seconds that a bot takes to stop, at most."""
PATIENCE = 30.0


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment with no settings of the bot in it but these."""
    own = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in own}
    return {**inherited, "PYTHONPATH": str(ROOT), **settings}


class RunningBot:
    """One bot over all its lives. `log` is what all of them wrote to standard error."""

    def __init__(
        self, sandbox: Sandbox, database_url: str, folder: Path, *, command: Sequence[str] = BOT_RUN, **settings: str
    ) -> None:
        self._sandbox = sandbox
        self._command = command
        self._folder = folder
        self._environment = environment(
            **{
                "BOT_TOKEN": sandbox.token,
                "TELEGRAM_API_URL": sandbox.url,
                "DATABASE_URL": database_url,
                "SERVER_KEY": SERVER_KEY,
                "ADMIN_IDS": str(ADMIN),
                "SECRET_TTL": str(SECRET_TTL),
                "PORT": "0",
                "LOG_LEVEL": "DEBUG",
            }
            | settings
        )
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.log = ""

    @property
    def is_running(self) -> bool:
        """Tell whether there is a process."""
        return self._process is not None and self._process.returncode is None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """Return the process of the present life."""
        assert self._process is not None
        return self._process

    async def start(self, *, is_ready: bool = True) -> None:
        """Start, and wait until updates are received unless the bot is to stand by."""
        before = len(self._sandbox.calls)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._folder,  # no .env of the developer's is in it
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        if is_ready:
            # the menus are set while the first poll begins
            await self._sandbox.wait_for_call("setMyCommands", after=before, timeout=PATIENCE)

    async def stop(self) -> tuple[int, float]:
        """Ask the bot to stop; return its exit code and how many seconds that took."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Let the bot die at once, as in a power failure."""
        await self._end(signal.SIGKILL)

    async def restart(self) -> None:
        """Stop as an operator does, and start again."""
        code, _ = await self.stop()
        assert code == 0, self.log
        await self.start()

    async def wait_for_log(self, words: str, *, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - as in Sandbox
        """Wait until the bot has written the words to its log. TimeoutError."""
        found = await self._sandbox.world.journal.until(lambda: True if words in self.log else None, timeout)
        if found is None:
            raise TimeoutError(f"{words!r} is not in the log:\n{self.log}")

    async def _end(self, how: signal.Signals) -> tuple[int, float]:
        began = time.monotonic()
        if self.process.returncode is None:
            self.process.send_signal(how)
            async with asyncio.timeout(PATIENCE):
                await self.process.wait()
        if self._reading is not None:
            await self._reading
        assert self.process.returncode is not None
        return self.process.returncode, time.monotonic() - began

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(65536):
            self.log += chunk.decode()
            self._sandbox.world.journal.ring()
