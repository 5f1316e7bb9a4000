"""The question for a new device's name, and everything that can be wrong with the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Asked, Verb
from bot.chat.views.general import contact_sentence
from bot.chat.views.keyboards import cancel_question, keyboard, my_devices, register, short, tap
from bot.chat.views.markup import Html, View, isolated, paragraph, say
from bot.services.errors import NameFault
from bot.services.names import MAX_LENGTH

if TYPE_CHECKING:
    import uuid

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.errors import InvalidDeviceName
    from storage.models import Device

FAULTS = {
    NameFault.BLANK: "name-blank",
    NameFault.TOO_LONG: "name-too-long",
    NameFault.CONTROL: "name-control",
    NameFault.SECRET: "name-secret",
}


def ask_name(words: Words) -> View:
    """Ask what a new device shall be called."""
    return View(say(words, "ask-name"), keyboard([cancel_question(words, Asked.REGISTER)]))


def name_refused(words: Words, error: InvalidDeviceName, renaming: uuid.UUID | None = None) -> View:
    """Say why the name will not do, and ask again; `renaming` is the device that was to get it."""
    return View(fault(words, error), keyboard([_cancel(words, renaming)]))


def fault(words: Words, error: InvalidDeviceName) -> Html:
    """Say why a name will not do."""
    return say(words, FAULTS[error.reason], count=error.length, limit=MAX_LENGTH)


def name_not_text(words: Words, renaming: uuid.UUID | None = None) -> View:
    """Ask again after a sticker, a photo or the like."""
    return View(say(words, "name-not-text"), keyboard([_cancel(words, renaming)]))


def name_taken(
    words: Words, name: str, proposal: str, *, existing: Device | None = None, renaming: uuid.UUID | None = None
) -> View:
    """Propose a free name; `existing`, if it can be opened, is the device that has the one asked for."""
    asked = Asked.RENAME if renaming else Asked.REGISTER
    use = tap(words("button-use-name", name=short(proposal)), Verb.USE_PROPOSAL, renaming, asked)
    opening = []
    if existing is not None:
        label = words("button-open-named", name=short(existing.device_name))
        opening = [tap(label, Verb.DEVICE, existing.id)]
    return View(say(words, "name-taken", name=isolated(name)), keyboard([use], opening, [_cancel(words, renaming)]))


def limit_reached(words: Words, count: int, limit: int, contact: str = "") -> View:
    """Tell that there is no room for another device, before a name is asked for."""
    text = paragraph(say(words, "limit-reached", count=count, limit=limit), contact_sentence(words, contact))
    return View(text, keyboard([my_devices(words)]))


def cancelled(words: Words) -> View:
    """Confirm that the question was taken back."""
    return View(paragraph(say(words, "cancelled"), say(words, "nothing-registered")), keyboard([register(words)]))


def stopped(words: Words) -> View:
    """Close the question because another command came in place of a name."""
    return View(paragraph(say(words, "stopped"), say(words, "nothing-registered")), keyboard([register(words)]))


def nothing_to_cancel(words: Words) -> View:
    """Answer /cancel when nothing is open."""
    return View(say(words, "nothing-to-cancel"))


def _cancel(words: Words, renaming: uuid.UUID | None) -> InlineKeyboardButton:
    return cancel_question(words, Asked.RENAME if renaming else Asked.REGISTER, renaming)
