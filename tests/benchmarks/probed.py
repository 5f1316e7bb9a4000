"""The program with a probe in its event loop: `python -m tests.benchmarks.probed FILE` is `python -m bot run`.

The probe asks to be called every millisecond; how much later it is called is how long the loop stood still. It stands
still while it works, and while its thread has no core, or not the interpreter. Stalls are written to the file when the
program has stopped, each with its end on the clock that all processes share, and with how long its thread worked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from bot import logs, process
from bot.settings import load_settings

EVERY = 0.001
WORTH_NOTING = 0.002


async def probe(stalls: list[tuple[float, float, float]]) -> None:
    """Note stalls, in seconds, until cancelled."""
    while True:
        asked, worked = time.monotonic(), time.thread_time()
        await asyncio.sleep(EVERY)
        now = time.monotonic()
        if now - asked - EVERY > WORTH_NOTING:
            stalls.append((now, now - asked - EVERY, time.thread_time() - worked))


async def run_probed(file: Path) -> None:
    """Be the bot until told to stop, and then write what was noted."""
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    stalls: list[tuple[float, float, float]] = []
    watching = asyncio.create_task(probe(stalls))
    await process.run(settings)
    watching.cancel()
    await asyncio.to_thread(file.write_text, json.dumps(stalls), "ascii")


if __name__ == "__main__":
    process.drive(run_probed(Path(sys.argv[1])))
