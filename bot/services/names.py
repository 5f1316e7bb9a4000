"""Names that people give: normalised, then checked. Any script and any emoji will do."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.services.errors import InvalidDeviceName, NameFault
from bot.services.hashing import contains_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH = 100
"""Code points, after normalisation."""

BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Mn", "Me"})
REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols by category, empty on the screen: Hangul fillers and the blank Braille pattern."""
IGNORABLE = re.compile(r"[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Code points that Unicode keeps free for characters without a shape (Default_Ignorable_Code_Point)."""


def normalise_name(text: str) -> str:
    """Return the name in NFC without white space around it.

    Raises `InvalidDeviceName` for control characters, line separators, lone surrogates and bidi overrides, for
    nothing visible, for more than 100 code points, and for anything that looks like a secret.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if contains_secret(name):
        raise InvalidDeviceName(NameFault.SECRET, len(name))
    if any(_is_refused(character) for character in name):
        raise InvalidDeviceName(NameFault.CONTROL, len(name))
    if not any(_is_visible(character) for character in name):
        raise InvalidDeviceName(NameFault.BLANK, len(name))
    if len(name) > MAX_LENGTH:
        raise InvalidDeviceName(NameFault.TOO_LONG, len(name))
    return name


def count_up(name: str) -> Iterator[str]:
    """Yield names after this one, without end: VPS-2, VPS-3 … after VPS-1, and Laptop-2 … after Laptop."""
    match = re.fullmatch(r"(.*?)([1-9][0-9]{0,5})", name, re.DOTALL)
    stem, number = (match[1], int(match[2])) if match else (f"{name}-", 1)
    while True:
        number += 1
        yield f"{stem[: MAX_LENGTH - len(str(number))]}{number}"


def _is_refused(character: str) -> bool:
    return character in BIDI_OVERRIDES or unicodedata.category(character) in REFUSED_CATEGORIES


def _is_visible(character: str) -> bool:
    if character in BLANK_LETTERS or IGNORABLE.match(character):
        return False
    # an unassigned code point counts as visible: it may be an emoji newer than this Python
    return unicodedata.category(character) not in INVISIBLE_CATEGORIES
