"""When a call may go out. Sends and edits share Telegram's limit of about 30 a second; answers and deletions do not.

A third of the budget is kept free for destroying. Of the calls that wait for the rest, those that show a secret and
answers take turns, so that many of one kind hold up none of the other, and what nobody waits for goes last; among
equals the first come. A 429 in one chat holds up that chat's ordinary calls only, never another chat's, and never a
deletion. A call counts where it arrives, which may be any time until it is answered: while some are long on their way,
the budget fills up by as many less, or a network that stood still for a second would hand over too many at one moment.
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.chat.bot_api import retry_seconds
from bot.chat.context import standing_in_line

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from bot.services.clock import Clock

COUNTED = frozenset({"sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"})
CALLS_PER_SECOND = 30.0
"""What Telegram lets a bot make for nothing."""
KEPT_FOR_DESTROYING = 1 / 3
"""A second's share of the calls."""
BURST = 1 / 3
"""A second's share that may go out at one moment after a rest: Telegram bears it and what is kept for destroying."""
URGENT = "urgent"
"""Rate-limit argument of a call that destroys: it may use the whole budget and waits for no other call."""
WAITED = "waited"
"""Rate-limit argument of a call whose caller waited for its turn itself, and then looked whether it still is wanted."""
LATER = "later"
"""Rate-limit argument of a call that nobody waits for."""
LONGEST_WAIT = 60.0
"""Seconds an ordinary call waits for its turn before it is refused. The line is never that long by itself: in it stand
the handlers of 256 updates at most, and as many secrets as were hashed.
"""
LONGEST_HOLD = 8.0
"""Seconds a call waits for a chat that Telegram told to wait; it is refused if that is longer."""
USUAL_WAY, LONGEST_WAY = 0.3, 2.0
"""Between how many seconds a call that is not answered counts as on its way: a Telegram that is far away must not slow
the bot down, and one that never answers must not stop it.
"""
NO_WAIT = 0.001
"""Seconds that need not be waited: less than clocks tell apart."""
FORGET_AFTER = 10_000


class Rank(Enum):
    """What a call that waits is for."""

    SHOWING = "showing"
    ANSWER = "answer"
    LATER = "later"


class Pacer(BaseRateLimiter[str]):
    """A token bucket over all counted calls with a line before it, and a gate for each chat that was told to wait."""

    def __init__(self, clock: Clock, calls_per_second: float = CALLS_PER_SECOND) -> None:
        self._clock = clock
        self._rate = calls_per_second
        self._kept = calls_per_second * KEPT_FOR_DESTROYING
        self._most = self._kept + calls_per_second * BURST
        self._tokens = self._most
        self._filled_at = clock.monotonic()
        self._on_the_way: dict[object, float] = {}
        self._held_until: dict[int | str, float] = {}
        self._lines: dict[Rank, deque[asyncio.Future[None]]] = {rank: deque() for rank in Rank}
        self._served_last = Rank.ANSWER
        self._urgent = 0
        self._serving: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Nothing to do before the first call."""

    async def shutdown(self) -> None:
        """Nothing to do after the last call."""

    async def process_request(  # noqa: PLR0917 - PTB's signature
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> Any:
        """Make the call when its turn has come. Raises `RetryAfter` when Telegram says so, or when it is far off."""
        if endpoint not in COUNTED:
            return await callback(*args, **kwargs)
        chat = data.get("chat_id", 0)
        if rate_limit_args == URGENT:
            await self._wait_urgently(chat)
        elif rate_limit_args != WAITED:
            await self.wait_for_turn(chat, Rank.LATER if rate_limit_args == LATER else Rank.ANSWER)
        try:
            with self._sending():
                return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._hold(chat, retry_seconds(error))
            raise

    @contextmanager
    def announced(self) -> Iterator[None]:
        """Count a call that destroys as one that waits already, while what it says is still being looked up."""
        self._urgent += 1
        try:
            yield
        finally:
            self._urgent -= 1

    def urgent_delay(self, chat: int | str) -> float:
        """Return in how many seconds a call that destroys may go out."""
        return max(self._missing(float(self._urgent)), self._held(chat))

    async def wait_for_turn(self, chat: int | str, rank: Rank) -> None:
        """Wait until a counted call to the chat may go out. Raises `RetryAfter` when that is far off."""
        await self._wait_for_chat(chat)
        if self._serving is None and self._missing(self._kept) <= NO_WAIT:
            self._tokens -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._lines[rank].append(turn)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        try:
            with standing_in_line():
                async with asyncio.timeout(self._clock.real(LONGEST_WAIT)):
                    await turn
        except TimeoutError:
            raise RetryAfter(1) from None

    async def _serve(self) -> None:
        """Let those that wait go, one by one, until there is nobody left."""
        try:
            while any(self._lines.values()):
                if (delay := self._missing(self._kept)) > NO_WAIT:
                    await self._clock.sleep(delay)
                    continue
                turn = self._take_next()
                if not turn.done():
                    self._tokens -= 1
                    turn.set_result(None)
        finally:
            self._serving = None

    def _take_next(self) -> asyncio.Future[None]:
        first = Rank.ANSWER if self._served_last is Rank.SHOWING else Rank.SHOWING
        rank = next(rank for rank in (first, self._served_last, Rank.LATER) if self._lines[rank])
        if rank is not Rank.LATER:
            self._served_last = rank
        return self._lines[rank].popleft()

    async def _wait_urgently(self, chat: int | str) -> None:
        with self.announced():
            await self._wait_for_chat(chat)
            while (delay := self._missing(0.0)) > NO_WAIT:
                await self._clock.sleep(delay)
            self._tokens -= 1

    async def _wait_for_chat(self, chat: int | str) -> None:
        while (delay := self._held(chat)) > NO_WAIT:
            if delay > LONGEST_HOLD:
                raise RetryAfter(int(delay) + 1)
            await self._clock.sleep(delay)

    def _missing(self, floor: float) -> float:
        """Return in how many seconds the bucket holds a token above the floor."""
        now = self._clock.monotonic()
        filled = self._tokens + (now - self._filled_at) * self._rate
        if filled > self._most - len(self._on_the_way):
            late = sum(USUAL_WAY < now - since < LONGEST_WAY for since in self._on_the_way.values())
            filled = min(filled, self._most - late)
        self._tokens, self._filled_at = filled, now
        return max(0.0, floor + 1 - self._tokens) / self._rate

    @contextmanager
    def _sending(self) -> Iterator[None]:
        call = object()
        self._on_the_way[call] = self._clock.monotonic()
        try:
            yield
        finally:
            del self._on_the_way[call]

    def _held(self, chat: int | str) -> float:
        return max(0.0, self._held_until.get(chat, 0.0) - self._clock.monotonic())

    def _hold(self, chat: int | str, seconds: float) -> None:
        now = self._clock.monotonic()
        if len(self._held_until) > FORGET_AFTER:
            self._held_until = {chat: until for chat, until in self._held_until.items() if until > now}
        self._held_until[chat] = now + seconds
