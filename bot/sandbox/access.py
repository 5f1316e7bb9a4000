"""May the bot act in this chat? The server's checks of chat_id, in its order and words (Client.cpp, check_chat)."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.chats import Message, Person
from bot.sandbox.refusals import bad_request, forbidden
from bot.sandbox.world import World

BLOCKED = "bot was blocked by the user"


def writable_chat(world: World, arguments: Arguments) -> int:
    """Return the chat a new message may go to. Refusal when it may not."""
    chat_id = _known_chat(world, arguments)
    person = world.chats.people.get(chat_id)
    if person is None:
        return chat_id
    _refuse_deactivated(person)
    if not person.started:
        raise forbidden("bot can't initiate conversation with a user")
    if person.blocked:
        raise forbidden(BLOCKED)
    return chat_id


def editable_chat(world: World, arguments: Arguments) -> int:
    """Return the chat whose messages may be changed: neither server nor TDLib looks at a block here. Refusal if not."""
    chat_id = _known_chat(world, arguments)
    person = world.chats.people.get(chat_id)
    if person is None:
        return chat_id
    _refuse_deactivated(person)
    if not person.started:
        raise bad_request("chat not found")
    if person.blocked and person.refuses_edits:
        raise forbidden(BLOCKED)
    return chat_id


def seen_chat(world: World, arguments: Arguments) -> int:
    """Return a chat the bot may look at. Refusal (400) when it has never met it."""
    chat_id = _known_chat(world, arguments)
    person = world.chats.people.get(chat_id)
    if person is not None and not person.started:
        raise bad_request("chat not found")
    return chat_id


def existing_message(world: World, chat_id: int, arguments: Arguments, purpose: str) -> Message:
    """Return the message in `message_id`. Refusal (400): "message to … not found"."""
    message = world.chats.find(chat_id, arguments.integer("message_id"))
    if message is None:
        raise bad_request(f"{purpose} not found")
    return message


def _known_chat(world: World, arguments: Arguments) -> int:
    raw = arguments.text("chat_id")
    if not raw:
        raise bad_request("chat_id is empty")
    chat_id = 0 if raw.startswith("@") else arguments.integer("chat_id")
    if chat_id not in world.chats.people and chat_id not in world.chats.groups:
        raise bad_request("chat not found")
    return chat_id


def _refuse_deactivated(person: Person) -> None:
    if person.deactivated:
        raise forbidden("user is deactivated")
