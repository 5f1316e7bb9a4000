"""Bot API: getUpdates, with real long polling and the server's rules about who may poll.

Follows process_get_updates_query, do_get_updates and fail_query_conflict of the server's Client.cpp.
"""

import asyncio
import json
import time
from typing import Any

from bot.sandbox.arguments import NO_JSON, Arguments
from bot.sandbox.chats import Json
from bot.sandbox.refusals import Refusal, conflict
from bot.sandbox.updates import DEFAULT_ALLOWED, KINDS, Updates
from bot.sandbox.world import World

LONGEST_POLL = 50  # seconds
SHORTEST_REPEATED_POLL = 3  # seconds, the timeout below which a repeated offset is made to wait
MOST_UPDATES = 100
_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Polling:
    """The one poll that may wait at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._updates = world.updates
        self._waiting: asyncio.Future[None] | None = None
        self._last_offset: int | None = None
        self._last_start = float("-inf")
        self._next_conflict = float("-inf")
        world.updates.on_change.append(self._wake)

    async def get_updates(self, arguments: Arguments) -> list[Json]:
        """Return updates, waiting for one up to `timeout` real seconds. Refusal (409) when another poll comes."""
        offset = arguments.integer("offset")
        limit = arguments.clamped("limit", MOST_UPDATES, 1, MOST_UPDATES)
        timeout: float = arguments.clamped("timeout", 0, 0, LONGEST_POLL)
        set_allowed_updates(self._updates, arguments)
        timeout, limit = self._slowed(offset, timeout, limit)
        taken = self._take(offset, limit)
        if not taken and timeout > 0:
            await self._wait(timeout)
            taken = self._take(offset, limit)
        return taken

    def _slowed(self, offset: int, timeout: float, limit: int) -> tuple[float, int]:
        """Hold back a poller that asks for the same again and again."""
        now, timings = time.monotonic(), self._world.timings
        pause = now - self._last_start
        if offset == self._last_offset:
            if timeout < SHORTEST_REPEATED_POLL and pause < timings.repeated_poll:
                timeout = timings.repeated_poll
            if pause < timings.hasty_poll:
                limit = 1
        self._last_offset, self._last_start = offset, now
        return timeout, limit

    def _take(self, offset: int, limit: int) -> list[Json]:
        return [update.to_json() for update in self._updates.take(offset, limit)]

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109 - a parameter of the Bot API
        self.abort(conflict(_OTHER_POLLER))
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = mine
        try:
            async with asyncio.timeout(timeout):
                await mine
        except TimeoutError:
            return
        except Refusal:
            await self._delay_conflict()
            raise
        finally:
            if self._waiting is mine:
                self._waiting = None

    async def _delay_conflict(self) -> None:
        """Answer a 409 that follows another one closely only after a while, so that pollers calm down."""
        now, pause = time.monotonic(), self._world.timings.conflict
        if now >= self._next_conflict:
            self._next_conflict = now + pause
        else:
            await asyncio.sleep(pause)

    async def refuse(self, refusal: Refusal) -> None:
        """Raise a 409, late if there was one just before."""
        await self._delay_conflict()
        raise refusal

    def abort(self, refusal: Refusal) -> None:
        """End the poll that waits, if any."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(refusal)
        self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def set_allowed_updates(updates: Updates, arguments: Arguments) -> None:
    """Remember which kinds the bot wants; an empty list is the default.

    What is missing, unreadable or knows no kind changes nothing.
    """
    try:
        wanted: Any = json.loads(arguments.text("allowed_updates") or "null")
    except NO_JSON:
        return
    if isinstance(wanted, list):
        known = frozenset(str(kind).lower() for kind in wanted) & frozenset(KINDS)
        if known or not wanted:
            updates.allowed = known or DEFAULT_ALLOWED
