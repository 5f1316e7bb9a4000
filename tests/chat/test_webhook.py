"""Telegram calls the bot, and goes on doing so."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from bot.chat.webhook import keep_webhook
from tests.chat.offline import bad_request, unauthorized
from tests.fakes import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from tests.chat.conftest import Door
    from tests.chat.offline import OfflineTelegram
    from tests.fakes import FakeClock

URL = "https://bot.example.com/telegram/webhook"
TOKEN = "only-telegram-knows-it"
TEN_YEARS = 315_360_000
"""In seconds."""


@contextlib.asynccontextmanager
async def keeping(door: Door) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_webhook(door.program.bot, door.receiver, door.services.clock, URL, TOKEN))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def settings_made(telegram: OfflineTelegram) -> int:
    return len(telegram.made("setWebhook"))


def looks(telegram: OfflineTelegram) -> int:
    return len(telegram.made("getWebhookInfo"))


async def test_the_webhook_is_set_with_its_secret_even_where_one_is_set_already(
    door: Door, telegram: OfflineTelegram
) -> None:
    telegram.webhook["url"] = URL
    async with keeping(door):
        await until(lambda: looks(telegram) > 1)
    (setting,) = telegram.made("setWebhook")
    assert (setting.parameters["url"], setting.parameters["secret_token"]) == (URL, TOKEN)
    assert "drop_pending_updates" not in setting.parameters
    assert (door.receiver.trouble, door.receiver.is_healthy) == (None, True)


async def test_a_webhook_that_was_taken_away_is_set_again_and_told(
    door: Door, telegram: OfflineTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    async with keeping(door):
        await until(lambda: looks(telegram) > 0)
        telegram.webhook["url"] = ""
        await until(lambda: settings_made(telegram) == 2)
        await until(lambda: door.receiver.trouble is None)
    assert "taken away" in caplog.text


async def test_a_webhook_that_cannot_be_set_is_tried_until_it_can(
    door: Door, telegram: OfflineTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.script("setWebhook", bad_request("bad webhook: an HTTPS URL must be provided"), unauthorized(), None)
    async with keeping(door):
        await until(lambda: looks(telegram) > 0)
    assert settings_made(telegram) == 3
    assert caplog.text.count("could not be set") == 2
    assert door.receiver.is_healthy


async def test_deliveries_that_fail_make_the_bot_not_ready_until_they_arrive(
    door: Door, telegram: OfflineTelegram, clock: FakeClock
) -> None:
    async with keeping(door):
        await until(lambda: looks(telegram) > 0)
        failing = {"pending_update_count": 3, "last_error_message": "Connection refused"}
        # so far ahead that it stays recent, however fast this clock runs on
        telegram.webhook |= failing | {"last_error_date": int(clock.now().timestamp()) + TEN_YEARS}
        await until(lambda: "Connection refused" in (door.receiver.trouble or ""))
        telegram.webhook["pending_update_count"] = 0
        await until(lambda: door.receiver.trouble is None)
    assert settings_made(telegram) == 1
