"""What an admin does about a bot that was started from a backup: read what may be missing, and let devices in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.delivery import drop_buttons, redraw, toast
from bot.chat.guard import refuse
from bot.chat.handouts import id_of, tap_of
from bot.services.errors import CopyNotFound

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context


async def confirm_copy(update: Update, context: Context) -> None:
    """Let devices in again. Only admins of ADMIN_IDS may: that somebody else is one no more may be missing too."""
    services, person = context.services, context.person
    if not services.admins.who.are_fixed(person.telegram_id):
        await refuse(update, context)
        return
    try:
        mark, _ = await services.copies.confirm(id_of(tap_of(update)), actor=person.actor)
    except CopyNotFound:
        toast(context, views.toasts.changed(context.words))
        await drop_buttons(update, context)
        return
    name = await services.clients.find_name(mark.confirmed_by)
    await redraw(update, context, views.copies.confirmed(context.words, mark, name))
