"""What Telegram makes of a text before it stores it: cleaned, trimmed, entities sorted, split and found.

Follows fix_formatted_text and find_entities of TDLib's MessageEntity.cpp: code and pre contain nothing and are in
nothing but a quote; bold, italic, underline, strikethrough and spoiler are cut where another entity begins or ends.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable

from bot.sandbox.entities import Entity, utf16_length
from bot.sandbox.refusals import bad_request

_STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
_QUOTES = ("blockquote", "expandable_blockquote")
_PRIORITIES = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_FOUND = 50  # the priority of everything found in the text itself
_REMOVED = frozenset("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u2800\u180e\ufeff\ufffc")
_REST = r"(?:[/?#](?:[^\s<>\"]*[^\s<>\".,;:!?)\]'])?)?"  # what an address may have behind its host
_DETECTORS = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])")),
    ("url", re.compile(r"(?<!\w)https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?!\w)")),
    ("url", re.compile(r"(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|info|io|me|app|dev|ru|de|uk)(?![\w.-]*\w)" + _REST)),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z0-9_]{4,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<!\w)#(?=\w*[^\W\d])\w{1,256}(?!\w)")),
)


def format_text(text: str, entities: Iterable[Entity] = ()) -> tuple[str, list[Entity]]:
    """Return text and entities as Telegram stores them, both empty where nothing is left to see.

    Refusal (400) when the text is not Unicode.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    text, kept = _clean(text, entities)
    text, kept = _trim(text, _arrange(kept))
    if is_blank(text):
        return "", []
    return text, _arrange([*kept, *_without_overlaps(_find(text), kept)])


def is_blank(text: str) -> bool:
    """Tell whether nothing of `text` can be seen."""
    return all(
        character in _INVISIBLE or unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc"} for character in text
    )


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity.offset, -entity.length, _PRIORITIES.get(entity.type, _FOUND)


def _clean(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """Drop what Telegram drops, turn control characters into spaces, and move the entities along."""
    kept: list[str] = []
    removed_at: list[int] = []  # UTF-16 offsets; every removed character is one unit long
    offset = 0
    for character in text:
        if character in _REMOVED:
            removed_at.append(offset)
        else:
            kept.append(" " if character < " " and character != "\n" else character)
        offset += utf16_length(character)

    def moved(at: int) -> int:
        return at - bisect_left(removed_at, at)

    shifted = (Entity(e.type, moved(e.offset), moved(e.end) - moved(e.offset), e.details) for e in entities)
    return "".join(kept), [entity for entity in shifted if entity.length > 0]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut spaces and line breaks off both ends; in front only as far as the first entity."""
    text = text.rstrip(" \n")
    end = utf16_length(text)
    clipped = [Entity(e.type, e.offset, min(e.length, end - e.offset), e.details) for e in entities if e.offset < end]
    first = min((entity.offset for entity in clipped), default=len(text))
    cut = 0
    while cut < min(first, len(text)) and text[cut] in " \n":
        cut += 1
    return text[cut:], [Entity(e.type, e.offset - cut, e.length, e.details) for e in clipped]


def _arrange(entities: Iterable[Entity]) -> list[Entity]:
    """Return the entities sorted, and none where Telegram allows none."""
    ordered = sorted(entities, key=_order)
    quotes = _first_of_overlapping([e for e in ordered if e.type in _QUOTES])
    solid = _first_of_overlapping([e for e in ordered if e.type not in _QUOTES and e.type not in _STYLES])
    solid = [entity for entity in solid if not _crosses_quote(entity, quotes)]
    walls = sorted([*solid, *quotes], key=_order)
    styles = _Cutter([e for e in ordered if e.type in _STYLES]).cut(walls)
    return sorted([*walls, *styles], key=_order)


def _first_of_overlapping(entities: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _crosses_quote(entity: Entity, quotes: list[Entity]) -> bool:
    """Tell whether it reaches over a quote's border; one that lies inside is fine."""
    return any(
        quote.offset < entity.end
        and entity.offset < quote.end
        and not (quote.offset <= entity.offset and entity.end <= quote.end)
        for quote in quotes
    )


class _Cutter:
    """Cuts styles at the borders of other entities and joins those of one kind that touch."""

    def __init__(self, styles: list[Entity]) -> None:
        self._waiting = styles[::-1]
        self._spans: dict[str, tuple[int, int]] = {}
        self._done: list[Entity] = []

    def cut(self, walls: list[Entity]) -> list[Entity]:
        inside: list[Entity] = []
        far_away = max((e.end for e in (*walls, *self._waiting)), default=0) + 1
        for offset, wall in [*((wall.offset, wall) for wall in walls), (far_away, None)]:
            while inside and offset >= inside[-1].end:
                self._advance(inside.pop())
            self._flush_until(offset)
            if wall is not None:
                inside.append(wall)
        return self._done

    def _advance(self, wall: Entity) -> None:
        before = len(self._done)
        self._flush_until(wall.end)
        if wall.type in {"code", "pre"}:
            del self._done[before:]

    def _flush_until(self, offset: int) -> None:
        while self._waiting and self._waiting[-1].offset < offset:
            style = self._waiting.pop()
            span = self._spans.get(style.type)
            if span and style.offset <= span[1]:
                self._spans[style.type] = (span[0], max(span[1], style.end))
            else:
                self._flush(style.offset)
                self._spans[style.type] = (style.offset, style.end)
        self._flush(offset)

    def _flush(self, offset: int) -> None:
        for kind in _STYLES:
            begin, end = self._spans.get(kind, (0, 0))
            if begin >= min(end, offset):
                continue
            stop = min(end, offset)
            self._done.append(Entity(kind, begin, stop - begin))
            if end <= offset:
                del self._spans[kind]
            else:
                self._spans[kind] = (offset, end)


def _find(text: str) -> list[Entity]:
    """Find commands, links, mentions and hashtags, the first kind of `_DETECTORS` winning."""
    found: list[Entity] = []
    for kind, pattern in _DETECTORS:
        matches = (
            Entity(kind, utf16_length(text[: match.start()]), utf16_length(match[0]))
            for match in pattern.finditer(text)
        )
        found += _without_overlaps(matches, found)
    return found


def _without_overlaps(entities: Iterable[Entity], others: Iterable[Entity]) -> list[Entity]:
    """Return those that touch no solid entity among `others`: styles may be cut, quotes may contain them."""
    solid = [other for other in others if other.type not in _STYLES and other.type not in _QUOTES]
    return [
        entity
        for entity in entities
        if all(entity.end <= other.offset or other.end <= entity.offset for other in solid)
    ]
