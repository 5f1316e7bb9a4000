"""Text that is safe to send: escaping, isolating, shortening."""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, TypeVar

from bot.logs import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telegram import InlineKeyboardMarkup

    from bot.chat.words import Words

BUTTON_LENGTH = 24
TOAST_LENGTH = 40
REASON_LENGTH = 200
TERM_LENGTH = 100
LONGEST = 256
"""What any one person's text may take up of a message, whoever forgot to shorten it."""
ID_LENGTH = 40

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
JOINER = "\u200d"
ELLIPSIS = "…"

Value = TypeVar("Value")


class Html(str):
    """Telegram HTML: every character of it that a person chose is escaped."""

    __slots__ = ()


@dataclass(frozen=True)
class View:
    """A message. Without a keyboard it has no buttons, and an edit takes away those that were there."""

    text: Html
    keyboard: InlineKeyboardMarkup | None = None
    silent: bool = False
    protected: bool = False

    def __repr__(self) -> str:
        """Tell what it says, without the secret that it may show."""
        return mask(f"View({str(self.text)!r}, {self.keyboard!r}, silent={self.silent}, protected={self.protected})")


def say(words: Words, key: str, /, **values: str | int) -> Html:
    """Return a sentence for a message. Every value that is not `Html` already is escaped."""
    return Html(words(key, **{name: _safe(value) for name, value in values.items()}))


def escape(text: str) -> Html:
    """Return the text for a message, on one line and without the marks that turn other text around."""
    return Html(html.escape(shorten(text, LONGEST), quote=False))


def isolated(text: str) -> Html:
    """Return a device's name for its owner, isolated: a Hebrew one does not turn the sentence around it.

    Nothing inside <code>, a spoiler or an attribute may be isolated: there the marks get copied or break the tag.
    """
    return Html(f"{FIRST_STRONG_ISOLATE}{escape(text)}{POP_ISOLATE}")


def paragraph(*sentences: Html | None) -> Html:
    """Join sentences with spaces, leaving out those that are not said."""
    return Html(" ".join(sentence for sentence in sentences if sentence))


def lines(*parts: Html | None) -> Html:
    """Put parts below each other, leaving out those that are not said."""
    return Html("\n".join(part for part in parts if part))


def blocks(*parts: Html | None) -> Html:
    """Put parts below each other with an empty line between, leaving out those that are not said."""
    return Html("\n\n".join(part for part in parts if part))


def flatten(text: str) -> str:
    """Put the text on one line and drop what Telegram refuses or what turns the text behind it around."""
    if text.isprintable():
        return text
    return "".join(_flat(character) for character in text if character not in BIDI_CONTROLS)


def shorten(text: str, limit: int) -> str:
    """Cut the text to `limit` code points, visibly, never inside what a person sees as one character."""
    text = flatten(text)
    if len(text) <= limit:
        return text
    ends = accumulate(len(cluster) for cluster in _clusters(text))
    end = max(takewhile(lambda end: end < limit, ends), default=0)
    return (text[:end] or _cut(text[: limit - 1])).rstrip() + ELLIPSIS


def known(value: Value | None) -> Value:
    """Return what a record has in the state that its view is for. Raises `ValueError` when it has not."""
    if value is None:
        raise ValueError("this view is for a later state of the record")
    return value


def _safe(value: str | int) -> str | int:
    return value if isinstance(value, (Html, int)) else escape(value)


def _flat(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return ""
    return " " if category in {"Cc", "Zl", "Zp"} else character


def _clusters(text: str) -> Iterator[str]:
    """Split into grapheme clusters: the rules of UAX #29 that emoji, flags and accents need."""
    cluster = ""
    for character in text:
        if cluster and not _continues(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    yield cluster


def _continues(cluster: str, character: str) -> bool:
    if cluster[-1] == JOINER or _extends(character):
        return True
    return len(cluster) == 1 and _is_flag_half(cluster) and _is_flag_half(character)


def _extends(character: str) -> bool:
    return (
        character in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # the letters inside a flag such as Scotland's
        or "\u1160" <= character <= "\u11ff"  # vowels and finals of a Hangul syllable
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _cut(cluster: str) -> str:
    # a single cluster longer than the limit: whole people of an endless family, else the letter with fewer accents
    return cluster.rpartition(JOINER)[0] or cluster
