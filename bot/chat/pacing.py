"""When a call may go out. Sends and edits share Telegram's limit of about 30 a second; answers and deletions do not.

A third of the budget is kept free for destroying. A 429 in one chat holds up that chat's ordinary calls only, never
another chat's, and never a deletion. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.chat.bot_api import retry_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.services.clock import Clock

COUNTED = frozenset({"sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"})
CALLS_PER_SECOND = 30.0
KEPT_FOR_DESTROYING = CALLS_PER_SECOND / 3
URGENT = "urgent"
"""Rate-limit argument of a call that destroys: it may use the whole budget and waits for no other call."""
WAITED = "waited"
"""Rate-limit argument of a call whose caller waited for its turn itself, and then looked whether it still is wanted."""
LONGEST_WAIT = 8.0
"""Seconds an ordinary call waits for its turn before it is refused: no handler waits longer than 10 s."""
NO_WAIT = 0.001
"""Seconds that need not be waited: less than clocks tell apart."""
FORGET_AFTER = 10_000


class Pacer(BaseRateLimiter[str]):
    """A token bucket over all counted calls, and a gate for each chat that Telegram told to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens = CALLS_PER_SECOND
        self._filled_at = clock.monotonic()
        self._held_until: dict[int | str, float] = {}

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
        if rate_limit_args != WAITED:
            await self.wait_for_turn(chat, is_urgent=rate_limit_args == URGENT)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._hold(chat, retry_seconds(error))
            raise

    def delay(self, chat: int | str, *, is_urgent: bool = False) -> float:
        """Return in how many seconds a counted call to the chat may go out."""
        self._fill()
        floor = 0.0 if is_urgent else KEPT_FOR_DESTROYING
        missing = max(0.0, floor + 1 - self._tokens) / CALLS_PER_SECOND
        return max(missing, self._held_until.get(chat, 0.0) - self._clock.monotonic())

    async def wait_for_turn(self, chat: int | str, *, is_urgent: bool = False) -> None:
        """Wait until a counted call to the chat may go out. Raises `RetryAfter` when that is far off."""
        deadline = self._clock.monotonic() + LONGEST_WAIT
        while (delay := self.delay(chat, is_urgent=is_urgent)) > NO_WAIT:
            if self._clock.monotonic() + delay > deadline:
                raise RetryAfter(int(delay) + 1)
            await self._clock.sleep(delay)
        self._tokens -= 1

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._tokens = min(CALLS_PER_SECOND, self._tokens + (now - self._filled_at) * CALLS_PER_SECOND)
        self._filled_at = now

    def _hold(self, chat: int | str, seconds: float) -> None:
        now = self._clock.monotonic()
        if len(self._held_until) > FORGET_AFTER:
            self._held_until = {chat: until for chat, until in self._held_until.items() if until > now}
        self._held_until[chat] = now + seconds
