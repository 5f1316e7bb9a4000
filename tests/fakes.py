"""What stands in for the real thing in tests: only time, and the cost of a hash."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.services.clock import Clock
from bot.services.hashing import Hasher

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services.hashing import Secret

CHEAP = {"time_cost": 1, "memory_kib": 8}
"""The least that argon2 accepts."""


class FakeClock(Clock):
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 15, 43, 7, tzinfo=UTC)) -> None:
        super().__init__()
        self._now = now
        self._began = now

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def timestamp(self) -> float:
        """Return the time that was set, in Unix seconds."""
        return self._now.timestamp()

    def monotonic(self) -> float:
        """Return the seconds that were let pass."""
        return (self._now - self._began).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let the seconds pass at once."""
        self.advance(timedelta(seconds=max(0.0, seconds)))
        await asyncio.sleep(0)

    def advance(self, step: timedelta) -> datetime:
        """Let time pass, and return what time it is then."""
        self._now += step
        return self._now


class CountingHasher(Hasher):
    """A cheap hasher that knows how often it was asked: what cost nothing was turned away before it.

    `meanwhile` happens while a secret is hashed or verified, once.
    """

    def __init__(self) -> None:
        super().__init__(**CHEAP)
        self.hashed = 0
        self.verified = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def hash(self, secret: Secret) -> str:
        """Count, and hash."""
        self.hashed += 1
        await self._let_happen()
        return await super().hash(secret)

    async def verify(self, secret_hash: str, secret: Secret) -> bool:
        """Count, and verify."""
        self.verified += 1
        await self._let_happen()
        return await super().verify(secret_hash, secret)

    async def _let_happen(self) -> None:
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            await happening()


async def until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something is so; fail when it takes too long."""

    async def ask() -> bool:
        return condition()

    await until_so(ask, seconds=seconds)


async def until_so(ask: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> None:
    """Ask until the answer is yes; fail when it takes too long."""
    async with asyncio.timeout(seconds):
        while not await ask():  # noqa: ASYNC110 - what is waited for happens in threads and other processes
            await asyncio.sleep(0.002)
