"""The only source of time, wall and monotonic. It can run fast, for the sandbox."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Real time, or time that runs `speed` times as fast since `origin`, in Unix seconds; without one, since now.

    Clocks of one speed and origin agree, also when one of them is made later: that is how a bot that is started again
    shares the sandbox's time.

    It never steps back, though the machine's clock may: a secret would stay on its screen for so much longer, and a
    signed request whose nonce was forgotten would be good again. It follows a step forward.
    """

    def __init__(self, speed: float = 1.0, origin: float | None = None) -> None:
        if speed <= 0:
            raise ValueError("a clock runs forward")
        now = time.time()
        origin = now if origin is None else origin
        self.speed = speed
        self._wall = origin + (now - origin) * speed
        self._at = time.monotonic()

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def timestamp(self) -> float:
        """Return the wall-clock time in Unix seconds."""
        passed = time.monotonic()
        now = self._wall + (passed - self._at) * self.speed
        if self.speed == 1.0:
            now = max(now, time.time())
        self._wall, self._at = now, passed
        return now

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment; they never step back."""
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock; not at all when they are negative."""
        await asyncio.sleep(max(0.0, self.real(seconds)))

    def real(self, seconds: float) -> float:
        """Return how many real seconds `seconds` of this clock are, for time-outs of the event loop."""
        return seconds / self.speed
