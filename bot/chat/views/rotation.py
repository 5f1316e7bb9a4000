"""The question that comes before a new secret, and what is told of it later.

Its card, the secret and the receipt are in `handouts`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import in_rows, keyboard, new_secret, open_device, tap
from bot.chat.views.markup import View, isolated, lines, say
from bot.chat.views.times import duration, in_one_hour

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from storage.models import Device


OVERLAPS = (0, 3600, 86400)
"""How many seconds the old secret may be let go on, as a person chooses."""


def ask_overlap(words: Words, device: Device) -> View:
    """Ask how long the old secret shall go on."""
    text = lines(say(words, "rotate-ask", name=isolated(device.device_name)), say(words, "rotate-how-long"))
    at_once, *longer = (_choice(words, device, seconds) for seconds in OVERLAPS)
    back = tap(words("button-back"), Verb.DEVICE, device.id)
    return View(text, keyboard([at_once], *in_rows(longer), [back]))


def secret_used(words: Words, device_name: str, address: str | None) -> View:
    """Tell that a device connected with its new secret."""
    text = say(words, "secret-used-unknown", name=isolated(device_name))
    if address is not None:
        text = say(words, "secret-used", name=isolated(device_name), address=address)
    return View(text, silent=True)


def overlap_ends_soon(words: Words, device_id: uuid.UUID, device_name: str, until: datetime) -> View:
    """Remind of a new secret that is not in use while the old one's time runs out."""
    text = say(words, "overlap-ends-soon", name=isolated(device_name), at=in_one_hour(words, until))
    return View(text, keyboard([new_secret(words, device_id)]))


def overlap_ended(words: Words, device_id: uuid.UUID, device_name: str) -> View:
    """Tell that the old secret's time is up, and that the new one has not been used."""
    text = say(words, "overlap-ended", name=isolated(device_name))
    return View(text, keyboard([new_secret(words, device_id), open_device(words, device_id)]))


def _choice(words: Words, device: Device, seconds: int) -> InlineKeyboardButton:
    label = duration(words, timedelta(seconds=seconds)) if seconds else words("button-stop-at-once")
    return tap(label, Verb.ROTATE_NOW, device.id, str(seconds))
