"""What admins read when the bot was started from a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import keyboard, tap
from bot.chat.views.markup import View, blocks, known, say
from bot.chat.views.times import moment

if TYPE_CHECKING:
    from bot.chat.words import Words
    from storage.models import CopyMark


def started(words: Words, mark: CopyMark) -> View:
    """Tell what a copy does not know, and ask whether devices may be let in all the same."""
    if mark.confirmed_at is not None:
        return confirmed(words, mark)
    text = blocks(
        say(words, "copy-started", at=moment(words, mark.taken_at, "wDt")),
        say(words, "copy-unknown"),
        say(words, "copy-next"),
    )
    yes = tap(words("button-confirm-copy"), Verb.CONFIRM_COPY, mark.id)
    return View(text, keyboard([yes]))


def confirmed(words: Words, mark: CopyMark, admin_name: str | None = None) -> View:
    """Tell since when devices are let in, and whose decision that was, if that is known."""
    taken_at, at = moment(words, mark.taken_at, "wDt"), moment(words, known(mark.confirmed_at), "wDt")
    if admin_name is None:
        return View(say(words, "copy-confirmed", taken_at=taken_at, at=at))
    return View(say(words, "copy-confirmed-by", taken_at=taken_at, at=at, admin=admin_name))
