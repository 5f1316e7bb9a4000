"""An update, reduced to the fields that handlers need, before it is kept anywhere.

What is left out is left out for a reason: a bot's message, a reply, a quote and a pin carry the text of the message
they are about, and that text may be a secret. A person's own text that has a secret in it is left out too. What an
invite carries is taken out of every text; of the link that somebody opened, the hash is kept.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from bot.services.access import contains_token
from bot.services.hashing import contains_secret
from bot.services.inbox import Received
from bot.services.invites import FORMAT, contains_invite, hash_token

WITHHELD = "withheld"
"""Field of a reduced message whose text had a secret in it: which kind of secret."""
SECRET, TOKEN = "secret", "token"  # kinds of secrets
TAGS = "tags"
"""Field of such a message: by what each device secret in it is known again; see `bot.services.pasted`."""
INVITE = "invite"
"""Field of a reduced message that opened an invite: the hash of what its link carries, in hexadecimal."""
OPENED = re.compile(rf"/start(?:@\w+)?\s+({FORMAT.pattern})\s*", re.ASCII)
NO_PERSON = 0
TEXT_LENGTH = 4096
LARGEST = 2**63
"""No column holds a number from here on. Telegram's ids have 52 bits."""
END_OF_TIME = 253_402_300_800
"""Unix time at which the year 10000 begins, which no calendar here knows."""
MEMBERSHIPS = frozenset({"member", "kicked", "left"})
"""What the bot can be in a private chat; whoever blocks it has kicked it."""

JSON = dict[str, Any]
Identify = Callable[[str], list[list[str]]]


def _forget(_text: str) -> list[list[str]]:
    return []


def reduce_update(update: JSON, bot_id: int, identify: Identify = _forget) -> Received | None:
    """Return what is kept of an update, or None when it is of no use to this bot.

    `identify` returns what may be kept of the secrets in a text.
    """
    position = position_of(update)
    said = functools.partial(_message, identify=identify)
    for kind, reduce in (("message", said), ("callback_query", _callback_query), ("my_chat_member", _membership)):
        if position is not None and isinstance(update.get(kind), dict):
            try:
                source, person, body = reduce(update[kind])
            except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
                # what Telegram always sends is missing or odd: nothing can be done with it, now or later
                return None
            return Received(f"{bot_id}:{source}", position, person, {kind: body, "update_id": position})
    return None


def position_of(update: JSON) -> int | None:
    """Return the id of an update, by which it is confirmed, or None when it has none that can be."""
    position = update.get("update_id")
    return position if type(position) is int and 0 <= position < LARGEST else None


def _message(message: JSON, identify: Identify) -> tuple[str, int, JSON]:
    chat, sender = message["chat"], message.get("from") or {}
    text = message.get("text")
    body: JSON = {
        "message_id": _number(message["message_id"]),
        "date": _date(message["date"]),
        "chat": _chat(chat),
    }
    if sender:
        body["from"] = _user(sender)
    said = [str(message.get(field) or "") for field in ("text", "caption")]
    if any(contains_secret(text) for text in said):
        body[WITHHELD] = SECRET
        # a space between them: no secret may come about that nobody sent
        body[TAGS] = identify(" ".join(said))
    elif any(contains_token(text) for text in said):
        body[WITHHELD] = TOKEN
    elif isinstance(text, str):
        if opened := OPENED.fullmatch(text):
            body[INVITE] = hash_token(opened[1]).hex()
        body["text"] = FORMAT.sub("inv_…", text)[:TEXT_LENGTH]
        body["entities"] = [
            _entity(entity) for entity in message.get("entities") or [] if entity["type"] == "bot_command"
        ]
    return f"{body['chat']['id']}:{body['message_id']}", body.get("from", {}).get("id", NO_PERSON), body


def _callback_query(query: JSON) -> tuple[str, int, JSON]:
    body: JSON = {
        "id": _text(query["id"], 64).encode("ascii").decode(),
        "from": _user(query["from"]),
        "chat_instance": _text(query.get("chat_instance", ""), 64),
        # never empty: PTB takes a tap without data for one that every button's handler may have
        "data": _text(query.get("data") or "?", 64),
    }
    if isinstance(message := query.get("message"), dict):
        body["message"] = {
            "message_id": _number(message["message_id"]),
            "date": _date(message["date"]),
            "chat": _chat(message["chat"]),
        }
    return f"cq:{body['id']}", body["from"]["id"], body


def _membership(change: JSON) -> tuple[str, int, JSON]:
    """Reduce a change in a private chat. What the bot may do in groups is of no use, and has many more fields."""
    chat = _chat(change["chat"])
    if chat["type"] != "private":
        raise ValueError("a membership in a group")
    body: JSON = {"chat": chat, "from": _user(change["from"]), "date": _date(change["date"])}
    for field in ("old_chat_member", "new_chat_member"):
        member = change[field]
        if member["status"] not in MEMBERSHIPS:
            raise ValueError("a membership that private chats do not have")
        body[field] = {"user": _user(member["user"]), "status": member["status"], "until_date": 0}
    return f"member:{chat['id']}:{body['date']}:{body['new_chat_member']['status']}", body["from"]["id"], body


def _chat(chat: JSON) -> JSON:
    return {"id": _number(chat["id"]), "type": _text(chat["type"], 16)}


def _user(user: JSON) -> JSON:
    body: JSON = {
        "id": _number(user["id"]),
        "is_bot": bool(user.get("is_bot", False)),
        "first_name": _text(user.get("first_name", ""), 256),
    }
    for field in ("username", "language_code"):
        if user.get(field):
            body[field] = _text(user[field], 64)
    return body


def _entity(entity: JSON) -> JSON:
    return {"type": "bot_command", "offset": _number(entity["offset"]), "length": _number(entity["length"])}


def _number(value: object) -> int:
    number = int(value)  # type: ignore[call-overload]  # what cannot be a number raises
    if abs(number) >= LARGEST:
        raise ValueError("no column holds the number")
    return int(number)


def _date(value: object) -> int:
    date = _number(value)
    if not 0 <= date < END_OF_TIME:
        raise ValueError("no calendar knows the date")
    return date


def _text(value: object, length: int) -> str:
    """Return the beginning of a short text, or a question mark for one with a secret in it: cut, it might hide it."""
    text = str(value)
    return "?" if contains_secret(text) or contains_token(text) or contains_invite(text) else text[:length]
