"""Start, menu, help, and what is said when there is nothing better to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import Button, api_token, keyboard, language, my_devices, register, tap
from bot.chat.views.markup import Html, View, blocks, isolated, lines, paragraph, say
from bot.chat.views.times import duration

if TYPE_CHECKING:
    from datetime import timedelta

    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    from bot.chat.words import Words
    from storage.devices import Counts


def contact_sentence(words: Words, contact: str) -> Html | None:
    """Tell whom to ask, if the operator has named somebody."""
    return say(words, "contact", contact=contact) if contact else None


def welcome(words: Words, first_name: str | None = None, *, is_admin: bool = False) -> View:
    """Greet a newcomer; without a name, somebody who was here before and has no devices."""
    greeting = say(words, "welcome", name=isolated(first_name)) if first_name else None
    return View(
        lines(greeting, say(words, "welcome-how")),
        keyboard([register(words)], [help_button(words), *_admin_button(words, is_admin=is_admin)]),
    )


def menu(words: Words, counts: Counts, *, is_admin: bool = False) -> View:
    """Show what there is and what can be done."""
    if counts.active == 0:
        return welcome(words, is_admin=is_admin)
    parts = [say(words, "menu-devices", count=counts.active), say(words, "menu-seen", count=counts.seen)]
    if counts.never:
        parts.append(say(words, "menu-never", count=counts.never))
    last = [help_button(words), *_admin_button(words, is_admin=is_admin)]
    rows = [[my_devices(words), register(words)], [api_token(words), language(words)], last]
    return View(Html(" · ".join(parts)), keyboard(*rows))


def suspended(words: Words, contact: str = "") -> View:
    """Answer whatever a person of a suspended client sends or taps."""
    return View(paragraph(say(words, "suspended"), contact_sentence(words, contact)))


def help_page(words: Words, ttl: timedelta, contact: str = "", *, is_admin: bool = False) -> View:
    """Explain what the bot does; admins see their commands too."""
    text = blocks(
        say(words, "help-what", span=duration(words, ttl)),
        say(words, "help-commands"),
        say(words, "help-admin") if is_admin else None,
        paragraph(say(words, "help-good"), contact_sentence(words, contact)),
    )
    return View(text, _ways_on(words))


def own_id(words: Words, telegram_id: int) -> View:
    """Tell a person's Telegram ID."""
    return View(say(words, "own-id", id=str(telegram_id)))


def unknown_command(words: Words) -> View:
    """Answer a command that does not exist."""
    return View(say(words, "unknown-command"))


def not_understood(words: Words, counts: Counts, *, is_admin: bool = False) -> View:
    """Answer a text that answers no question, with the menu."""
    choices = menu(words, counts, is_admin=is_admin)
    return View(blocks(say(words, "not-understood"), choices.text), choices.keyboard)


def group(words: Words, bot_username: str) -> View:
    """Answer a command in a group."""
    link = Button(words("button-private-chat"), url=f"https://t.me/{bot_username}?start=group")
    return View(say(words, "group"), keyboard([link]))


def slow_down(words: Words) -> View:
    """Tell somebody who sends more than is handled that the rest was dropped."""
    return View(say(words, "slow-down"))


def _admin_button(words: Words, *, is_admin: bool) -> list[InlineKeyboardButton]:
    return [tap(words("button-admin"), Verb.ADMIN)] if is_admin else []


def help_button(words: Words) -> InlineKeyboardButton:
    """Lead to what the bot does."""
    return tap(words("button-help"), Verb.HELP)


def _ways_on(words: Words) -> InlineKeyboardMarkup:
    return keyboard([register(words), my_devices(words)])
