"""The question that comes before a new secret. Its card, the secret and the receipt are in `handouts`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import in_rows, keyboard, tap
from bot.chat.views.markup import View, isolated, lines, say
from bot.chat.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from storage.models import Device


def ask_overlap(words: Words, device: Device, choices: Sequence[int] = (0,)) -> View:
    """Ask how many seconds the old secret shall go on; with one choice, say what it means."""
    explained = "rotate-how-long" if any(choices) else "rotate-at-once"
    text = lines(say(words, "rotate-ask", name=isolated(device.device_name)), say(words, explained))
    longer = [_choice(words, device, seconds) for seconds in choices if seconds]
    at_once = [_choice(words, device, seconds) for seconds in choices if not seconds]
    back = tap(words("button-back"), Verb.DEVICE, device.id)
    return View(text, keyboard(at_once, *in_rows(longer), [back]))


def _choice(words: Words, device: Device, seconds: int) -> InlineKeyboardButton:
    label = duration(words, timedelta(seconds=seconds)) if seconds else words("button-stop-at-once")
    return tap(label, Verb.ROTATE_NOW, device.id, str(seconds))
