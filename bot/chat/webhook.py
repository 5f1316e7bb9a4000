"""Sees to it that Telegram calls: sets the webhook, and looks now and then whether it is still there and works.

Whoever polls with the same token takes the webhook away first, and without a second look nothing would ever come again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.chat.bot_api import ALLOWED_UPDATES

if TYPE_CHECKING:
    from telegram import WebhookInfo

    from bot.chat.bot_api import RegistryBot
    from bot.chat.receiver import Receiver
    from bot.services.clock import Clock

RETRY_PAUSE, LOOK_EVERY = 10.0, 60.0
"""Seconds until the next try when Telegram refuses or cannot be asked, and between two looks otherwise."""
LATELY = timedelta(minutes=2)
"""A failed delivery that is older has been mended, or waits for its next try."""
TAKEN_AWAY = "the webhook had been taken away, and is set again: does another program use the same BOT_TOKEN?"


async def keep_webhook(bot: RegistryBot, receiver: Receiver, clock: Clock, url: str, secret_token: str) -> None:
    """Have Telegram deliver updates to `url` until cancelled; the receiver tells `/readyz` what is wrong."""
    is_set = False
    while True:
        try:
            trouble = _trouble(await bot.get_webhook_info(), url, clock) if is_set else None
            if not is_set or trouble == TAKEN_AWAY:
                # one that is set may have another secret
                await bot.set_webhook(url, allowed_updates=list(ALLOWED_UPDATES), secret_token=secret_token)
                is_set = True
        except TelegramError as error:
            receiver.note_trouble(f"the webhook could not be set: {error.message}")
            await clock.sleep(RETRY_PAUSE)
            continue
        if trouble is None:
            receiver.note_webhook()
        else:
            receiver.note_trouble(trouble)
        await clock.sleep(LOOK_EVERY)


def _trouble(info: WebhookInfo, url: str, clock: Clock) -> str | None:
    if info.url != url:
        return TAKEN_AWAY
    if info.pending_update_count and info.last_error_date and clock.now() - info.last_error_date < LATELY:
        return f"Telegram cannot deliver updates to PUBLIC_URL: {info.last_error_message}"
    return None
