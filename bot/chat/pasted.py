"""Secrets that people send to the bot: deleted before anything else reads them, then answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.error import BadRequest, NetworkError, TelegramError

from bot.chat import views
from bot.chat.context import PROCESSING
from bot.chat.delivery import respond, send
from bot.chat.reduction import TAGS, TOKEN, WITHHELD

if TYPE_CHECKING:
    from telegram import Message, Update

    from bot.chat.context import Context
    from bot.chat.views import View

TRIES = 3
PAUSE = 0.5
"""Seconds between two tries to delete, when Telegram cannot be reached."""


async def delete_first(message: Message, context: Context) -> None:
    """Delete a message with a secret or a token in it, whoever sent it, and note whether that worked."""
    if message.api_kwargs.get(WITHHELD):
        PROCESSING.get().was_deleted = await _delete(message, context)


async def tell(update: Update, context: Context) -> None:
    """Answer somebody whose message had a secret in it. A question that was open stays open."""
    if update.message is not None:
        await send(context, await _draw(update.message, context))


async def refuse(update: Update, context: Context, refusal: View) -> None:
    """Tell somebody that they may do nothing, and what became of a message of theirs with a secret in it."""
    if update.message is not None and PROCESSING.get().was_deleted is not None:
        refusal = views.pasted.below(await _draw(update.message, context), refusal)
    await respond(update, context, refusal)


async def _draw(message: Message, context: Context) -> View:
    question = await context.services.questions.find_open(context.asker.telegram_id)
    was_deleted, awaits = bool(PROCESSING.get().was_deleted), question.state if question is not None else None
    if message.api_kwargs.get(WITHHELD) == TOKEN:
        return views.tokens.pasted(context.words, deleted=was_deleted, awaits_name=awaits is not None)
    found = await context.services.pasted.report(context.asker, message.api_kwargs.get(TAGS, []), source=context.source)
    context.services.wake()
    answer = views.pasted.deleted if was_deleted else views.pasted.not_deleted
    return answer(context.words, found, awaits)


async def _delete(message: Message, context: Context) -> bool:
    for attempt in range(TRIES):
        try:
            await context.bot.delete_message(message.chat.id, message.message_id)
        except BadRequest as error:
            # one that is gone was deleted by its sender, or by us before a crash
            return "not found" in error.message.lower()
        except NetworkError:
            if attempt + 1 < TRIES:
                await context.services.clock.sleep(PAUSE)
        except TelegramError:
            return False
        else:
            return True
    return False
