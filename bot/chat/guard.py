"""Lets admins through, and nobody else: what a person may do is read from the database at every command and tap."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.asking import ADMIN_STATES, END, close, keep
from bot.chat.delivery import drop_buttons, send, toast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeAlias, TypeVar

    from telegram import Update

    from bot.chat.context import Context

    Result = TypeVar("Result", bound=str | int | None)
    Handle: TypeAlias = "Callable[[Update, Context], Coroutine[Any, Any, Result]]"


def for_admins(handle: Handle[Result]) -> Handle[Result | str | int]:
    """Make a handler that only admins reach. Who is none any more loses the buttons, and an open question of theirs."""

    @functools.wraps(handle)
    async def guarded(update: Update, context: Context) -> Result | str | int:
        if context.person.is_admin:
            return await handle(update, context)
        await refuse(update, context)
        question = await context.services.questions.find_open(context.person.telegram_id)
        if question is not None and question.state in ADMIN_STATES:
            await close(context, question)
            return END
        return await keep(context)

    return guarded


async def refuse(update: Update, context: Context) -> None:
    """Tell somebody that they may not do this: a command that is not theirs does not exist for them."""
    if update.callback_query is None:
        await send(context, views.general.unknown_command(context.words))
        return
    toast(context, views.toasts.not_allowed(context.words))
    await drop_buttons(update, context)
