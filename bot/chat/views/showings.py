"""What every secret message has, whatever it hands out: its buttons, the spoiler, how long it was on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import KeyboardButtonStyle

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import tap
from bot.chat.views.markup import Html, blocks, known, say
from bot.chat.views.times import countdown, duration, moment
from bot.services.endings import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.hashing import Secret
    from storage.models import Handout


def show(words: Words, handout: Handout) -> InlineKeyboardButton:
    """Lead from a card to its secret."""
    return tap(words("button-show-secret"), Verb.SHOW_SECRET, handout.id, style=KeyboardButtonStyle.PRIMARY)


def saved(words: Words, handout: Handout) -> InlineKeyboardButton:
    """Remove a secret because its reader has it."""
    return tap(words("button-saved"), Verb.SAVED, handout.id, style=KeyboardButtonStyle.SUCCESS)


def cancel(words: Words, handout: Handout) -> InlineKeyboardButton:
    """Take a card back."""
    return tap(words("button-cancel"), Verb.CANCEL_CARD, handout.id)


def try_again(words: Words, handout: Handout) -> InlineKeyboardButton:
    """Lead to a new card in place of one that came to nothing."""
    return tap(words("button-try-again"), Verb.TRY_AGAIN, handout.id)


def in_spoiler(words: Words, handout: Handout, secret: Secret, title: Html, how: str) -> Html:
    """Return the text that shows a secret: the title, the secret in a spoiler, and the words `how` to keep it."""
    span = known(handout.destroy_at) - known(handout.armed_at)
    return blocks(
        title,
        say(words, "secret-itself", secret=secret.reveal()),
        say(words, how, until=countdown(words, known(handout.destroy_at), span)),
    )


def gone_at(handout: Handout) -> datetime:
    """Return when a secret was gone: once it is edited out it is, however long the deletion takes."""
    return handout.redacted_at or known(handout.destroyed_at)


def shown_for(words: Words, handout: Handout, key: str) -> Html:
    """Tell when a secret was shown and for how long, in the words `key`; own up to a restart that made it longer."""
    shown_at = known(handout.shown_at)
    at, span = moment(words, shown_at, "T"), duration(words, gone_at(handout) - shown_at)
    if handout.outcome != Outcome.RESTARTED:
        return say(words, key, at=at, span=span)
    planned = duration(words, known(handout.destroy_at) - known(handout.armed_at))
    return say(words, f"{key}-interrupted", at=at, span=span, planned=planned)
