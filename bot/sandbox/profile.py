"""The Bot API methods about the bot itself and about whom it talks to: getMe, commands, descriptions, getChat."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.access import seen_chat
from bot.sandbox.arguments import Arguments
from bot.sandbox.chats import Json
from bot.sandbox.refusals import bad_request
from bot.sandbox.world import World

MOST_COMMANDS = 100
LONGEST_COMMAND = 32
LONGEST_COMMAND_DESCRIPTION = 256
LONGEST_DESCRIPTION = 512
LONGEST_SHORT_DESCRIPTION = 120
_SIMPLE_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_GROUP_SCOPES = frozenset({"chat_administrators", "chat_member"})
_CHAT_SCOPES = _GROUP_SCOPES | {"chat"}
_Key = tuple[str, int, int, str]  # scope, chat, user, language


@dataclass
class Profile:
    """What the bot says about itself; texts by language code."""

    commands: dict[_Key, list[Json]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


def get_me(world: World) -> Json:
    """Bot API: getMe."""
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, arguments: Arguments) -> Json:
    """Bot API: getChat, the fields that are always there."""
    chat_id = seen_chat(world, arguments)
    always = {
        "accent_color_id": abs(chat_id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
            False,
        ),
    }
    return world.chats.chat_json(chat_id) | always


def set_my_commands(world: World, profile: Profile, arguments: Arguments) -> bool:
    """Bot API: setMyCommands. An empty list deletes."""
    commands = _commands(arguments.structure("commands", "commands"))
    key = _key(world, arguments)
    profile.commands.pop(key, None)
    if commands:
        profile.commands[key] = commands
    return True


def get_my_commands(world: World, profile: Profile, arguments: Arguments) -> list[Json]:
    """Bot API: getMyCommands."""
    return profile.commands.get(_key(world, arguments), [])


def commands_for(profile: Profile, user: Json, chat_id: int) -> list[Json]:
    """Return the commands somebody's app shows in a chat: those of the narrowest scope that has any.

    https://core.telegram.org/bots/api#determining-list-of-commands
    """
    narrow = [("chat_member", chat_id, user["id"]), ("chat", chat_id, 0), ("all_group_chats", 0, 0)]
    scopes = narrow if chat_id < 0 else [("chat", chat_id, 0), ("all_private_chats", 0, 0)]
    # an app of pt-br shows what is set for pt: commands are told apart by two letters
    main = user.get("language_code", "").partition("-")[0].lower()
    for scope in (*scopes, ("default", 0, 0)):
        for language in (main, ""):
            if commands := profile.commands.get((*scope, language)):
                return commands
    return []


def delete_my_commands(world: World, profile: Profile, arguments: Arguments) -> bool:
    """Bot API: deleteMyCommands."""
    profile.commands.pop(_key(world, arguments), None)
    return True


def _commands(value: Any) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise bad_request("Expected an Array of BotCommand")
    if len(value) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_command(item) for item in value]


def _command(item: Any) -> Json:
    if not isinstance(item, dict):
        raise bad_request("Can't parse BotCommand: expected an Object")
    command, description = (_text_in(item, name, "BotCommand") for name in ("command", "description"))
    command, description = command.strip().removeprefix("/").strip(), description.strip()
    if not command:
        raise bad_request("Command must be non-empty")
    if len(command) > LONGEST_COMMAND:
        raise bad_request(f"Command length must not exceed {LONGEST_COMMAND}")
    if not description:
        raise bad_request("Command description must be non-empty")
    if len(description) > LONGEST_COMMAND_DESCRIPTION:
        raise bad_request(f"Command description length must not exceed {LONGEST_COMMAND_DESCRIPTION}")
    if not re.fullmatch(r"[a-z0-9_]+", command):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": command, "description": description}


def _key(world: World, arguments: Arguments) -> _Key:
    """Return whom a list of commands is for. Refusal (400) for a chat the bot has never met."""
    kind, chat, user_id = _scope(arguments)
    chat_id = seen_chat(world, Arguments({"chat_id": chat})) if kind in _CHAT_SCOPES else 0
    if kind in _GROUP_SCOPES and chat_id > 0:
        raise bad_request("Can't use specified scope in private chats")
    return kind, chat_id, user_id, _language(arguments)


def _scope(arguments: Arguments) -> tuple[str, str, int]:
    """Return a scope's type, chat and user as they are given (Client.cpp, get_bot_command_scope)."""
    if not arguments.text("scope"):
        return "default", "", 0
    scope = arguments.structure("scope", "BotCommandScope")
    if not isinstance(scope, dict):
        raise bad_request("Can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = _text_in(scope, "type", "BotCommandScope")
    if kind in _SIMPLE_SCOPES:
        return kind, "", 0
    if kind not in _CHAT_SCOPES:
        raise bad_request("Can't parse BotCommandScope: Unsupported type specified")
    chat = _text_in(scope, "chat_id", "BotCommandScope")
    if not chat:
        raise bad_request("Can't parse BotCommandScope: Empty chat_id specified")
    if kind != "chat_member":
        return kind, chat, 0
    user_id = Arguments({"user_id": _text_in(scope, "user_id", "BotCommandScope")}).integer("user_id")
    if user_id <= 0:
        raise bad_request("Can't parse BotCommandScope: Invalid user_id specified")
    return kind, chat, user_id


def _text_in(fields: Json, name: str, called: str) -> str:
    """Return a text that has to be there; a number is one too."""
    if name not in fields:
        raise bad_request(f"Can't parse {called}: Can't find field \"{name}\"")
    value = fields[name]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise bad_request(f'Can\'t parse {called}: Field "{name}" must be of type String')
    return str(value)


def _language(arguments: Arguments) -> str:
    language = arguments.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("Invalid language code specified")
    return language


def set_description(texts: dict[str, str], arguments: Arguments, *, name: str, longest: int) -> bool:
    """Bot API: setMyDescription and setMyShortDescription; an empty text deletes."""
    language, text = _language(arguments), arguments.text(name)
    if len(text) > longest:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    texts.pop(language, None)
    if text:
        texts[language] = text
    return True


def get_description(texts: dict[str, str], arguments: Arguments, *, name: str) -> Json:
    """Bot API: getMyDescription and getMyShortDescription."""
    return {name: texts.get(_language(arguments), texts.get("", ""))}
