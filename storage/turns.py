"""One at a time, and everybody else in between or in order."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

IN_A_ROW = 5
BEGUN: ContextVar[int | None] = ContextVar("begun", default=None)
"""The place in line of the work that is being done, None for what takes its place when it wants to write."""
_places = itertools.count()


def begin_work() -> None:
    """Let what this task writes from now on go before what is written for work that began later.

    Of many things that are done at once, all would be finished last if each waited behind the others at every step.
    """
    BEGUN.set(next(_places))


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


class Writers:
    """Lets one write at a time, whose work began first before others; what is urgent goes before what is not.

    But only a few in a row do, or the others might wait for ever.
    """

    def __init__(self) -> None:
        self._is_taken = False
        self._in_a_row = 0
        self._urgent: list[tuple[int, int, asyncio.Future[None]]] = []
        self._usual: list[tuple[int, int, asyncio.Future[None]]] = []

    @contextlib.asynccontextmanager
    async def turn(self, *, is_urgent: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, and have it to the end of the block."""
        if self._is_taken:
            await self._wait(self._urgent if is_urgent else self._usual)
        self._is_taken, self._in_a_row = True, self._in_a_row + 1 if is_urgent else 0
        try:
            yield
        finally:
            self._hand_on()

    async def _wait(self, line: list[tuple[int, int, asyncio.Future[None]]]) -> None:
        turn, now, begun = asyncio.get_running_loop().create_future(), next(_places), BEGUN.get()
        heapq.heappush(line, (now if begun is None else begun, now, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                # it was handed over in the same moment
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        """Let the next one go on. Nobody who comes meanwhile gets in between."""
        lines = (self._urgent, self._usual) if self._in_a_row < IN_A_ROW else (self._usual, self._urgent)
        for line in lines:
            while line:
                _, _, turn = heapq.heappop(line)
                if not turn.done():
                    turn.set_result(None)
                    return
        self._is_taken = False
