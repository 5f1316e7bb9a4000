"""The choice of a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import back_to_menu, in_rows, keyboard, tap
from bot.chat.views.markup import View, lines, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words


def choose(words: Words, names: Mapping[str, str], chosen: str | None) -> View:
    """Offer all languages, each by its own name; what is chosen now, `None` for the app's language, is marked."""
    now = "language-follows" if chosen is None else "language-now"
    text = lines(say(words, "language-ask"), say(words, now, name=names[words.language]))
    choices = [_choice(words, name, code, is_chosen=code == chosen) for code, name in names.items()]
    as_app = _choice(words, words("button-language-as-app"), "", is_chosen=chosen is None)
    return View(text, keyboard(*in_rows(choices), [as_app], [back_to_menu(words)]))


def _choice(words: Words, name: str, code: str, *, is_chosen: bool) -> InlineKeyboardButton:
    label = words("button-language-chosen", name=name) if is_chosen else name
    return tap(label, Verb.LANGUAGE_CHOSEN, extra=code)
