"""People, chats and messages: what exists in the sandbox, with everything a message ever looked like."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.sandbox.entities import Entity
from bot.sandbox.keyboards import Markup

Json = dict[str, Any]
_LAST_GROUP = -1_000_000_000_000  # ids below it are supergroups'
MEDIA = frozenset({"document", "photo", "sticker", "voice"})


@dataclass
class Person:
    """Somebody who uses Telegram, and how they stand to the bot."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    started: bool = False  # has written to the bot: only then may it write to them
    blocked: bool = False
    refuses_edits: bool = False  # while blocked, edits and deletions are refused too; nobody knows what Telegram does
    deactivated: bool = False
    about: str = ""  # what the page says of them; Telegram knows nothing of it

    def to_json(self) -> Json:
        """Return it as a User of the Bot API."""
        told: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            told["username"] = self.username
        if self.language_code:
            told["language_code"] = self.language_code
        return told


@dataclass
class Group:
    """A group with people in it. The bot is a member until it is removed."""

    id: int
    title: str
    members: set[int]
    bot_is_admin: bool = False

    def to_json(self) -> Json:
        """Return it as a Chat of the Bot API."""
        kind = "supergroup" if self.id < _LAST_GROUP else "group"
        return {"id": self.id, "title": self.title, "type": kind}


@dataclass(frozen=True)
class Content:
    """What a message says: its kind, its text or caption, and the fields a kind brings along."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    kind: str = "text"
    details: Json = field(default_factory=dict)
    data: bytes = field(default=b"", repr=False)

    def to_json(self) -> Json:
        """Return its fields of a Message."""
        told = dict(self.details)
        name = "text" if self.kind == "text" else "caption"
        if self.text:
            told[name] = self.text
        if self.entities:
            told["entities" if name == "text" else "caption_entities"] = [e.to_json() for e in self.entities]
        return told


@dataclass(frozen=True)
class Moment:
    """An instant on both clocks, in Unix seconds."""

    virtual: float
    real: float


@dataclass
class Revision:
    """How a message looked from one moment to another."""

    content: Content
    markup: Markup | None
    since: Moment
    until: Moment | None = None
    ended_by: Literal["edited", "deleted"] | None = None


@dataclass
class Message:
    """A message and its whole past. Its present is the last revision; a deleted one has none."""

    id: int
    chat_id: int
    sender_id: int
    date: int
    revisions: list[Revision]
    edit_date: int | None = None
    protected: bool = False
    silent: bool = False
    reply_to: int | None = None
    quote: Json | None = None
    forward: Json = field(default_factory=dict)
    extras: Json = field(default_factory=dict)
    hidden_from: dict[int, Moment] = field(default_factory=dict)  # people who deleted it for themselves only

    @property
    def content(self) -> Content:
        """Return what it says, or said last."""
        return self.revisions[-1].content

    @property
    def markup(self) -> Markup | None:
        """Return its keyboard, or the last one it had."""
        return self.revisions[-1].markup

    @property
    def is_deleted(self) -> bool:
        """Tell whether it is gone."""
        return self.revisions[-1].ended_by == "deleted"

    def buttons(self) -> list[list[Json]]:
        """Return the rows of its inline keyboard."""
        return self.markup.rows if self.markup and self.markup.kind == "inline" else []

    def change(self, content: Content, markup: Markup | None, at: Moment) -> None:
        """Make it look different from now on."""
        self._end("edited", at)
        self.edit_date = int(at.virtual)
        self.revisions.append(Revision(content, markup, at))

    def delete(self, at: Moment) -> None:
        """Let it be gone for everybody."""
        self._end("deleted", at)

    def _end(self, reason: Literal["edited", "deleted"], at: Moment) -> None:
        self.revisions[-1] = replace(self.revisions[-1], until=at, ended_by=reason)


class Chats:
    """Everybody and everything, by id."""

    def __init__(self, bot: Json, *, first_message: int = 1) -> None:
        self.bot = bot
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self._messages: dict[tuple[int, int], Message] = {}
        self._by_chat: dict[int, list[Message]] = {}
        self._next = first_message

    def add(self, message: Message) -> None:
        """Keep a new message; its id must come from `next_id`."""
        self._messages[message.chat_id, message.id] = message
        self._by_chat.setdefault(message.chat_id, []).append(message)

    def next_id(self) -> int:
        """Return the next message id: one counter for the whole account of the bot, as Telegram has it."""
        self._next += 1
        return self._next - 1

    def find(self, chat_id: int, message_id: int) -> Message | None:
        """Return a message that exists now."""
        message = self._messages.get((chat_id, message_id))
        return None if message is None or message.is_deleted else message

    def find_ever(self, chat_id: int, message_id: int) -> Message | None:
        """Return a message that exists or existed."""
        return self._messages.get((chat_id, message_id))

    def in_chat(self, chat_id: int) -> list[Message]:
        """Return all messages a chat ever had, oldest first."""
        return self._by_chat.get(chat_id, [])

    def user_json(self, user_id: int) -> Json:
        """Return a User, the bot included."""
        return self.bot if user_id == self.bot["id"] else self.people[user_id].to_json()

    def chat_json(self, chat_id: int) -> Json:
        """Return a Chat."""
        if chat_id in self.groups:
            return self.groups[chat_id].to_json()
        person = self.people[chat_id]
        told: Json = {"id": chat_id, "first_name": person.first_name}
        if person.username:
            told["username"] = person.username
        return {**told, "type": "private"}

    def message_json(self, message: Message, *, with_reply: bool = True) -> Json:
        """Return a Message as it is now. Of what it replies to it carries text and keyboard, as Telegram does."""
        told: Json = {
            "message_id": message.id,
            "from": self.user_json(message.sender_id),
            "chat": self.chat_json(message.chat_id),
            "date": message.date,
        }
        if message.edit_date is not None:
            told["edit_date"] = message.edit_date
        told |= message.forward
        replied = self.find(message.chat_id, message.reply_to) if message.reply_to and with_reply else None
        if replied is not None:
            told["reply_to_message"] = self.message_json(replied, with_reply=False)
        if message.quote:
            told["quote"] = message.quote
        told |= message.content.to_json() | message.extras
        if message.protected:
            told["has_protected_content"] = True
        if message.buttons():
            told["reply_markup"] = {"inline_keyboard": message.buttons()}
        return told
