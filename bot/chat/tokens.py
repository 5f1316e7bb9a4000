"""API tokens: the card that leads to one, and signing out everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.delivery import redraw
from bot.chat.handouts import place_card

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context


async def offer_token(update: Update, context: Context) -> None:
    """Send the card for an API token: always a new message; a tapped one stays as it is."""
    await place_token_card(context, source=context.source)
    context.answer()


async def place_token_card(context: Context, *, source: str) -> None:
    """Send the card that the source leads to; an earlier one that was not used is deleted."""
    handout = await context.services.handouts.offer_token(context.person, source=source)
    await place_card(context, handout)
    context.services.wake()


async def sign_out_everywhere(update: Update, context: Context) -> None:
    """Void all API tokens of the client."""
    voided_at = await context.services.access.sign_out_everywhere(context.person, source=context.source)
    context.services.wake()
    await redraw(update, context, views.tokens.signed_out(context.words, voided_at))
