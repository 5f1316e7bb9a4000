"""A reduced update as python-telegram-bot has it.

PTB looks for each of the hundred fields that a message may have, and guards every attribute that it sets. Of what
`reduction` keeps, the fields are known, and nobody changes them: to restore it takes a third of the time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import CallbackQuery, Chat, Message, MessageEntity, TelegramObject, Update, User

from bot.chat.reduction import INVITE, TAGS, WITHHELD

if TYPE_CHECKING:
    from telegram import Bot

    from bot.chat.reduction import JSON

OURS = (WITHHELD, TAGS, INVITE)
"""Fields of a reduced message that Telegram's has not."""

Restored = TypeVar("Restored", bound=TelegramObject)


def _unguarded(kind: type[Restored]) -> type[Restored]:
    """Return the class without PTB's look, whenever an attribute is set, whether it may be."""
    return type(kind.__name__, (kind,), {"__slots__": (), "__setattr__": object.__setattr__})


QuickUpdate, QuickMessage, QuickQuery = _unguarded(Update), _unguarded(Message), _unguarded(CallbackQuery)
QuickChat, QuickUser, QuickEntity = _unguarded(Chat), _unguarded(User), _unguarded(MessageEntity)


def restore_update(body: JSON, bot: Bot) -> Update:
    """Return what `reduce_update` kept, for PTB to find its handler."""
    position, message, query = body["update_id"], body.get("message"), body.get("callback_query")
    if message is not None:
        return _make(QuickUpdate, bot, update_id=position, message=_message(message, bot))
    if query is not None and _is_visible(query.get("message")):
        return _make(QuickUpdate, bot, update_id=position, callback_query=_query(query, bot))
    return Update.de_json(body, bot)


def _message(message: JSON, bot: Bot) -> Message:
    sender = message.get("from")
    return _make(
        QuickMessage,
        bot,
        message_id=message["message_id"],
        date=datetime.fromtimestamp(message["date"], UTC),
        chat=_make(QuickChat, bot, **message["chat"]),
        from_user=None if sender is None else _make(QuickUser, bot, **sender),
        text=message.get("text"),
        entities=[_make(QuickEntity, bot, **entity) for entity in message.get("entities", ())],
        api_kwargs={field: message[field] for field in OURS if field in message},
    )


def _query(query: JSON, bot: Bot) -> CallbackQuery:
    return _make(
        QuickQuery,
        bot,
        id=query["id"],
        from_user=_make(QuickUser, bot, **query["from"]),
        chat_instance=query["chat_instance"],
        message=_message(query["message"], bot) if "message" in query else None,
        data=query["data"],
    )


def _is_visible(message: JSON | None) -> bool:
    """Tell whether a tapped message is one that the bot may still see: others have no date."""
    return message is None or message["date"] != 0


def _make(kind: type[Restored], bot: Bot, **fields: Any) -> Restored:
    thing = kind(**fields)
    thing.set_bot(bot)
    return thing
