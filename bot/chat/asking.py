"""The one open question of a chat: asked, asked again, closed, set aside. Handlers return its state."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from telegram.ext import ConversationHandler

from bot.chat import views
from bot.chat.delivery import overwrite, remove, send, tapped_message
from bot.services.questions import GROUP, TERM, Question

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context
    from bot.chat.views import View

NAME, NEW_NAME = "name", "new_name"
ADMIN_STATES = CLIENT_TERM, CLIENT_REASON, CLIENT_LIMIT, CLIENT_NAME = "c_term", "c_reason", "c_limit", "c_name"
"""Questions about clients, which only admins are asked."""
END = ConversationHandler.END
NOT_KEPT = frozenset({"proposal"})
"""What belongs to one message of a question, and not to the next."""

__all__ = [
    "ADMIN_STATES",
    "CLIENT_LIMIT",
    "CLIENT_NAME",
    "CLIENT_REASON",
    "CLIENT_TERM",
    "END",
    "GROUP",
    "NAME",
    "NEW_NAME",
    "TERM",
    "ask",
    "ask_again",
    "cancelled",
    "close",
    "device_of",
    "find_question",
    "keep",
    "set_aside",
    "stop",
]


async def ask(context: Context, state: str, message_id: int, **details: Any) -> str:
    """Note that a message asks; `details` are JSON values that its answer needs."""
    await context.services.questions.ask(Question(context.person.telegram_id, state, message_id, details))
    return state


async def ask_again(context: Context, question: Question | None, view: View, **details: Any) -> str:
    """Ask below, in a new message, and take the earlier question away."""
    state = NAME if question is None else question.state
    kept = {} if question is None else {key: value for key, value in question.details.items() if key not in NOT_KEPT}
    message_id = await send(context, view)
    await ask(context, state, message_id, **{**kept, **details})
    if question is not None:
        await remove(context, question.message_id)
    return state


async def close(context: Context, question: Question | None) -> int:
    """Forget the question and delete its message, now that it is answered."""
    if question is not None:
        await context.services.questions.close(question.chat_id)
        await remove(context, question.message_id)
    return END


async def keep(context: Context) -> str | int:
    """Return the state as it is: whichever question is open stays open."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    return END if question is None else question.state


async def set_aside(update: Update, context: Context) -> None:
    """Close an open question because another one begins; its message says so, unless it is the tapped one."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    if question is None:
        return
    await context.services.questions.close(question.chat_id)
    if update.callback_query is None or tapped_message(update) != question.message_id:
        await _overwrite(context, question)


async def stop(context: Context) -> int:
    """Close the open question because something else was asked for; its message says so."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    if question is not None:
        await _overwrite(context, question)
        await context.services.questions.close(question.chat_id)
    return END


async def find_question(context: Context, state: str) -> Question:
    """Return the open question, or one of that state about nothing, should it be gone."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    return question or Question(context.person.telegram_id, state)


def device_of(question: Question | None) -> uuid.UUID | None:
    """Return the device that a question is about, None when it is about a new one."""
    device_id = None if question is None else question.details.get("device_id")
    return None if device_id is None else uuid.UUID(device_id)


def cancelled(context: Context, question: Question) -> View:
    """Return the words for a question that was taken back."""
    if question.state in ADMIN_STATES:
        client_id = question.details.get("client_id")
        return views.clients.cancelled(context.words, None if client_id is None else uuid.UUID(client_id))
    device_id = device_of(question)
    if question.state == GROUP:
        return views.groups.group_cancelled(context.words, device_id)
    if device_id is None:
        return views.registration.cancelled(context.words)
    return views.devices.rename_cancelled(context.words, device_id)


async def _overwrite(context: Context, question: Question) -> None:
    if question.state == NAME:
        await overwrite(context, question.message_id, views.registration.stopped(context.words))
    elif question.state in {TERM, CLIENT_TERM}:
        await remove(context, question.message_id)
    else:
        await overwrite(context, question.message_id, cancelled(context, question))
