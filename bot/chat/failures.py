"""From an error to a sentence: those whose cause is known are told here; the others go back to the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import Update

from bot.chat import views
from bot.chat.context import PROCESSING
from bot.chat.delivery import respond, toast
from bot.chat.devices import show_page
from bot.services.errors import (
    ClientNotFound,
    ClientSuspended,
    DeviceNotFound,
    DeviceRevoked,
    HandoutError,
    NotTheOwner,
    Overloaded,
)

if TYPE_CHECKING:
    from bot.chat.context import Context

GONE = (DeviceNotFound, DeviceRevoked, NotTheOwner, ClientNotFound)


async def explain(update: object, context: Context) -> None:
    """Answer for a handler that raised. What cannot be explained, or cannot be sent, is the receiver's to deal with."""
    processing = PROCESSING.get(None)
    if processing is None or not isinstance(context.error, Exception):
        return
    processing.error = context.error
    if not isinstance(update, Update) or processing.person is None:
        return
    try:
        if await _explain(update, context, context.error):
            processing.error = None
    except Exception as error:  # noqa: BLE001 - it takes the place of the one that was to be explained
        processing.error = error


async def _explain(update: Update, context: Context, error: Exception) -> bool:
    words = context.words
    if isinstance(error, ClientSuspended):
        await respond(update, context, views.general.suspended(words, context.services.contact))
    elif isinstance(error, Overloaded):
        toast(context, views.toasts.busy(words, int(error.retry_in.total_seconds())))
    elif isinstance(error, HandoutError):
        toast(context, views.toasts.changed(words))
    elif isinstance(error, GONE):
        toast(context, views.toasts.device_gone(words))
        await show_page(update, context)
    else:
        return False
    return True
