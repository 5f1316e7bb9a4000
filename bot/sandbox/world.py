"""The state of the sandbox in one place, and the few changes that both the bot and people cause."""

import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.chats import Chats, Content, Json, Message, Moment, Person, Revision
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Faults
from bot.sandbox.formatting import format_text
from bot.sandbox.journal import Journal
from bot.sandbox.keyboards import Markup
from bot.sandbox.limits import Limits
from bot.sandbox.updates import CALLBACK_LIFETIME, Updates


@dataclass
class Timings:
    """How long the server itself takes over things, in real seconds; tests shorten them."""

    conflict: float = 3.0  # a second 409 within this time is answered this late
    repeated_poll: float = 3.0  # the least timeout of a poll that repeats its offset within this time
    hasty_poll: float = 0.5  # such a poll within this time gets one update only
    set_webhook: float = 1.0  # between two setWebhook calls
    webhook_answer: float = 60.0  # how long a webhook may take to answer
    webhook_retry: float = 1.0  # stretches the pauses between deliveries that fail


@dataclass
class Call:
    """A Bot API call. `status` and `answer` are None until it was answered, and for ever if it never was."""

    number: int
    method: str
    parameters: Json
    chat_id: int | None
    at: Moment
    status: int | None = None
    answer: Any = None
    applied: bool = False
    fault: str | None = None
    answered_at: Moment | None = None

    @property
    def is_idle(self) -> bool:
        """Tell whether it is a poll that brought nothing."""
        return self.method.lower() == "getupdates" and self.answer == [] and self.fault is None

    def to_json(self) -> Json:
        """Return it for the control interface."""
        return {
            "number": self.number,
            "method": self.method,
            "parameters": self.parameters,
            "chat_id": self.chat_id,
            "at": self.at.virtual,
            "real_at": self.at.real,
            "status": self.status,
            "answer": self.answer,
            "applied": self.applied,
            "fault": self.fault,
        }


@dataclass
class CallbackQuery:
    """A tap on a button, and the bot's answer once there is one."""

    id: str
    person_id: int
    asked: Moment
    answered: Moment | None = None
    answer: Json = field(default_factory=dict)


class World:
    """Everything there is. Nothing in here waits, and nothing speaks HTTP."""

    def __init__(self, *, bot_id: int, username: str, speed: float, first_number: int) -> None:
        self.clock = Clock(speed)
        self.journal = Journal()
        self.timings = Timings()
        self.bot: Json = {"id": bot_id, "is_bot": True, "first_name": "Sandbox bot", "username": username}
        self.chats = Chats(self.bot, first_message=first_number)
        self.updates = Updates(self.clock, first=first_number)
        self.limits = Limits(self.clock)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.finished: list[Call] = []  # in the order of their answers: a long poll ends after what began later
        self.queries: dict[str, CallbackQuery] = {}
        self._chat_instances: dict[int, str] = {}
        self._file_numbers = itertools.count(1)

    def moment(self) -> Moment:
        """Return the present."""
        return Moment(self.clock.now(), self.clock.real())

    def format(self, text: str) -> Content:
        """Return what a person typed, with the commands and links Telegram finds in it."""
        found, entities = format_text(text)
        return Content(found, tuple(entities))

    def post(
        self, chat_id: int, sender_id: int, content: Content, markup: Markup | None = None, **about: Any
    ) -> Message:
        """Put a message into a chat; `about` are fields of Message."""
        now = self.moment()
        revision = Revision(content, markup, now)
        message = Message(self.chats.next_id(), chat_id, sender_id, int(now.virtual), [revision], **about)
        self.chats.add(message)
        self._record("message", message)
        return message

    def edit(self, message: Message, content: Content, markup: Markup | None) -> None:
        """Change a message for everybody."""
        message.change(content, markup, self.moment())
        self._record("edited", message)

    def delete(self, message: Message) -> None:
        """Remove a message for everybody."""
        message.delete(self.moment())
        self._record("deleted", message)

    def hide(self, message: Message, person: Person) -> None:
        """Remove a message for one person only."""
        message.hidden_from[person.id] = self.moment()
        self._record("deleted", message)

    def _record(self, kind: str, message: Message) -> None:
        self.journal.record(kind, chat_id=message.chat_id, message_id=message.id)

    def ask(self, person: Person, message_json: Json, data: str) -> CallbackQuery:
        """Send a tap to the bot, as a callback query about the message in `message_json`."""
        query = CallbackQuery(str(secrets.randbits(62)), person.id, self.moment())
        self.queries[query.id] = query
        instance = self._chat_instances.setdefault(message_json["chat"]["id"], str(secrets.randbits(62)))
        payload = {
            "id": query.id,
            "from": person.to_json(),
            "message": message_json,
            "chat_instance": instance,
            "data": data,
        }
        lane = f"callback {person.id}"
        self.updates.add("callback_query", payload, lifetime=CALLBACK_LIFETIME, lane=lane)
        return query

    def new_file(self) -> Json:
        """Return the ids of a file nobody has seen before."""
        number = next(self._file_numbers)
        return {"file_id": f"sandbox-file-{number}", "file_unique_id": f"sandbox-{number}"}
