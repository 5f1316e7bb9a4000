"""Answers to taps: plain text of at most 200 characters, over the chat for a moment or, as an alert, until read.

Who typed instead of tapping gets the same text as a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.chat.views.markup import TOAST_LENGTH, shorten
from bot.services.clients import REFUSED

if TYPE_CHECKING:
    from bot.chat.words import Words
    from bot.services.newcomers import Decision

UNKNOWN = "?"
"""Stands for somebody who is not known any more."""


@dataclass(frozen=True)
class Toast:
    """What stands over the chat after a tap."""

    text: str
    alert: bool = False


def already_removed(words: Words) -> Toast:
    """Answer *I saved it* after the removal."""
    return Toast(words("toast-removed"))


def changed(words: Words) -> Toast:
    """Explain why an old message is redrawn instead of obeyed."""
    return Toast(words("toast-changed"))


def device_gone(words: Words) -> Toast:
    """Explain why a list is redrawn: the device is in it no more."""
    return Toast(words("toast-device-gone"))


def page_gone(words: Words) -> Toast:
    """Explain why the first page of a list is shown: the one that was asked for is no more."""
    return Toast(words("toast-page-gone"))


def client_gone(words: Words) -> Toast:
    """Explain why a list is drawn: the client is in it no more."""
    return Toast(words("toast-client-gone"))


def not_allowed(words: Words) -> Toast:
    """Refuse what the person may no longer do; the buttons go."""
    return Toast(words("toast-not-allowed"), alert=True)


def records_wait(words: Words) -> Toast:
    """Tell that what was sent waits for the database, and is not lost."""
    return Toast(words("toast-records-wait"))


def records_away(words: Words) -> Toast:
    """Tell that the database does not answer."""
    return Toast(words("toast-records-away"), alert=True)


def apology(words: Words, number: str) -> Toast:
    """Apologise for what nobody knows the cause of; the log has the same incident number."""
    return Toast(words("toast-unknown", number=number), alert=True)


def old_copy(words: Words) -> Toast:
    """Send the person to the other copy of a card that was sent twice."""
    return Toast(words("toast-old-copy"))


def busy(words: Words, seconds: int) -> Toast:
    """Ask to wait while too many secrets are being hashed."""
    return Toast(words("toast-busy", count=max(1, seconds)))


def another_secret(words: Words) -> Toast:
    """Refuse to show a second secret in a chat that shows one."""
    return Toast(words("toast-another-secret"))


def too_many_picked(words: Words, limit: int) -> Toast:
    """Refuse to pick more devices than can be changed at once."""
    return Toast(words("toast-too-many-picked", limit=limit))


def check_again(words: Words) -> Toast:
    """Tell that a question whether to revoke was so old that it is asked anew."""
    return Toast(words("toast-check-again"))


def faster(words: Words, decision: Decision) -> Toast:
    """Tell an admin who decided about a newcomer before them, and how."""
    admin = shorten(decision.admin_name or UNKNOWN, TOAST_LENGTH)
    if decision.is_by_invite:
        return Toast(words("toast-faster-invited", admin=admin))
    key = "toast-faster-refused" if decision.newcomer.status == REFUSED else "toast-faster-approved"
    return Toast(words(key, admin=admin))
