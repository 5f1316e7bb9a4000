"""The Bot API methods that send, edit and delete messages and answer taps.

Texts are plain or HTML; other parse modes and ready-made `entities` are refused.
"""

from dataclasses import replace
from typing import Any

from bot.sandbox.access import editable_chat, existing_message, writable_chat
from bot.sandbox.arguments import Arguments, File
from bot.sandbox.chats import Content, Json, Message
from bot.sandbox.entities import Entity
from bot.sandbox.formatting import format_text
from bot.sandbox.keyboards import parse_markup
from bot.sandbox.markup import parse_html
from bot.sandbox.refusals import bad_request
from bot.sandbox.updates import CALLBACK_LIFETIME
from bot.sandbox.world import World

LONGEST_TEXT = 4096  # characters, after parsing
LONGEST_CAPTION = 1024
LONGEST_RAW_TEXT = 32_768  # bytes, before parsing
LONGEST_TOAST = 200
MOST_DELETED_AT_ONCE = 100
DELETABLE_FOR = 2 * 86_400  # seconds after sending (TDLib, DEFAULT_REVOKE_TIME_LIMIT)
_ACTIONS = frozenset(
    {
        "cancel",
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_audio",
        "upload_audio",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def send_message(world: World, arguments: Arguments) -> Json:
    """Bot API: sendMessage."""
    if not arguments.text("text"):
        raise bad_request("Message text is empty")
    parsed = _parsed(world, arguments, "text")
    return _send(world, arguments, parsed, longest=LONGEST_TEXT, too_long="message is too long")


def send_document(world: World, arguments: Arguments) -> Json:
    """Bot API: sendDocument, uploaded or by an id."""
    file = _uploaded(arguments, "document")
    if file is None and not arguments.text("document"):
        raise bad_request("there is no document in the request")
    details = world.new_file()
    if file is None:
        details["file_id"] = arguments.text("document")
    else:
        details |= {"file_name": file.name, "mime_type": file.content_type, "file_size": len(file.data)}
    caption = _parsed(world, arguments, "caption")
    content = replace(caption, kind="document", details={"document": details}, data=file.data if file else b"")
    return _send(world, arguments, content, longest=LONGEST_CAPTION, too_long="message caption is too long")


def _uploaded(arguments: Arguments, name: str) -> File | None:
    attached = arguments.text(name).removeprefix("attach://")
    return arguments.files.get(name) or arguments.files.get(attached)


def _parsed(world: World, arguments: Arguments, name: str) -> Content:
    """Return text and entities as the markup says, not yet cleaned and trimmed."""
    text = arguments.text(name)
    if len(text.encode(errors="surrogatepass")) > LONGEST_RAW_TEXT:
        raise bad_request("Text is too long")
    if arguments.text("entities") or arguments.text("caption_entities"):
        raise bad_request("the sandbox takes HTML, not ready-made entities")
    mode = arguments.text("parse_mode").lower()
    if mode in {"", "none"} or not text:
        return Content(text)
    if mode != "html":
        raise bad_request("Unsupported parse_mode")
    try:
        plain, entities = parse_html(text)
    except UnicodeEncodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    named = (_with_user(world, entity) for entity in entities)
    return Content(plain, tuple(entity for entity in named if entity is not None))


def _with_user(world: World, entity: Entity) -> Entity | None:
    """Put the user into a mention of them; a mention of nobody is no entity."""
    if entity.type != "text_mention":
        return entity
    person = world.chats.people.get(int(str(entity.details["user_id"])))
    return None if person is None else replace(entity, details={"user": person.to_json()})


def _finished(content: Content, longest: int, too_long: str) -> Content:
    """Return the content as it will be stored. Refusal (400) when nothing is left of a text, or too much."""
    text, entities = format_text(content.text, content.entities)
    if not text and content.kind == "text":
        raise bad_request("Text must be non-empty")
    if len(text) > longest:
        raise bad_request(too_long)
    return replace(content, text=text, entities=tuple(entities))


def _send(world: World, arguments: Arguments, content: Content, *, longest: int, too_long: str) -> Json:
    markup = parse_markup(arguments.text("reply_markup"))
    reply = arguments.structure("reply_parameters", "reply parameters")
    chat_id = writable_chat(world, arguments)
    content = _finished(content, longest, too_long)
    reply_to = _reply_target(world, chat_id, reply)
    world.limits.spend(chat_id)
    message = world.post(
        chat_id,
        world.bot["id"],
        content,
        markup,
        protected=arguments.boolean("protect_content"),
        silent=arguments.boolean("disable_notification"),
        reply_to=reply_to,
        extras=_extras(arguments),
    )
    return world.chats.message_json(message)


def _reply_target(world: World, chat_id: int, reply: Any) -> int | None:
    if not reply:
        return None
    if not isinstance(reply, dict):
        raise bad_request("Object expected as reply parameters")
    if "message_id" not in reply:
        raise bad_request('Can\'t find field "message_id"')
    if not isinstance(reply["message_id"], int):
        raise bad_request('Field "message_id" must be a Number')
    if world.chats.find(chat_id, reply["message_id"]) is not None:
        return reply["message_id"]
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _extras(arguments: Arguments) -> Json:
    """Return what a message echoes of how it was sent."""
    extras: Json = {}
    preview = arguments.structure("link_preview_options", "link preview options")
    if preview is not None and not isinstance(preview, dict):
        raise bad_request("Object expected as link preview options")
    if preview:
        extras["link_preview_options"] = preview
    if arguments.text("message_effect_id"):
        extras["effect_id"] = arguments.text("message_effect_id")
    return extras


def edit_message_text(world: World, arguments: Arguments) -> Json:
    """Bot API: editMessageText. Without `reply_markup` the keyboard goes."""
    if not arguments.text("text"):
        raise bad_request("Message text is empty")
    content = _parsed(world, arguments, "text")
    markup = parse_markup(arguments.text("reply_markup"), only_inline=True)
    message = _editable_message(world, arguments)
    if message.content.kind != "text":
        raise bad_request("There is no text in the message to edit")
    # the edit path does not translate the server's error as sending does (EditMessageQuery)
    content = _finished(content, LONGEST_TEXT, "MESSAGE_TOO_LONG")
    world.limits.spend(message.chat_id)
    if (content, markup) == (message.content, message.markup):
        raise bad_request(_NOT_MODIFIED)
    message.extras = _extras(arguments)
    world.edit(message, content, markup)
    return world.chats.message_json(message)


def edit_message_reply_markup(world: World, arguments: Arguments) -> Json:
    """Bot API: editMessageReplyMarkup."""
    markup = parse_markup(arguments.text("reply_markup"), only_inline=True)
    message = _editable_message(world, arguments)
    world.limits.spend(message.chat_id)
    if markup == message.markup:
        raise bad_request(_NOT_MODIFIED)
    world.edit(message, message.content, markup)
    return world.chats.message_json(message)


def _editable_message(world: World, arguments: Arguments) -> Message:
    if not arguments.text("chat_id") and not arguments.integer("message_id"):
        raise bad_request("Message identifier is not specified")  # of an inline message: there are none here
    chat_id = editable_chat(world, arguments)
    message = existing_message(world, chat_id, arguments, "message to edit")
    has_other_markup = message.markup is not None and message.markup.kind != "inline"
    if message.sender_id != world.bot["id"] or has_other_markup or message.forward:
        raise bad_request("Message can't be edited")
    return message


def delete_message(world: World, arguments: Arguments) -> bool:
    """Bot API: deleteMessage, for both sides."""
    if not arguments.text("chat_id"):
        raise bad_request("Chat identifier is not specified")
    if arguments.integer("message_id") <= 0:
        raise bad_request("Message identifier is not specified")
    chat_id = editable_chat(world, arguments)
    message = existing_message(world, chat_id, arguments, "message to delete")
    _refuse_deletion(world, [message])
    world.delete(message)
    return True


def delete_messages(world: World, arguments: Arguments) -> bool:
    """Bot API: deleteMessages. Messages it does not find it skips without a word."""
    numbers = _message_ids(arguments)
    chat_id = editable_chat(world, arguments)
    found = [message for number in numbers if (message := world.chats.find(chat_id, number))]
    _refuse_deletion(world, found)
    for message in {message.id: message for message in found}.values():
        world.delete(message)
    return True


def _message_ids(arguments: Arguments) -> list[int]:
    numbers = arguments.structure("message_ids", "message_ids")
    if numbers is None or numbers == []:
        raise bad_request("Message identifiers are not specified")
    if not isinstance(numbers, list):
        raise bad_request("Expected an Array of message identifiers")
    if len(numbers) > MOST_DELETED_AT_ONCE:
        raise bad_request("Too many message identifiers specified")
    if not all(isinstance(number, int) and number > 0 for number in numbers):
        raise bad_request("Invalid message identifier specified")
    return numbers


def _refuse_deletion(world: World, messages: list[Message]) -> None:
    """Raise when one of them is too old, or somebody else's in a group the bot does not run: then none goes."""
    now = world.clock.now()
    for message in messages:
        group = world.chats.groups.get(message.chat_id)
        if group is not None and message.sender_id != world.bot["id"] and not group.bot_is_admin:
            raise bad_request("message can't be deleted")
        if now - message.date > DELETABLE_FOR:
            raise bad_request("Message can't be deleted for everyone")


def answer_callback_query(world: World, arguments: Arguments) -> bool:
    """Bot API: answerCallbackQuery. Each query takes one answer, within 150 seconds."""
    text = arguments.text("text")
    query = world.queries.get(arguments.text("callback_query_id"))
    now = world.moment()
    if query is None or query.answered or now.virtual - query.asked.virtual > CALLBACK_LIFETIME:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text) > LONGEST_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    url = arguments.text("url")
    if url and not url.startswith(f"https://t.me/{world.bot['username']}?start="):
        raise bad_request("URL_INVALID")
    query.answered = now
    query.answer = {"text": text, "show_alert": arguments.boolean("show_alert"), "url": url}
    world.journal.record("answer", person=query.person_id, callback_query_id=query.id, **query.answer)
    return True


def send_chat_action(world: World, arguments: Arguments) -> bool:
    """Bot API: sendChatAction."""
    action = arguments.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat_id = writable_chat(world, arguments)
    world.journal.record("action", chat_id=chat_id, action=action)
    return True
