"""What a person sees now, and everything they ever could see: the sandbox's evidence for tests."""

import html
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bot.sandbox.chats import Json, Message, Revision
from bot.sandbox.entities import Entity
from bot.sandbox.keyboards import Button
from bot.sandbox.world import World

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}


@dataclass(frozen=True)
class Bubble:
    """A message on somebody's screen. `date` and `edit_date` are virtual Unix seconds."""

    message_id: int
    chat_id: int
    from_bot: bool
    sender: str
    date: int
    edit_date: int | None
    kind: str
    text: str
    html: str
    entities: list[Json]
    buttons: list[list[Json]]
    protected: bool
    silent: bool
    reply_to: int | None
    deleted: bool = False
    file_name: str | None = None
    file_size: int | None = None

    @property
    def labels(self) -> list[list[str]]:
        """Return the words on its buttons, row by row."""
        return [[button["text"] for button in row] for row in self.buttons]

    def to_json(self) -> Json:
        """Return it for the control interface."""
        return asdict(self)


@dataclass(frozen=True)
class Sighting:
    """One look of a message, and from when to when it could be seen: virtual and real Unix seconds.

    `ended_by` is "edited", "deleted", or None while it can still be seen.
    """

    message_id: int
    chat_id: int
    from_bot: bool
    text: str
    html: str
    buttons: list[list[Json]]
    protected: bool
    visible_from: float
    visible_until: float | None
    real_from: float
    real_until: float | None
    ended_by: str | None

    def to_json(self) -> Json:
        """Return it for the control interface."""
        return asdict(self)


def screen(world: World, person_id: int, chat_id: int) -> list[Bubble]:
    """Return what a person sees in a chat, oldest first."""
    return list(look_back(world, person_id, chat_id))[::-1]


def look_back(world: World, person_id: int, chat_id: int, after: int = 0) -> Iterator[Bubble]:
    """Yield what a person sees in a chat behind id `after`, newest first."""
    for message in reversed(world.chats.in_chat(chat_id)):
        if message.id <= after:
            return
        if not message.is_deleted and person_id not in message.hidden_from:
            yield _bubble(world, message)


def history(world: World, person_id: int, chat_id: int) -> list[Sighting]:
    """Return every look that messages of a chat ever had on a person's screen, oldest message first."""
    return [
        sighting
        for message in world.chats.in_chat(chat_id)
        for revision in message.revisions
        if (sighting := _sighting(world, message, revision, person_id))
    ]


def _bubble(world: World, message: Message) -> Bubble:
    content = message.content
    return Bubble(
        message_id=message.id,
        chat_id=message.chat_id,
        from_bot=message.sender_id == world.bot["id"],
        sender=world.chats.user_json(message.sender_id)["first_name"],
        date=message.date,
        edit_date=message.edit_date,
        kind=content.kind,
        text=content.text,
        html=to_html(content.text, content.entities),
        entities=[entity.to_json() for entity in content.entities],
        buttons=_buttons(message.buttons()),
        protected=message.protected,
        silent=message.silent,
        reply_to=message.reply_to,
        file_name=content.details.get("document", {}).get("file_name"),
        file_size=len(content.data) if content.kind == "document" else None,
    )


def _sighting(world: World, message: Message, revision: Revision, person_id: int) -> Sighting | None:
    """Return a revision as one person saw it; None when they had already deleted it for themselves."""
    hidden = message.hidden_from.get(person_id)
    if hidden is not None and hidden.virtual <= revision.since.virtual:
        return None
    until, ended_by = revision.until, revision.ended_by
    if hidden is not None and (until is None or hidden.virtual < until.virtual):
        until, ended_by = hidden, "deleted"
    markup = revision.markup
    return Sighting(
        message_id=message.id,
        chat_id=message.chat_id,
        from_bot=message.sender_id == world.bot["id"],
        text=revision.content.text,
        html=to_html(revision.content.text, revision.content.entities),
        buttons=_buttons(markup.rows if markup else []),
        protected=message.protected,
        visible_from=revision.since.virtual,
        visible_until=until.virtual if until else None,
        real_from=revision.since.real,
        real_until=until.real if until else None,
        ended_by=ended_by,
    )


def _buttons(rows: list[list[Button]]) -> list[list[Json]]:
    """Return buttons with what they copy as plain text."""
    return [[_flat(button) for button in row] for row in rows]


def _flat(button: Button) -> Json:
    copied = button.get("copy_text")
    return button | {"copy_text": copied["text"]} if copied else dict(button)


def to_html(text: str, entities: Iterable[Entity]) -> str:
    """Write text and entities as Telegram HTML again, one way of several."""
    units = text.encode("utf-16-le")
    pieces: list[str] = []
    open_entities: list[Entity] = []
    at = 0

    def write_until(offset: int) -> None:
        nonlocal at
        pieces.append(html.escape(units[2 * at : 2 * offset].decode("utf-16-le"), quote=False))
        at = offset

    def close_until(offset: int) -> None:
        while open_entities and open_entities[-1].end <= offset:
            write_until(open_entities[-1].end)
            pieces.append(_end_tag(open_entities.pop()))

    for entity in entities:
        close_until(entity.offset)
        write_until(entity.offset)
        pieces.append(_start_tag(entity))
        open_entities.append(entity)
    close_until(len(units) // 2)
    write_until(len(units) // 2)
    return "".join(pieces)


def _start_tag(entity: Entity) -> str:
    details: dict[str, Any] = {
        name: html.escape(str(value)) for name, value in entity.details.items() if name != "user"
    }
    if entity.type == "date_time":
        shown_as = f' format="{details["date_time_format"]}"' if "date_time_format" in details else ""
        return f'<tg-time unix="{details["unix_time"]}"{shown_as}>'
    if entity.type == "text_link":
        return f'<a href="{details["url"]}">'
    if entity.type == "pre":
        return f'<pre><code class="language-{details["language"]}">' if "language" in details else "<pre>"
    if entity.type == "custom_emoji":
        return f'<tg-emoji emoji-id="{details["custom_emoji_id"]}">'
    if entity.type == "expandable_blockquote":
        return "<blockquote expandable>"
    return f"<{_TAGS[entity.type]}>" if entity.type in _TAGS else ""


def _end_tag(entity: Entity) -> str:
    if entity.type == "pre" and "language" in entity.details:
        return "</code></pre>"
    name = {
        "date_time": "tg-time",
        "text_link": "a",
        "pre": "pre",
        "custom_emoji": "tg-emoji",
        "expandable_blockquote": "blockquote",
    }.get(entity.type) or _TAGS.get(entity.type)
    return f"</{name}>" if name else ""
