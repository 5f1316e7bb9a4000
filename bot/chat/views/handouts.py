"""A secret message from its card to its receipt, for a new device and for a new secret of one.

What is said of every handout begins here; API tokens have words of their own, in `tokens`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat.views import tokens
from bot.chat.views.keyboards import (
    copy,
    keyboard,
    my_devices,
    new_secret,
    open_device,
    register,
    revoke,
    set_up,
)
from bot.chat.views.markup import Html, View, blocks, isolated, known, lines, paragraph, say
from bot.chat.views.showings import cancel, in_spoiler, saved, show, shown_for, try_again
from bot.chat.views.times import duration, moment
from bot.services.endings import Outcome
from storage.models import HandoutKind, HandoutState

if TYPE_CHECKING:
    import uuid

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.hashing import Secret
    from storage.models import Handout

CAUSES: dict[str, str] = {
    Outcome.RESTARTED: "secret-interrupted",
    Outcome.SUPERSEDED: "secret-superseded",
    Outcome.SUSPENDED: "secret-superseded",
}
"""Why a secret was thrown away, where it was not for want of a confirmation."""


def is_rotation(handout: Handout) -> bool:
    """Tell whether the secret is a new one of a device that has one already."""
    return handout.kind == HandoutKind.ROTATION


def is_token(handout: Handout) -> bool:
    """Tell whether what is handed out is an API token."""
    return handout.kind == HandoutKind.TOKEN


def card(words: Words, handout: Handout, ttl: timedelta, *, in_overlap: bool = False) -> View:
    """Offer a secret: the only way to it. `in_overlap` tells that two secrets of the device are in use already."""
    if is_token(handout):
        return tokens.card(words, handout, ttl)
    if is_rotation(handout):
        return _rotation_card(words, handout, ttl, in_overlap=in_overlap)
    text = blocks(
        say(words, "card-register", name=isolated(handout.device_name), span=duration(words, ttl)),
        lines(
            say(words, "device-id", id=str(handout.device_id)),
            say(words, "card-until", until=moment(words, handout.expires_at, "t")),
        ),
    )
    buttons = keyboard(
        [copy(words("button-copy-id"), str(handout.device_id))],
        [show(words, handout)],
        [cancel(words, handout)],
    )
    return View(text, buttons, silent=True, protected=True)


def shown(words: Words, handout: Handout, secret: Secret) -> View:
    """Show the secret. The same handout and secret always make the same message, so that an edit can be repeated."""
    if is_token(handout):
        return tokens.shown(words, handout, secret)
    title = say(words, "secret-new-of" if is_rotation(handout) else "secret-of", name=isolated(handout.device_name))
    buttons = keyboard([copy(words("button-copy-secret"), secret.reveal())], [saved(words, handout)])
    return View(in_spoiler(words, handout, secret, title, "secret-how"), buttons)


def removed(words: Words) -> View:
    """Overwrite the secret, buttons included; the deletion follows."""
    return View(say(words, "secret-removed"))


def ended(words: Words, handout: Handout) -> View:
    """Tell what became of a secret, now that its message is gone."""
    if is_token(handout):
        return tokens.ended(words, handout)
    return unconfirmed(words, handout) if handout.shown_at is None else receipt(words, handout)


def receipt(words: Words, handout: Handout) -> View:
    """Confirm what was shown, and say so if /cancel removed it or a restart made that late."""
    if is_rotation(handout):
        return _rotation_receipt(words, handout)
    stopped = handout.outcome == Outcome.STOPPED
    title = "receipt-registered-cancelled" if stopped else "receipt-registered"
    text = blocks(
        say(words, title, name=isolated(handout.device_name)),
        lines(
            say(words, "device-id", id=str(handout.device_id)),
            say(words, "device-fingerprint", fingerprint=known(handout.pending_fingerprint)),
            shown_for(words, handout, "receipt-shown"),
        ),
        say(words, "receipt-next"),
    )
    first = revoke(words, handout.device_id) if stopped else set_up(words, handout.device_id)
    row = [first, new_secret(words, handout.device_id)]
    return View(text, keyboard(row, [my_devices(words)]), silent=True)


def closed_card(words: Words, handout: Handout) -> View:
    """Overwrite a card that ended, by the reason why it did."""
    if handout.state not in {HandoutState.CANCELLED, HandoutState.EXPIRED}:
        return removed(words)
    if is_token(handout):
        return tokens.closed_card(words, handout)
    if handout.outcome == Outcome.LIMIT_REACHED:
        return limit_reached(words)
    by_outcome = {
        Outcome.CANCELLED: cancelled,
        Outcome.EXPIRED: expired,
        Outcome.NAME_TAKEN: name_taken,
        Outcome.REVOKED: revoked,
        Outcome.SUSPENDED: withdrawn,
    }
    return by_outcome.get(Outcome(known(handout.outcome)), outdated)(words, handout)


def name_taken(words: Words, handout: Handout) -> View:
    """Tell at the tap that another device got the name meanwhile."""
    taken = say(words, "card-name-taken", name=isolated(handout.device_name))
    return View(paragraph(taken, say(words, "nothing-registered")), keyboard([register(words)]))


def limit_reached(words: Words, limit: int | None = None) -> View:
    """Tell at the tap that there is no room any more, and how much there is where that is known."""
    full = say(words, "card-limit-reached", limit=limit) if limit is not None else say(words, "card-no-room")
    return View(paragraph(full, say(words, "nothing-registered")), keyboard([register(words)]))


def cancelled(words: Words, handout: Handout) -> View:
    """Confirm that the card was taken back."""
    return View(paragraph(say(words, "cancelled"), _unchanged(words, handout)), keyboard([_next(words, handout)]))


def expired(words: Words, handout: Handout) -> View:
    """Close a card that was not used within its hour."""
    text = say(words, "card-expired", name=isolated(handout.device_name))
    return View(paragraph(text, _unchanged(words, handout)), keyboard([try_again(words, handout)]))


def outdated(words: Words, handout: Handout) -> View:
    """Close a card in whose place a newer card or secret came."""
    text = say(words, "card-outdated", name=isolated(handout.device_name))
    return View(text, keyboard([_next(words, handout)]))


def revoked(words: Words, handout: Handout) -> View:
    """Close a card whose device was revoked meanwhile, or whose asker may register nothing any more."""
    if not is_rotation(handout):
        text = say(words, "card-withdrawn", name=isolated(handout.device_name))
        return View(paragraph(text, _unchanged(words, handout)))
    return View(say(words, "card-revoked", name=isolated(handout.device_name)), keyboard([my_devices(words)]))


def withdrawn(words: Words, handout: Handout) -> View:
    """Close a card of somebody who may do nothing for the time being."""
    return View(say(words, "card-withdrawn", name=isolated(handout.device_name)))


def unconfirmed(words: Words, handout: Handout) -> View:
    """Tell why a secret was thrown away that may have been seen."""
    key = CAUSES.get(handout.outcome or "", "secret-unconfirmed")
    text = paragraph(
        say(words, key, name=isolated(handout.device_name)),
        say(words, "secret-never-works"),
        _unchanged(words, handout),
    )
    return View(text, keyboard([try_again(words, handout)]))


def stuck(words: Words, handout: Handout) -> View:
    """Warn that the secret could not be removed from the chat, yet or ever."""
    if is_token(handout):
        return tokens.stuck(words, handout)
    keeps_trying = handout.state != HandoutState.FAILED
    text = paragraph(
        say(words, "secret-stuck", name=isolated(handout.device_name)),
        say(words, "secret-keep-trying") if keeps_trying else None,
    )
    # a device whose first secret was never confirmed does not exist
    exists = is_rotation(handout) or handout.shown_at is not None
    return View(text, keyboard([new_secret(words, handout.device_id)]) if exists else None)


def first_login(words: Words, device_id: uuid.UUID, device_name: str, address: str | None) -> View:
    """Tell that a device connected for the first time in its life."""
    text = say(words, "first-login-unknown", name=isolated(device_name))
    if address is not None:
        text = say(words, "first-login", name=isolated(device_name), address=address)
    return View(text, keyboard([open_device(words, device_id)]), silent=True)


def _rotation_card(words: Words, handout: Handout, ttl: timedelta, *, in_overlap: bool) -> View:
    text = blocks(
        say(words, "card-rotate", name=isolated(handout.device_name)),
        lines(
            paragraph(
                say(words, "card-once", span=duration(words, ttl)),
                _old_secret_then(words, handout, in_overlap=in_overlap),
                say(words, "card-oldest-stops") if in_overlap and handout.pending_overlap else None,
            ),
            say(words, "card-cancel"),
        ),
    )
    return View(text, keyboard([show(words, handout)], [cancel(words, handout)]), silent=True, protected=True)


def _old_secret_then(words: Words, handout: Handout, *, in_overlap: bool) -> Html:
    if not handout.pending_overlap:
        return say(words, "card-both-stop" if in_overlap else "card-old-stops")
    return say(words, "card-old-works", overlap=duration(words, timedelta(seconds=handout.pending_overlap)))


def _rotation_receipt(words: Words, handout: Handout) -> View:
    stopped = handout.outcome == Outcome.STOPPED
    title = "receipt-rotated-cancelled" if stopped else "receipt-rotated"
    new, old = known(handout.pending_fingerprint), handout.old_fingerprint
    text = blocks(
        say(words, title, name=isolated(handout.device_name)),
        lines(
            say(words, "receipt-fingerprints", new=new, old=known(old)),
            shown_for(words, handout, "receipt-new-shown"),
            _old_secret_now(words, handout),
        ),
    )
    row = [open_device(words, handout.device_id), new_secret(words, handout.device_id)]
    return View(text, keyboard(row, [revoke(words, handout.device_id)] if stopped else []), silent=True)


def _old_secret_now(words: Words, handout: Handout) -> Html:
    if not handout.pending_overlap:
        return say(words, "old-stopped")
    until = known(handout.shown_at) + timedelta(seconds=handout.pending_overlap)
    return say(words, "old-works-until", until=moment(words, until, "wDt"))


def _unchanged(words: Words, handout: Handout) -> Html:
    return say(words, "old-keeps-working" if is_rotation(handout) else "nothing-registered")


def _next(words: Words, handout: Handout) -> InlineKeyboardButton:
    return open_device(words, handout.device_id) if is_rotation(handout) else register(words)
