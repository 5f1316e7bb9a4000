"""An update, reduced to the fields that handlers need, before it is kept anywhere.

What is left out is left out for a reason: a bot's message, a reply, a quote and a pin carry the text of the message
they are about, and that text may be a secret. A person's own text that has a secret in it is left out too.
"""

from __future__ import annotations

from typing import Any

from bot.services.hashing import contains_secret
from bot.services.inbox import Received

WITHHELD = "withheld_secret"
"""Field of a reduced message whose text had a secret in it."""
NO_PERSON = 0
TEXT_LENGTH = 4096

JSON = dict[str, Any]


def reduce_update(update: JSON, bot_id: int) -> Received | None:
    """Return what is kept of an update, or None when it is of no use to this bot."""
    for kind, reduce in (("message", _message), ("callback_query", _callback_query), ("my_chat_member", _membership)):
        if isinstance(update.get(kind), dict):
            try:
                source, person, body = reduce(update[kind])
                return Received(
                    f"{bot_id}:{source}", update["update_id"], person, {kind: body, "update_id": update["update_id"]}
                )
            except (KeyError, TypeError, ValueError):
                # a field that Telegram always sends is missing: nothing can be done with it, now or later
                return None
    return None


def _message(message: JSON) -> tuple[str, int, JSON]:
    chat, sender = message["chat"], message.get("from") or {}
    text = message.get("text")
    body: JSON = {
        "message_id": int(message["message_id"]),
        "date": int(message["date"]),
        "chat": _chat(chat),
    }
    if sender:
        body["from"] = _user(sender)
    if any(contains_secret(str(message.get(field) or "")) for field in ("text", "caption")):
        body[WITHHELD] = True
    elif isinstance(text, str):
        body["text"] = text[:TEXT_LENGTH]
        body["entities"] = [
            _entity(entity) for entity in message.get("entities") or [] if entity["type"] == "bot_command"
        ]
    return f"{int(chat['id'])}:{body['message_id']}", int(sender.get("id", NO_PERSON)), body


def _callback_query(query: JSON) -> tuple[str, int, JSON]:
    body: JSON = {
        "id": str(query["id"])[:64],
        "from": _user(query["from"]),
        "chat_instance": str(query.get("chat_instance", ""))[:64],
        "data": _harmless(str(query.get("data", ""))[:64]),
    }
    if isinstance(message := query.get("message"), dict):
        body["message"] = {
            "message_id": int(message["message_id"]),
            "date": int(message["date"]),
            "chat": _chat(message["chat"]),
        }
    return f"cq:{body['id']}", body["from"]["id"], body


def _membership(change: JSON) -> tuple[str, int, JSON]:
    chat = _chat(change["chat"])
    body: JSON = {"chat": chat, "from": _user(change["from"]), "date": int(change["date"])}
    for field in ("old_chat_member", "new_chat_member"):
        member = change[field]
        body[field] = {"user": _user(member["user"]), "status": str(member["status"])[:32], "until_date": 0}
    return f"member:{chat['id']}:{body['date']}:{body['new_chat_member']['status']}", body["from"]["id"], body


def _chat(chat: JSON) -> JSON:
    return {"id": int(chat["id"]), "type": str(chat["type"])[:16]}


def _user(user: JSON) -> JSON:
    body: JSON = {
        "id": int(user["id"]),
        "is_bot": bool(user.get("is_bot", False)),
        "first_name": _harmless(str(user.get("first_name", ""))[:256]),
    }
    for field in ("username", "language_code"):
        if user.get(field):
            body[field] = _harmless(str(user[field])[:64])
    return body


def _entity(entity: JSON) -> JSON:
    return {"type": str(entity["type"]), "offset": int(entity["offset"]), "length": int(entity["length"])}


def _harmless(text: str) -> str:
    return "?" if contains_secret(text) else text
