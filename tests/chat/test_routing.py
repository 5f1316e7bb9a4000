"""The routing table: everything that can come in has one place where it is answered."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from telegram import Message
from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler

from bot.chat import FIRST, SECOND, THIRD, Known
from bot.chat.buttons import ABOUT_ONE, Listing, Verb, encode
from bot.chat.views.commands import COMMANDS, command_menu
from bot.chat.words import load_words
from tests.chat.offline import BOT_NAME, methods
from tests.chat.speech import ANNA, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from telegram.ext import BaseHandler

    from tests.chat.conftest import Door

ID = uuid.UUID("7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111")
UNLISTED = {"start"}
"""Commands that no menu shows: Telegram has a button of its own for it."""


def outside_questions(door: Door) -> Iterator[BaseHandler[Any, Any, Any]]:
    """Return every handler that may run while no question is open."""
    for handler in (*door.program.application.handlers[SECOND], *door.program.application.handlers[THIRD]):
        if isinstance(handler, ConversationHandler):
            yield from handler.entry_points
        else:
            yield handler


def conversation(door: Door) -> ConversationHandler[Any]:
    found = [one for one in door.program.application.handlers[THIRD] if isinstance(one, ConversationHandler)]
    assert len(found) == 1, "one conversation, so that one question is open at most"
    return found[0]


def fits(handler: BaseHandler[Any, Any, Any], data: str) -> bool:
    if not isinstance(handler, CallbackQueryHandler):
        return False
    pattern: Any = handler.pattern
    return bool(pattern.match(data) if isinstance(pattern, re.Pattern) else pattern(data))


@pytest.mark.parametrize("verb", Verb)
async def test_every_verb_has_exactly_one_handler(door: Door, verb: Verb) -> None:
    data = encode(verb, ID if verb in ABOUT_ONE else None)
    assert sum(fits(handler, data) for handler in outside_questions(door)) == 1


@pytest.mark.parametrize("verb", Verb)
async def test_while_a_question_is_open_every_verb_still_has_one_handler_that_comes_first(
    door: Door, verb: Verb
) -> None:
    data = encode(verb, ID if verb in ABOUT_ONE else None)
    talk = conversation(door)
    inside = [*talk.entry_points, *talk.fallbacks]
    assert sum(fits(handler, data) for handler in (*door.program.application.handlers[SECOND], *inside)) == 1


@pytest.mark.parametrize("verb", sorted(ABOUT_ONE))
async def test_a_verb_without_the_id_it_needs_is_an_unknown_button(door: Door, verb: Verb) -> None:
    running = [handler for handler in outside_questions(door) if fits(handler, encode(verb))]
    assert len(running) == 1
    assert running[0].callback.__name__ == "redraw_stale"


@pytest.mark.parametrize("data", ["", "zz::", "d", "d:", "d:xyz:", f"d:{ID.hex}", f"d:{ID.hex}:a b", f"d:{ID.hex}:\n"])
async def test_what_no_button_of_ours_says_has_one_handler_too(door: Door, data: str) -> None:
    assert sum(fits(handler, data) for handler in outside_questions(door)) == 1


def commands_of(handlers: Any) -> list[str]:
    return [command for one in handlers if isinstance(one, CommandHandler) for command in sorted(one.commands)]


async def test_menu_help_and_table_know_the_same_commands(door: Door) -> None:
    words = load_words(None)
    shown = [command.command for command in command_menu(words)]
    for_admins = [command.command for command in command_menu(words, is_admin=True)]
    explained = re.findall(r"^/(\w+)", words("help-commands"), re.MULTILINE)
    answered = commands_of(outside_questions(door))
    assert len(answered) == len(set(answered)), "a command has one handler"
    assert set(answered) == {*for_admins, *UNLISTED}
    assert sorted(explained) == sorted({*shown} - {"help"}), "what is being read needs no line"
    assert for_admins[: len(shown)] == shown
    for_admins_explained = re.findall(r"^/(\w+)", words("help-admin"), re.MULTILINE)
    assert set(for_admins_explained) == (set(for_admins) - set(shown)) | {"invite", "revoke"}


async def test_the_commands_that_stop_a_question_are_those_that_are_answered(door: Door) -> None:
    answered = set(commands_of(outside_questions(door)))
    assert {command for command in answered if Known().filter(_said(door, f"/{command}"))} == answered
    assert not Known().filter(_said(door, "/nonsense"))


def _said(door: Door, text: str) -> Message:
    return Message.de_json(message(text)["message"], door.program.bot)


@pytest.mark.parametrize("command", ["devices", "register", "cancel", "nonsense"])
async def test_a_command_for_another_bot_is_unknown_here(door: Door, command: str) -> None:
    calls = await door.say(f"/{command}@another_bot VPS-1")
    assert methods(calls) == ["sendMessage"]
    assert "do not know that command" in calls[0].text


async def test_who_is_let_in_is_decided_before_anything_else(door: Door) -> None:
    groups = door.program.application.handlers
    assert list(groups) == [FIRST, SECOND, THIRD]
    assert [handler.callback.__name__ for handler in groups[FIRST]] == ["admit"]


@pytest.mark.parametrize("command", [*COMMANDS, *sorted(UNLISTED), "nonsense"])
@pytest.mark.parametrize("spelling", ["/{}", "/{}@" + BOT_NAME])
async def test_every_command_is_answered_once(door: Door, command: str, spelling: str) -> None:
    calls = await door.say(spelling.format(command))
    assert methods(calls) == ["sendMessage"]
    assert ("do not know that command" in calls[0].text) is (command == "nonsense")


def pick(listing: Listing) -> Callable[[str], bool]:
    """Return what recognises the buttons of a list that asks *Which device?*."""
    verb = {Listing.RENAME: Verb.RENAME, Listing.ROTATE: Verb.ROTATE}[listing]
    return lambda data: data.startswith(f"{verb}:")


@pytest.mark.parametrize(("command", "listing"), [("rename", Listing.RENAME), ("rotate", Listing.ROTATE)])
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
async def test_a_command_means_the_same_in_capitals(
    door: Door, command: str, listing: Listing, change: Callable[[str], str]
) -> None:
    anna = await door.enter()
    await door.services.devices.create_device(anna.client_id, "VPS-1")
    (call,) = await door.say(f"/{change(command)}")
    data = next(button["callback_data"] for button in call.buttons if button["text"] == "VPS-1")
    assert pick(listing)(data)


@pytest.mark.parametrize("odd", ["/", "//", "/ü", "/1234567890123456789012345678901234567890", "no command"])
async def test_what_is_no_command_is_answered_with_the_menu(door: Door, odd: str) -> None:
    update = message(odd)
    update["message"].pop("entities", None)
    await door.receive(update)
    assert len(door.telegram.texts(ANNA["id"])) == 1
