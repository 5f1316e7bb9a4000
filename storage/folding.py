"""The form in which names are searched by their beginnings, whatever their script and case."""

from __future__ import annotations

import unicodedata

FOLDED_LENGTH = 64
"""Characters that are kept: enough to search by, and short enough for PostgreSQL's indexes."""


def fold(text: str) -> str:
    """Return the text composed and case-folded, its beginning only."""
    return unicodedata.normalize("NFC", text).casefold()[:FOLDED_LENGTH]
