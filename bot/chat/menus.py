"""Sets the command menus: for private chats in every language, for some people one of their own, none in groups."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from telegram import BotCommandScopeAllPrivateChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.chat.views.commands import command_menu
from bot.chat.words import FALLBACK, find_words, list_languages, load_words

if TYPE_CHECKING:
    from telegram.ext import ExtBot

    from bot.chat.words import Words
    from bot.services.admins import AdminService
    from bot.services.clients import ClientService, Person
    from storage.models import ChatUser

log = logging.getLogger(__name__)


async def publish_menus(bot: ExtBot[Any], clients: ClientService, admins: AdminService) -> None:
    """Set the menus. The program works without them, so a failure is only logged; the next start tries again."""
    try:
        await _publish_for_all(bot)
        await bot.delete_my_commands(scope=BotCommandScopeDefault())
        for admin_id in await admins.list_ids():
            await _publish_for_one(bot, admin_id, await find_words(clients, admin_id), is_admin=True)
    except (TelegramError, DBAPIError, OSError) as error:
        log.warning("the command menus could not be set: %s", error)


async def publish_own_menu(bot: ExtBot[Any], person: Person) -> None:
    """Set the menu of a person that differs from everybody's: an admin's, or one in a language that was chosen.

    Telegram refuses that for somebody who never wrote to the bot: `/start` sets it then.
    """
    if person.has_own_menu:
        await _publish_for_one(bot, person.telegram_id, load_words(person.language), is_admin=person.is_admin)
    else:
        await _withdraw(bot, person.telegram_id)


async def publish_menu_of(bot: ExtBot[Any], user: ChatUser, *, is_admin: bool) -> None:
    """Set the menu of somebody else, who became an admin or is one no more."""
    if is_admin or user.chosen_language is not None:
        words = load_words(user.chosen_language or user.language)
        await _publish_for_one(bot, user.telegram_id, words, is_admin=is_admin)
    else:
        await _withdraw(bot, user.telegram_id)


async def _withdraw(bot: ExtBot[Any], telegram_id: int) -> None:
    """Let somebody see the menu that everybody sees."""
    try:
        await bot.delete_my_commands(scope=BotCommandScopeChat(telegram_id))
    except TelegramError as error:
        log.info("%s keeps a command menu of their own: %s", telegram_id, error)


async def _publish_for_all(bot: ExtBot[Any]) -> None:
    for code in sorted(list_languages()):
        # Telegram tells languages apart by two letters; English is for all that have no menu of their own
        letters = None if code == FALLBACK else code.partition("-")[0]
        # reading a file of words takes a tenth of a second: updates are not kept waiting for it
        commands = command_menu(await asyncio.to_thread(load_words, code))
        await bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats(), language_code=letters)


async def _publish_for_one(bot: ExtBot[Any], telegram_id: int, words: Words, *, is_admin: bool) -> None:
    commands = command_menu(words, is_admin=is_admin)
    try:
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(telegram_id))
    except TelegramError as error:
        log.info("%s has no command menu of their own yet: %s", telegram_id, error)
