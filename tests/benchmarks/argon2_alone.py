"""How many argon2 this machine does: the least that a login can cost."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from bot.services.hashing import LOGIN_THREADS

if TYPE_CHECKING:
    from tests.benchmarks.servers import Registry


def count_argon2(registry: Registry, count: int) -> float:
    """Return how many secrets a second a pool as large as the program's verifies, with nothing else to do."""
    made = registry.devices
    began = time.perf_counter()
    with ThreadPoolExecutor(LOGIN_THREADS) as pool:
        chosen = [made[number % len(made)] for number in range(count)]
        list(pool.map(lambda one: PasswordHasher().verify(one.device.secret_hash, one.secret), chosen))
    return count / (time.perf_counter() - began)
