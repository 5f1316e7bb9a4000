"""One at a time, and everybody else in between."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Hands out turns, one an iteration of the event loop, first come, first served.

    A transaction that only reads is over without ever waiting. If all that want to read went on at once, nothing else
    would happen until the last of them had.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Wait for a turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._give, loop)
        await turn

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                break
        if self._waiting:
            loop.call_soon(self._give, loop)
