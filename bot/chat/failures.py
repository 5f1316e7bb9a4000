"""From an error to a sentence: those whose cause is known are told here; the others go back to the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.chat import views
from bot.chat.context import PROCESSING
from bot.chat.delivery import respond, toast
from bot.chat.devices import show_page
from bot.chat.guard import refuse
from bot.services.errors import (
    ClientNotFound,
    ClientSuspended,
    DeviceNotFound,
    DeviceRevoked,
    HandoutError,
    NotAnAdmin,
    NotTheOwner,
    Overloaded,
)
from storage.shortcut import GateClosed

if TYPE_CHECKING:
    import logging

    from bot.chat.context import Context

GONE = (DeviceNotFound, DeviceRevoked, NotTheOwner, ClientNotFound)


def is_records_away(error: Exception | None) -> bool:
    """Tell whether the database refused or could not be reached; asyncpg lets the operating system's errors through."""
    return isinstance(error, (DBAPIError, GateClosed, PoolTimeout, OSError)) and not isinstance(error, TimeoutError)


def report(log: logging.Logger, what: str, error: Exception) -> None:
    """Log trouble behind the scenes: a database that is away on one line, everything else with its traceback."""
    if is_records_away(error):
        log.warning("%s: %s", what, type(error).__name__)
    else:
        log.error("%s: %s", what, type(error).__name__, exc_info=error)


async def explain(update: object, context: Context) -> None:
    """Answer for a handler that raised. What cannot be explained, or cannot be sent, is the receiver's to deal with.

    Then no further handler sees the update: it would cover the error with one of its own.
    """
    processing = PROCESSING.get(None)
    if processing is None or not isinstance(context.error, Exception):
        return
    processing.error = context.error
    if isinstance(update, Update) and processing.person is not None:
        try:
            if await _explain(update, context, context.error):
                processing.error = None
        except Exception as error:  # noqa: BLE001 - it takes the place of the one that was to be explained
            processing.error = error
    if processing.error is not None:
        raise ApplicationHandlerStop


async def _explain(update: Update, context: Context, error: Exception) -> bool:
    words = context.words
    if isinstance(error, ClientSuspended):
        await respond(update, context, views.general.suspended(words, context.services.contact))
    elif isinstance(error, Overloaded):
        toast(context, views.toasts.busy(words, int(error.retry_in.total_seconds())))
    elif isinstance(error, HandoutError):
        toast(context, views.toasts.changed(words))
    elif isinstance(error, NotAnAdmin):
        await refuse(update, context)
    elif isinstance(error, GONE):
        toast(context, views.toasts.device_gone(words))
        await show_page(update, context)
    else:
        return False
    return True
