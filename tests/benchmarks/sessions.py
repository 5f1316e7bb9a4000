"""Logins a second, beside argon2 alone.

    python -m tests.benchmarks.sessions [--logins 200] [--rounds 3] [--json FILE]

A login costs one argon2 by design. The reference is argon2-cffi verifying the same secrets in a thread pool of the
program's size, in the same run; they take turns, and the median counts.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.alone import run_alone
from tests.benchmarks.argon2_alone import count_argon2
from tests.benchmarks.comparison import Row, at_least
from tests.benchmarks.load import send_apart
from tests.benchmarks.servers import running_registry, temporary_folder

if TYPE_CHECKING:
    from tests.benchmarks.servers import Registry

NAME = "logins"
AT_ONCE = 8
SHARE = 0.9


async def run(logins: int = 200, rounds: int = 3) -> list[Row]:
    """Measure, and return the row."""
    ours, alone = [], []
    with temporary_folder() as name:
        async with running_registry(f"sqlite+aiosqlite:///{Path(name) / 'devices.db'}", Path(name)) as registry:
            await _log_in(registry, AT_ONCE)  # what is made at first use is made now
            for _ in range(rounds):
                ours.append(await _log_in(registry, logins))
                alone.append(await asyncio.to_thread(count_argon2, registry, logins))
    return [
        Row(NAME, "/s", statistics.median(ours), statistics.median(alone), "argon2 alone", at_least(SHARE)),
    ]


async def _log_in(registry: Registry, count: int) -> float:
    """Return how many logins a second the program answers."""
    chosen = [registry.devices[number % len(registry.devices)] for number in range(count)]
    requests = [registry.login_request(one.device.id, one.secret) for one in chosen]
    outcome = await send_apart(registry.port, requests, connections=AT_ONCE)
    if set(outcome.statuses) != {201}:
        raise SystemExit(f"logins were answered {dict(outcome.statuses)}")
    return outcome.rate


if __name__ == "__main__":
    sys.exit(run_alone("Sessions", run))
