"""The only source of time, wall and monotonic. It can run fast, for the sandbox."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Real time, or time that runs `speed` times as fast from the moment the clock is made."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("a clock runs forward")
        self.speed = speed
        self._started_wall = time.time()
        self._started = time.monotonic()

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        if self.speed == 1.0:
            return datetime.now(UTC)
        elapsed = (time.monotonic() - self._started) * self.speed
        return datetime.fromtimestamp(self._started_wall + elapsed, UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment; they never step back."""
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock; not at all when they are negative."""
        await asyncio.sleep(max(0.0, self.real(seconds)))

    def real(self, seconds: float) -> float:
        """Return how many real seconds `seconds` of this clock are, for time-outs of the event loop."""
        return seconds / self.speed
