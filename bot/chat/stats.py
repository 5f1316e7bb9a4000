"""How much there is, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.delivery import respond
from bot.chat.guard import for_admins

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context


@for_admins
async def show_stats(update: Update, context: Context) -> None:
    """Count, and show the counts."""
    await respond(update, context, views.stats.figures(context.words, await context.services.figures.read()))
