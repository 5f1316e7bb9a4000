"""Why an admin revoked. What was chosen by a button is kept in English, and read in everybody's own language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Reason
from bot.chat.views.markup import REASON_LENGTH, shorten
from bot.chat.words import load_words

if TYPE_CHECKING:
    from bot.chat.words import Words

REASONS = {
    Reason.LOST: "reason-lost",
    Reason.LEAKED: "reason-leaked",
    Reason.UNNEEDED: "reason-unneeded",
}


def kept_reason(reason: Reason) -> str | None:
    """Return what is kept of a reason that was chosen by a button, None for no reason."""
    key = REASONS.get(reason)
    return load_words(None)(key) if key else None


def told_reason(words: Words, kept: str) -> str:
    """Return a reason as it was kept, in the language of whoever reads it if it was not typed."""
    key = next((REASONS[reason] for reason in REASONS if kept_reason(reason) == kept), None)
    return words(key) if key else shorten(kept, REASON_LENGTH)
