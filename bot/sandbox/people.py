"""What people do: talk, tap, edit, pin, forward, delete, block. Each act becomes the update Telegram makes of it."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.chats import MEDIA, Content, Group, Json, Message, Person
from bot.sandbox.keyboards import Button
from bot.sandbox.refusals import NotPossible
from bot.sandbox.updates import MESSAGE_LIFETIME
from bot.sandbox.world import CallbackQuery, World

_FULL = {"width": 512, "height": 512}


@dataclass(frozen=True)
class Said:
    """A message somebody sent, and the update that tells the bot; None when the bot is not told."""

    message_id: int
    update_id: int | None


@dataclass(frozen=True)
class Pressed:
    """What came of a tap: the bot's answer, or the copied text, or the opened address.

    `answered` is False while there is no answer; `seconds` are real ones, from the tap to the answer.
    """

    callback_query_id: str | None = None
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    seconds: float | None = None
    copied: str | None = None
    url: str | None = None


class People:
    """The acts. Every method names its person by id; `chat` is a group's id, the private chat when left out.

    All raise NotPossible where the person's app would not offer the act.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._chats = world.chats

    def add_person(
        self,
        id: int,  # noqa: A002 - the name it has in Telegram
        first_name: str,
        *,
        username: str | None = None,
        language_code: str | None = None,
        started: bool = False,
        about: str = "",
    ) -> int:
        """Let somebody exist, or change their names, and return their id.

        The bot may write to them once they have `started` it. `about` is shown on the page: "trader".
        """
        if not isinstance(id, int) or id <= 0 or not first_name:
            raise NotPossible("A person has an id above zero and a first_name.")
        old = self._chats.people.get(id)
        if old is None:
            old = self._chats.people[id] = Person(id, first_name, started=started)
        old.first_name, old.username, old.language_code = first_name, username, language_code
        old.about = about or old.about
        self.world.journal.record("person", person=id)
        return id

    def add_group(self, id: int, title: str, members: list[int], *, bot_is_admin: bool = False) -> int:  # noqa: A002
        """Open a group with the bot in it and return its id; the first member is who added it."""
        if id >= 0 or not members:
            raise NotPossible("A group has an id below zero and at least one member.")
        people = [self._person(member) for member in members]
        self._chats.groups[id] = Group(id, title, set(members), bot_is_admin)
        status = "administrator" if bot_is_admin else "member"
        self._tell_membership(people[0], id, "left", status)
        return id

    def say(
        self,
        person: int,
        text: str = "",
        *,
        kind: str = "text",
        chat: int | None = None,
        reply_to: int | None = None,
        quote: str | None = None,
        document: bytes = b"",
    ) -> Said:
        """Send a text, or a sticker, photo, voice message or document with `text` as its caption."""
        speaker = self._able(person)
        where = self._chat(speaker, chat)
        content = self._content(kind, text, document)
        replied = self._visible(speaker, where, reply_to) if reply_to is not None else None
        quoted = _quote(replied, quote) if replied and quote else None
        message = self.world.post(where, person, content, reply_to=reply_to, quote=quoted)
        return self._tell("message", message)

    def edit(self, person: int, message_id: int, text: str, *, chat: int | None = None) -> Said:
        """Change a text of one's own."""
        speaker = self._able(person)
        message = self._visible(speaker, self._chat(speaker, chat), message_id)
        if message.sender_id != person or message.content.kind != "text" or message.forward:
            raise NotPossible("People can edit texts they wrote themselves.")
        self.world.edit(message, self._content("text", text, b""), None)
        return self._tell("edited_message", message)

    def pin(self, person: int, message_id: int, *, chat: int | None = None) -> Said:
        """Pin a message; the bot reads it once more in the notice of it."""
        speaker = self._able(person)
        where = self._chat(speaker, chat)
        pinned = self._visible(speaker, where, message_id)
        told = self._chats.message_json(pinned, with_reply=False)
        content = Content(kind="pinned_message", details={"pinned_message": told})
        return self._tell("message", self.world.post(where, person, content))

    def forward(self, person: int, message_id: int, *, chat: int | None = None, to: int | None = None) -> Said:
        """Forward a message the person sees, to the bot or to the group `to`. Protected ones cannot be."""
        speaker = self._able(person)
        message = self._visible(speaker, self._chat(speaker, chat), message_id)
        if message.protected:
            raise NotPossible("This message is protected: it cannot be forwarded.")
        author = self._chats.user_json(message.sender_id)
        origin = {"type": "user", "sender_user": author, "date": message.date}
        forward = {"forward_origin": origin, "forward_from": author, "forward_date": message.date}
        copy = self.world.post(self._chat(speaker, to), person, message.content, forward=forward)
        return self._tell("message", copy)

    def tap(
        self,
        person: int,
        button: str | tuple[int, int] | None = None,
        *,
        message_id: int | None = None,
        data: str | None = None,
        chat: int | None = None,
        force: bool = False,
    ) -> tuple[Pressed, CallbackQuery | None]:
        """Tap a button: by its label or the label's last words, by (row, column) from 0, or by its `data`.

        Without `message_id` it is the newest message that has it. With `force` anything goes that a modified app
        can send: any `data`, on any message of any chat, even one that is gone.
        """
        speaker = self._able(person)
        where = chat if force and chat is not None else self._chat(speaker, chat)
        if force and data is not None and message_id is not None:
            return Pressed(), self.world.ask(speaker, self._forged_target(where, message_id), data)
        message, found = self._find_button(speaker, where, button, message_id, data)
        if "copy_text" in found:
            return Pressed(copied=found["copy_text"]["text"]), None
        if "callback_data" not in found:
            return Pressed(url=found.get("url")), None
        return Pressed(), self.world.ask(speaker, self._chats.message_json(message), found["callback_data"])

    def block(self, person: int, *, refuses_edits: bool = False) -> None:
        """Block the bot. With `refuses_edits` its edits and deletions fail as well as its messages."""
        someone = self._able(person)
        someone.blocked, someone.refuses_edits = True, refuses_edits
        self._tell_membership(someone, person, "member", "kicked")
        self.world.journal.record("person", person=person)

    def unblock(self, person: int) -> None:
        """Take the block back."""
        someone = self._person(person)
        if not someone.blocked:
            raise NotPossible(f"{someone.first_name} has not blocked the bot.")
        someone.blocked = someone.refuses_edits = False
        self._tell_membership(someone, person, "kicked", "member")
        self.world.journal.record("person", person=person)

    def deactivate(self, person: int) -> None:
        """Delete the account. The bot is not told."""
        self._person(person).deactivated = True
        self.world.journal.record("person", person=person)

    def delete_message(
        self, person: int, message_id: int, *, for_everyone: bool = True, chat: int | None = None
    ) -> None:
        """Delete a message, for everybody or only from one's own screen. The bot is not told."""
        someone = self._person(person)
        message = self._visible(someone, self._chat(someone, chat), message_id)
        if for_everyone:
            self.world.delete(message)
        else:
            self.world.hide(message, someone)

    def clear(self, person: int) -> None:
        """Clear the private chat for both sides."""
        self._person(person)
        for message in self._chats.in_chat(person):
            if not message.is_deleted:
                self.world.delete(message)

    def _person(self, person: int) -> Person:
        if person not in self._chats.people:
            raise NotPossible(f"There is no person {person}; known are {sorted(self._chats.people)}.")
        return self._chats.people[person]

    def _able(self, person: int) -> Person:
        someone = self._person(person)
        if someone.deactivated:
            raise NotPossible(f"The account of {someone.first_name} is deleted.")
        if someone.blocked:
            raise NotPossible(f"{someone.first_name} has blocked the bot and must unblock it first.")
        return someone

    def _chat(self, person: Person, chat: int | None) -> int:
        if chat is None or chat == person.id:
            return person.id
        group = self._chats.groups.get(chat)
        if group is None or person.id not in group.members:
            raise NotPossible(f"{person.first_name} is in no group {chat}.")
        return chat

    def _visible(self, person: Person, chat_id: int, message_id: int) -> Message:
        message = self._chats.find(chat_id, message_id)
        if message is None or person.id in message.hidden_from:
            raise NotPossible(f"{person.first_name} sees no message {message_id}.")
        return message

    def _content(self, kind: str, text: str, document: bytes) -> Content:
        content = self.world.format(text)
        if kind == "text":
            if not content.text:
                raise NotPossible("There is nothing to send.")
            return content
        if kind not in MEDIA:
            raise NotPossible(f"People send text, {', '.join(sorted(MEDIA))}; not {kind}.")
        file: Json = self.world.new_file()
        media: dict[str, Any] = {
            "document": file | {"file_name": "document.txt", "mime_type": "text/plain"},
            "photo": [file | _FULL],
            "sticker": file | _FULL | {"type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"},
            "voice": file | {"duration": 3, "mime_type": "audio/ogg"},
        }
        return Content(content.text, content.entities, kind, {kind: media[kind]}, document)

    def _forged_target(self, chat_id: int, message_id: int) -> Json:
        """Return the message a forged tap names; what the bot can no longer read is told as inaccessible."""
        message = self._chats.find(chat_id, message_id)
        if message is not None:
            return self._chats.message_json(message)
        return {"chat": self._chats.chat_json(chat_id), "message_id": message_id, "date": 0}

    def _find_button(
        self,
        person: Person,
        chat_id: int,
        wanted: str | tuple[int, int] | None,
        message_id: int | None,
        data: str | None,
    ) -> tuple[Message, Button]:
        if message_id is not None:
            messages = [self._visible(person, chat_id, message_id)]
        else:
            messages = [
                message
                for message in reversed(self._chats.in_chat(chat_id))
                if not message.is_deleted and person.id not in message.hidden_from
            ]
        for message in messages:
            if (button := _button(message.buttons(), wanted, data)) is not None:
                return message, button
        seen = [[button["text"] for button in row] for message in messages[:1] for row in message.buttons()]
        raise NotPossible(f"{person.first_name} sees no button {wanted or data or ''!r}; there are {seen}.")

    def _tell(self, kind: str, message: Message) -> Said:
        """Send a message to the bot, unless it is in a group and none of its business (privacy mode)."""
        person = self._chats.people.get(message.chat_id)
        if person is not None:
            person.started = True
        elif not self._concerns_bot(message):
            return Said(message.id, None)
        lane = f"chat {message.chat_id}"
        payload = self._chats.message_json(message)
        return Said(message.id, self.world.updates.add(kind, payload, lifetime=MESSAGE_LIFETIME, lane=lane))

    def _concerns_bot(self, message: Message) -> bool:
        text, username = message.content.text, f"@{self.world.bot['username']}".lower()
        replied = self._chats.find(message.chat_id, message.reply_to) if message.reply_to else None
        if message.content.kind == "pinned_message" or (replied and replied.sender_id == self.world.bot["id"]):
            return True
        command = text.split()[0].lower() if text.startswith("/") else ""
        return ("@" not in command or command.endswith(username)) if command else username in text.lower()

    def _tell_membership(self, person: Person, chat_id: int, old: str, new: str) -> None:
        payload = {
            "chat": self._chats.chat_json(chat_id),
            "from": person.to_json(),
            "date": int(self.world.clock.now()),
            "old_chat_member": self._membership(old),
            "new_chat_member": self._membership(new),
        }
        lane = f"member {chat_id}"
        self.world.updates.add("my_chat_member", payload, lifetime=MESSAGE_LIFETIME, lane=lane)

    def _membership(self, status: str) -> Json:
        member: Json = {"user": self.world.bot, "status": status}
        if status == "kicked":
            member["until_date"] = 0
        if status == "administrator":
            rights = ("be_edited", "manage_chat", "delete_messages", "manage_video_chats", "restrict_members")
            more = ("promote_members", "change_info", "invite_users", "post_stories", "edit_stories")
            member |= {f"can_{right}": right == "delete_messages" for right in (*rights, *more)}
            member |= {"can_delete_stories": False, "is_anonymous": False}
        return member


def _quote(replied: Message, quote: str) -> Json:
    position = replied.content.text.find(quote)
    if position < 0:
        raise NotPossible("The message does not contain what is quoted.")
    return {"text": quote, "position": position, "is_manual": True}


def _button(rows: list[list[Button]], wanted: str | tuple[int, int] | None, data: str | None) -> Button | None:
    """Return the button that is meant; None when there is none. NotPossible when there are several."""
    if isinstance(wanted, tuple):
        row, column = wanted
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else None
    buttons = [button for row in rows for button in row]
    if wanted is None:
        return next((button for button in buttons if button.get("callback_data") == data), None)
    label = wanted.casefold().strip()
    same = [button for button in buttons if button["text"].casefold().strip() == label]
    similar = same or [button for button in buttons if button["text"].casefold().strip().endswith(f" {label}")]
    if len(similar) > 1:
        raise NotPossible(f"{len(similar)} buttons are called {wanted}: say which by (row, column).")
    return similar[0] if similar else None
