"""How a view reaches a person: typed → a new message; tapped → the same message is edited."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, TelegramError

from bot.chat.views.keyboards import NO_BUTTONS

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context
    from bot.chat.views import Toast, View


async def send(context: Context, view: View) -> int:
    """Send a new message to whoever is asking; return its id."""
    return await context.bot.post_message(
        context.asker.telegram_id,
        view.text,
        view.keyboard,
        disable_notification=view.silent or None,
        protect_content=view.protected or None,
    )


async def redraw(update: Update, context: Context, view: View) -> int:
    """Edit the tapped message, or send a new one if it is gone; return its id."""
    message_id = tapped_message(update)
    try:
        await context.bot.edit_message_text(
            view.text,
            chat_id=context.asker.telegram_id,
            message_id=message_id,
            reply_markup=view.keyboard or NO_BUTTONS,
        )
    except BadRequest as error:
        if "not modified" not in error.message.lower():
            return await send(context, view)
    return message_id


async def respond(update: Update, context: Context, view: View) -> int:
    """Edit the tapped message; after something typed, send a new one. Return its id."""
    if update.callback_query is not None:
        return await redraw(update, context, view)
    return await send(context, view)


async def overwrite(context: Context, message_id: int | None, view: View) -> None:
    """Edit an earlier message of ours. One try: that it is gone, or cannot be edited, is harmless."""
    if message_id is None:
        return
    with contextlib.suppress(TelegramError):
        await context.bot.edit_message_text(
            view.text,
            chat_id=context.asker.telegram_id,
            message_id=message_id,
            reply_markup=view.keyboard or NO_BUTTONS,
        )


async def remove(context: Context, message_id: int | None) -> None:
    """Delete a message. One try: that it is gone, or stays, is harmless."""
    if message_id is None:
        return
    with contextlib.suppress(TelegramError):
        await context.bot.delete_message(context.asker.telegram_id, message_id)


async def drop_buttons(update: Update, context: Context) -> None:
    """Take the buttons of the tapped message away. One try."""
    with contextlib.suppress(TelegramError):
        await context.bot.edit_message_reply_markup(
            chat_id=context.asker.telegram_id, message_id=tapped_message(update), reply_markup=NO_BUTTONS
        )


def toast(context: Context, what: Toast) -> None:
    """Answer the tap with words over the chat."""
    context.answer(what.text, alert=what.alert)


def tapped_message(update: Update) -> int:
    """Return the id of the message whose button was tapped."""
    query = update.callback_query
    if query is None or query.message is None:
        raise ValueError("the update is no tap on a message")
    return query.message.message_id


def typed_words(update: Update) -> list[str]:
    """Return the words behind a command."""
    text: Any = update.message.text if update.message is not None else None
    return (text or "").split()[1:]


def typed_rest(update: Update) -> str:
    """Return everything behind a command, as it was typed."""
    text: Any = update.message.text if update.message is not None else None
    parts = (text or "").split(None, 1)
    return parts[1] if len(parts) > 1 else ""
