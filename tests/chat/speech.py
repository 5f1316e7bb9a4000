"""Updates as Telegram sends them, from builders that speak: `message("/register VPS-1", person=ANNA)`."""

from __future__ import annotations

import itertools
import re
from typing import Any

from tests.chat.offline import FIRST_INCOMING

JSON = dict[str, Any]

DATE = 1795448587
_numbers = itertools.count(FIRST_INCOMING)
COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(?:@\w+)?")


def person(telegram_id: int, first_name: str, **more: Any) -> JSON:
    """Return a person as Telegram describes them."""
    return {"id": telegram_id, "is_bot": False, "first_name": first_name, "language_code": "en", **more}


ANNA = person(101, "Anna", username="anna_fx")
BOB = person(202, "Bob")
OLGA = person(9, "Olga")
ROBOT = person(303, "Robot", is_bot=True)


def private(somebody: JSON) -> JSON:
    """Return a person's private chat with the bot."""
    return {"id": somebody["id"], "type": "private", "first_name": somebody["first_name"]}


def group(chat_id: int = -55) -> JSON:
    """Return a group."""
    return {"id": chat_id, "type": "group", "title": "Traders"}


def message(text: str | None = None, *, person: JSON = ANNA, chat: JSON | None = None, **more: Any) -> JSON:
    """Return the update of something said, its commands marked as Telegram marks them."""
    number = next(_numbers)
    body: JSON = {"message_id": number, "date": DATE, "chat": chat or private(person), "from": person}
    if text is not None:
        body["text"] = text
        if found := COMMAND.match(text):
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": found.end()}]
    return {"update_id": number, "message": {**body, **more}}


def tap(data: str, *, person: JSON = ANNA, on: int = 1000, chat: JSON | None = None, **more: Any) -> JSON:
    """Return the update of a tap on a button of the message `on`, which Telegram sends along whole."""
    number = next(_numbers)
    tapped = {
        "message_id": on,
        "date": DATE,
        "chat": chat or private(person),
        "from": {"id": 1, "is_bot": True, "first_name": "Registry"},
        "text": "what the message says",
    }
    query = {"id": f"query-{number}", "from": person, "chat_instance": "1", "data": data, "message": tapped}
    return {"update_id": number, "callback_query": {**query, **more}}


def membership(status: str, *, person: JSON = ANNA, chat: JSON | None = None, **more: Any) -> JSON:
    """Return the update of somebody who changed what the bot may do in a chat: blocked it, for example."""
    number = next(_numbers)
    bot = {"id": 1, "is_bot": True, "first_name": "Registry"}
    return {
        "update_id": number,
        "my_chat_member": {
            "chat": chat or private(person),
            "from": person,
            "date": DATE + number,
            "old_chat_member": {"user": bot, "status": "member"},
            "new_chat_member": {"user": bot, "status": status, **more},
        },
    }


def entity(command: str) -> JSON:
    """Return the mark of a command at the beginning of a text."""
    return {"type": "bot_command", "offset": 0, "length": len(command)}
