"""Setting a terminal up: the steps, and the files as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InputFile

from bot.chat import views
from bot.chat.delivery import redraw, toast
from bot.chat.devices import find_tapped
from bot.chat.handouts import tap_of
from bot.connectors import CONNECTOR_FILES, read_connector

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context

FILES = tuple(file.name for file in CONNECTOR_FILES)


async def show_steps(update: Update, context: Context) -> None:
    """Show how a device is set up."""
    device = await find_tapped(update, context)
    if device is not None:
        await redraw(update, context, views.setup.steps(context.words, device, context.services.address, FILES))


async def send_file(update: Update, context: Context) -> None:
    """Send the file that was tapped, as a document."""
    number = tap_of(update).extra
    if number not in {str(place) for place in range(len(FILES))}:
        toast(context, views.toasts.changed(context.words))
        return
    name = FILES[int(number)]
    context.answer()
    await context.bot.send_document(
        context.person.telegram_id, InputFile(read_connector(name), filename=name), disable_notification=True
    )
