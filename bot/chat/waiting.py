"""Tells people that what they sent waits, while it cannot be kept: Telegram goes on delivering it until it is."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from telegram.ext import ExtBot

    from bot.services.inbox import Received

PATIENCE = 3.0
"""Seconds after which who waits for the records is told."""
REMEMBERED = 10_000


class Waiting:
    """Watches how long updates take to be kept."""

    def __init__(self, bot: ExtBot[Any], explain: Callable[[Received], str | None]) -> None:
        """`explain` returns what the sender of an update reads, None for one who reads nothing."""
        self._bot = bot
        self._explain = explain
        self._told: OrderedDict[str, None] = OrderedDict()
        self._telling: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def watch(self, batch: Sequence[Received]) -> AsyncIterator[None]:
        """Tell the senders when the block takes long, or raises."""
        timer = asyncio.get_running_loop().call_later(PATIENCE, self._tell, batch)
        try:
            yield
        except Exception:
            self._tell(batch)
            raise
        finally:
            timer.cancel()

    def _tell(self, batch: Sequence[Received]) -> None:
        people = set()
        for received in batch:
            # one message a person, and an answer to each tap; whoever was told of this update is not told again
            is_tap = "callback_query" in received.body
            if received.source in self._told or (not is_tap and received.person in people):
                continue
            people.add(received.person)
            self._told[received.source] = None
            if (text := self._explain(received)) is not None:
                task = asyncio.get_running_loop().create_task(self._send(received, text))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)

    async def _send(self, received: Received, text: str) -> None:
        query = received.body.get("callback_query")
        with contextlib.suppress(TelegramError):
            if query:
                await self._bot.answer_callback_query(query["id"], text)
            else:
                await self._bot.send_message(received.person, text, parse_mode=None)
