"""The client of the Bot API: python-telegram-bot's, on a faster transport, and silent about what answers contain."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from telegram import LinkPreviewOptions
from telegram.ext import Defaults, ExtBot

from bot.chat.transport import BotApiRequest

if TYPE_CHECKING:
    from telegram import InlineKeyboardMarkup
    from telegram.error import RetryAfter
    from telegram.ext import BaseRateLimiter

    from bot.chat.transport import OnResponse

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
CONNECTIONS = 256
PARSE_MODE, HAS_NO_PREVIEW = "HTML", True
"""How every message is read and shown."""
LOOK = {"parse_mode": PARSE_MODE, "link_preview_options": {"is_disabled": HAS_NO_PREVIEW}}
POLL_TIMEOUT = 30
"""Seconds a long poll stays open. Bot API servers allow up to 50."""

# or PTB warns, at every 429, that it will tell the waiting time as a timedelta one day
os.environ["PTB_TIMEDELTA"] = "true"


class RegistryBot(ExtBot[None]):
    """PTB's bot, which also hands out updates as they came: one that PTB cannot read must not stop the others."""

    def __repr__(self) -> str:
        """Name the bot without its token."""
        return f"RegistryBot[{self.token.partition(':')[0]}]"

    async def fetch_updates(self, offset: int | None, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """Wait up to `timeout` seconds for updates and return them raw (https://core.telegram.org/bots/api#getupdates)."""
        data = {"offset": offset, "timeout": timeout, "limit": 100, "allowed_updates": list(ALLOWED_UPDATES)}
        result = await self._post(
            "getUpdates", {key: value for key, value in data.items() if value is not None}, read_timeout=timeout + 10
        )
        return [update for update in cast("list[Any]", result) if isinstance(update, dict)]

    async def post_message(
        self, chat_id: int, text: str, keyboard: InlineKeyboardMarkup | None = None, **options: bool | None
    ) -> int:
        """Send a message and return its id, which is all that is read of it: to read the rest takes as long as to send.

        https://core.telegram.org/bots/api#sendmessage
        """
        message = {"chat_id": chat_id, "text": text, "reply_markup": keyboard, **LOOK, **options}
        sent: Any = await self._do_post(
            "sendMessage", {name: value for name, value in message.items() if value is not None}
        )
        return int(sent["message_id"])

    async def hang_up(self) -> None:
        """Close all connections, also those of a bot that never learnt who it is."""
        for request in self._request:
            await request.shutdown()


def build_bot(
    token: str,
    api_url: str,
    *,
    rate_limiter: BaseRateLimiter[Any] | None = None,
    trust_env: bool = True,
    on_response: OnResponse | None = None,
) -> RegistryBot:
    """Return a bot on the Bot API server at `api_url`; one connection is for getUpdates, the others for the rest.

    `on_response` sees the headers of every answer but those to getUpdates.
    """
    return RegistryBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=BotApiRequest(CONNECTIONS, trust_env=trust_env, on_response=on_response),
        get_updates_request=BotApiRequest(1, trust_env=trust_env),
        defaults=Defaults(parse_mode=PARSE_MODE, link_preview_options=LinkPreviewOptions(is_disabled=HAS_NO_PREVIEW)),
        rate_limiter=rate_limiter,
    )


def retry_seconds(error: RetryAfter) -> float:
    """Return how many seconds Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
