"""Which language a person reads: what they chose, else what their app has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.context import PROCESSING
from bot.chat.delivery import redraw, respond
from bot.chat.general import redraw_stale
from bot.chat.handouts import tap_of
from bot.chat.menus import publish_own_menu
from bot.chat.words import list_languages, name_languages

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context


async def show_languages(update: Update, context: Context) -> None:
    """Show which languages there are, and which one is in use."""
    await respond(update, context, _choice(context))


async def choose_language(update: Update, context: Context) -> None:
    """Speak the language that was tapped from now on; the first message in it is the one with the choice."""
    code = tap_of(update).extra or None
    if code is not None and code not in list_languages():
        await redraw_stale(update, context)
        return
    PROCESSING.get().person = await context.services.clients.choose_language(context.person, code)
    await redraw(update, context, _choice(context))
    await publish_own_menu(context.bot, context.person)


def _choice(context: Context) -> views.View:
    return views.languages.choose(context.words, name_languages(), context.person.chosen_language)
