"""Sets the command menus: one for every private chat, another for each admin, none in groups."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from telegram import BotCommandScopeAllPrivateChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.chat.views.commands import command_menu
from bot.chat.words import load_words

if TYPE_CHECKING:
    from collections.abc import Collection

    from telegram.ext import ExtBot

log = logging.getLogger(__name__)


async def publish_menus(bot: ExtBot[Any], admin_ids: Collection[int]) -> None:
    """Set the menus. The program works without them, so a failure is only logged; the next start tries again."""
    words = load_words(None)
    try:
        await bot.set_my_commands(command_menu(words), scope=BotCommandScopeAllPrivateChats())
        await bot.delete_my_commands(scope=BotCommandScopeDefault())
        for admin_id in admin_ids:
            await publish_admin_menu(bot, admin_id)
    except TelegramError as error:
        log.warning("the command menus could not be set: %s", error)


async def publish_admin_menu(bot: ExtBot[Any], admin_id: int) -> None:
    """Set an admin's menu. Telegram refuses that for somebody who never wrote to the bot: `/start` sets it then."""
    try:
        await bot.set_my_commands(command_menu(load_words(None), is_admin=True), scope=BotCommandScopeChat(admin_id))
    except TelegramError as error:
        log.info("admin %s has no command menu yet: %s", admin_id, error)
