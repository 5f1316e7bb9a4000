"""An API token from its card to its receipt; what is said when all are voided, and when one is pasted into the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.views.keyboards import api_token, copy, keyboard, sign_out
from bot.chat.views.markup import Html, View, blocks, known, lines, paragraph, say
from bot.chat.views.showings import cancel, gone_at, in_spoiler, saved, show, shown_for, try_again
from bot.chat.views.times import duration, moment
from bot.services.access import TOKEN_LIFE
from bot.services.endings import Outcome
from storage.models import HandoutState

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bot.chat.words import Words
    from bot.services.hashing import Secret
    from storage.models import Handout

CAUSES: dict[str, str] = {
    Outcome.RESTARTED: "token-interrupted",
    Outcome.SUPERSEDED: "token-superseded",
    Outcome.SUSPENDED: "token-superseded",
}
"""Why a token was thrown away, where it was not for want of a confirmation."""


def card(words: Words, handout: Handout, ttl: timedelta) -> View:
    """Offer a token: the only way to it."""
    text = blocks(
        say(words, "token-card", span=duration(words, ttl), life=duration(words, TOKEN_LIFE)),
        say(words, "card-until", until=moment(words, handout.expires_at, "t")),
    )
    return View(text, keyboard([show(words, handout)], [cancel(words, handout)]), silent=True, protected=True)


def shown(words: Words, handout: Handout, token: Secret) -> View:
    """Show the token. The same handout and token always make the same message, so that an edit can be repeated."""
    text = in_spoiler(words, handout, token, say(words, "token-title"), "token-how")
    return View(text, keyboard([copy(words("button-copy-token"), token.reveal())], [saved(words, handout)]))


def ended(words: Words, handout: Handout) -> View:
    """Tell what became of a token, now that its message is gone."""
    return unconfirmed(words, handout) if handout.shown_at is None else receipt(words, handout)


def receipt(words: Words, handout: Handout) -> View:
    """Confirm what was shown, and until when it works."""
    title = "token-receipt-cancelled" if handout.outcome == Outcome.STOPPED else "token-receipt"
    text = blocks(
        say(words, title),
        lines(shown_for(words, handout, "token-shown"), _works_until(words, handout)),
    )
    return View(text, keyboard([sign_out(words), api_token(words)]), silent=True)


def closed_card(words: Words, handout: Handout) -> View:
    """Overwrite a card that ended, by the reason why it did."""
    none_made = say(words, "token-none-made")
    match handout.outcome:
        case Outcome.CANCELLED:
            return View(paragraph(say(words, "cancelled"), none_made), keyboard([api_token(words)]))
        case Outcome.EXPIRED:
            return View(paragraph(say(words, "token-expired"), none_made), keyboard([try_again(words, handout)]))
        case Outcome.REVOKED | Outcome.SUSPENDED:
            return View(paragraph(say(words, "token-withdrawn"), none_made))
        case _:
            return View(say(words, "token-outdated"), keyboard([api_token(words)]))


def unconfirmed(words: Words, handout: Handout) -> View:
    """Tell why a token was thrown away that may have been seen."""
    # what came between may have ended the other tokens too
    is_sure = handout.outcome not in {Outcome.SUPERSEDED, Outcome.SUSPENDED}
    others_work = say(words, "token-others-work") if is_sure else None
    text = paragraph(
        say(words, CAUSES.get(handout.outcome or "", "token-unconfirmed")),
        say(words, "secret-never-works"),
        others_work,
    )
    return View(text, keyboard([try_again(words, handout)]))


def stuck(words: Words, handout: Handout) -> View:
    """Warn that the token could not be removed from the chat, yet or ever."""
    keeps_trying = handout.state != HandoutState.FAILED
    text = paragraph(say(words, "token-stuck"), say(words, "secret-keep-trying") if keeps_trying else None)
    # one that was never confirmed works for nobody
    return View(text, keyboard([sign_out(words)]) if handout.shown_at is not None else None)


def signed_out(words: Words, at: datetime) -> View:
    """Confirm that no token works any more."""
    return View(say(words, "token-signed-out", at=moment(words, at, "T")), keyboard([api_token(words)]))


def pasted(words: Words, *, deleted: bool, awaits_name: bool = False) -> View:
    """Answer a message with a token in it, which was deleted or could not be; an open question stays open."""
    text = say(words, "token-pasted-deleted" if deleted else "token-pasted-not-deleted")
    waiting = say(words, "still-waiting") if awaits_name else None
    return View(lines(text, waiting), keyboard([sign_out(words)]))


def _works_until(words: Words, handout: Handout) -> Html:
    """Tell until when; a showing time may be longer than a token's life."""
    until = known(handout.armed_at) + TOKEN_LIFE
    if until <= gone_at(handout):
        return say(words, "token-over")
    return say(words, "token-works-until", until=moment(words, until, "t"))
