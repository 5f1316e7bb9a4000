"""The sandbox's only source of time: Unix seconds that can run fast and jump ahead, never back."""

import time


class Clock:
    """Virtual Unix time: real until `origin`, `speed` times as fast since, plus whatever it was advanced by."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("The clock's speed must be above zero.")
        self.speed = speed
        self.origin = time.time()
        self._started = time.monotonic()
        self._advanced = 0.0

    def now(self) -> float:
        """Return virtual Unix seconds."""
        return self.origin + self._advanced + (time.monotonic() - self._started) * self.speed

    def real(self) -> float:
        """Return real Unix seconds."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Jump ahead by `seconds`. ValueError when negative: Telegram's clock does not run back."""
        if seconds < 0:
            raise ValueError("The clock can only be advanced.")
        self._advanced += seconds
