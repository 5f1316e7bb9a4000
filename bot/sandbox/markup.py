"""Telegram's HTML: markup in, plain text and entities out, with its very own errors.

Follows parse_html of TDLib's MessageEntity.cpp. Offsets in errors count bytes of UTF-8, offsets and lengths of
entities count UTF-16 units, as everywhere in the Bot API. `formatting` then makes of the two what Telegram stores.
"""

import re
from dataclasses import dataclass

from bot.sandbox.entities import Entity, check_link, utf16_length
from bot.sandbox.refusals import Refusal

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SPACE = b" \t\r\n\0\v"
_CHARACTER = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*))")
_NAME_TOKEN = re.compile(rb"[a-zA-Z0-9.\-]*")
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?", re.IGNORECASE)
_LONGEST_NUMBER = 9  # characters of a numeric character reference, without its semicolon
_LAST_CODE_POINT = 0x10FFFF


def parse_html(markup: str) -> tuple[str, list[Entity]]:
    """Return plain text and entities. Refusal (400, "can't parse entities: …") for what Telegram cannot parse."""
    return _Reader(markup.encode()).read()


def _fail(message: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse entities: {message}")


@dataclass
class _OpenTag:
    name: str
    attributes: dict[str, str]
    offset: int
    parts: int  # how much plain text had been collected when it was opened


class _Reader:
    """One pass over the bytes of a markup; a NUL stands behind the last one, as in the original."""

    def __init__(self, markup: bytes) -> None:
        self._bytes = markup + b"\0"
        self._end = len(markup)
        self._at = 0
        self._text: list[str] = []
        self._offset = 0
        self._open: list[_OpenTag] = []
        self._entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self._at < self._end:
            if self._byte() == b"<":
                self._read_tag()
            else:
                self._read_text()
        if self._open:
            raise _fail(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        try:
            # surrogates written as two numeric references are one character, a lonely one is none
            text = "".join(self._text).encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise _fail(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ) from None
        return text, [e if e.type != "code" else Entity("code", e.offset, e.length) for e in self._entities]

    def _byte(self) -> bytes:
        return self._bytes[self._at : self._at + 1]

    def _read_text(self) -> None:
        if self._byte() == b"&" and (decoded := self._read_character()):
            self._append(decoded)
            return
        start = self._at
        self._at += 1
        while self._at < self._end and self._byte() not in b"<&":
            self._at += 1
        self._append(self._bytes[start : self._at].decode())

    def _append(self, text: str) -> None:
        self._text.append(text)
        self._offset += utf16_length(text)

    def _read_character(self) -> str | None:
        """Read a character reference; None, and nothing read, when Telegram takes it literally."""
        found = _CHARACTER.match(self._bytes, self._at)
        if found is None:
            return None
        hexadecimal, decimal, name = found.groups()
        if name is not None:
            character = _NAMED.get(name)
        else:
            digits, base = (decimal, 10) if hexadecimal is None else (hexadecimal, 16)
            code = int(digits or b"0", base) if len(found[0]) <= _LONGEST_NUMBER else 0
            character = chr(code) if 0 < code < _LAST_CODE_POINT else None
        if character is None:
            return None
        self._at = found.end()
        if self._byte() == b";":
            self._at += 1
        return character

    def _read_tag(self) -> None:
        begin = self._at
        self._at += 1
        if self._byte() == b"/":
            self._read_end_tag(begin)
        else:
            self._read_start_tag(begin)

    def _read_until(self, stops: bytes) -> str:
        start = self._at
        while self._byte() not in stops:
            self._at += 1
        return self._bytes[start : self._at].decode(errors="replace")

    def _skip_space(self) -> None:
        while self._at < self._end and self._byte() in _SPACE:
            self._at += 1

    def _read_start_tag(self, begin: int) -> None:
        name = self._read_until(_SPACE + b">").lower()
        if self._byte() == b"\0":
            raise _fail(f"Unclosed start tag at byte offset {begin}")
        if name not in _TYPES:
            raise _fail(f'Unsupported start tag "{name}" at byte offset {begin}')
        attributes: dict[str, str] = {}
        while self._byte() != b">":
            self._skip_space()
            if self._byte() != b">":
                self._read_attribute(name, attributes, begin)
        self._at += 1
        if name == "span" and not _is_spoiler(attributes):
            raise _fail(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_OpenTag(name, attributes, self._offset, len(self._text)))

    def _read_attribute(self, tag: str, attributes: dict[str, str], begin: int) -> None:
        name = self._read_until(_SPACE + b"=>/\"'")
        if not name:
            raise _fail(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_space()
        if self._byte() != b"=":
            if self._byte() == b"\0":
                raise _fail(f'Unclosed start tag "{tag}" at byte offset {begin}')
            attributes[name] = ""
            return
        self._at += 1
        self._skip_space()
        if self._byte() == b"\0":
            raise _fail(f'Unclosed start tag "{tag}" at byte offset {begin}')
        attributes[name] = self._read_value()
        if self._byte() == b"\0":
            raise _fail(f"Unclosed start tag at byte offset {begin}")

    def _read_value(self) -> str:
        quote = self._byte()
        if quote not in {b'"', b"'"}:
            return self._read_name_token()
        self._at += 1
        value: list[str] = []
        while self._at < self._end and self._byte() != quote:
            if self._byte() == b"&" and (decoded := self._read_character()):
                value.append(decoded)
            else:
                start = self._at
                self._at += 1
                while self._at < self._end and self._byte() not in {quote, b"&"}:
                    self._at += 1
                value.append(self._bytes[start : self._at].decode())
        if self._byte() == quote:
            self._at += 1
        return "".join(value)

    def _read_name_token(self) -> str:
        found = _NAME_TOKEN.match(self._bytes, self._at)
        start, self._at = self._at, found.end() if found else self._at
        if self._byte() not in _SPACE + b">":
            raise _fail(f"Unexpected end of name token at byte offset {start}")
        return self._bytes[start : self._at].decode().lower()

    def _read_end_tag(self, begin: int) -> None:
        if not self._open:
            raise _fail(f"Unexpected end tag at byte offset {begin}")
        self._at += 1
        name = self._read_until(_SPACE + b">").lower()
        self._skip_space()
        if self._byte() != b">":
            raise _fail(f"Unclosed end tag at byte offset {begin}")
        expected = self._open[-1].name
        if name not in {"", expected}:
            raise _fail(f'Unmatched end tag at byte offset {begin}, expected "</{expected}>", found "</{name}>"')
        self._at += 1
        tag = self._open.pop()
        if self._offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        if tag.name in {"pre", "code"}:
            self._close_code(tag)
            return
        kind, details = _TYPES[tag.name], dict[str, object]()
        if tag.name == "a":
            link = _link(tag.attributes.get("href") or "".join(self._text[tag.parts :]))
            if link is None:
                return
            kind, details = link
        elif tag.name == "tg-emoji":
            details = _custom_emoji(tag.attributes)
        elif tag.name == "tg-time":
            details = _date_time(tag.attributes)
            if not details:
                return
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            kind = "expandable_blockquote"
        self._add(kind, tag, details)

    def _close_code(self, tag: _OpenTag) -> None:
        """<pre> and <code class="language-…"> around the same text are one block with a language."""
        inner = self._entities[-1] if self._entities else None
        same_text = inner is not None and (inner.offset, inner.end) == (tag.offset, self._offset)
        language = tag.attributes.get("class", "") if tag.name == "code" else ""
        language = language.removeprefix("language-") if language.startswith("language-") else ""
        if tag.name == "pre" and inner and same_text and inner.type == "code" and inner.details:
            self._entities[-1] = Entity("pre", inner.offset, inner.length, inner.details)
        elif tag.name == "code" and inner and same_text and inner.type == "pre" and language:
            self._entities[-1] = Entity("pre", inner.offset, inner.length, {"language": language})
        else:
            self._add(tag.name, tag, {"language": language} if language else {})

    def _add(self, kind: str, tag: _OpenTag, details: dict[str, object]) -> None:
        self._entities.append(Entity(kind, tag.offset, self._offset - tag.offset, details))


def _is_spoiler(attributes: dict[str, str]) -> bool:
    return attributes.get("class") == "tg-spoiler"


def _link(url: str) -> tuple[str, dict[str, object]] | None:
    mentioned = re.fullmatch(r"tg:(?://)?user\?id=(\d{1,18})", url)
    if mentioned:
        return "text_mention", {"user_id": int(mentioned[1])}
    checked = check_link(url)
    return None if checked is None else ("text_link", {"url": checked})


def _custom_emoji(attributes: dict[str, str]) -> dict[str, object]:
    number = attributes.get("emoji-id", "")
    if not re.fullmatch(r"-?\d{1,19}", number) or int(number) == 0:
        raise _fail("Invalid custom emoji identifier specified")
    return {"custom_emoji_id": number}


def _date_time(attributes: dict[str, str]) -> dict[str, object]:
    """Return the fields of a date_time entity; none when the time is not after 1970, which makes no entity."""
    shown_as = attributes.get("format", "")
    if not _TIME_FORMAT.fullmatch(shown_as):
        raise _fail("Invalid date format used")
    unix = re.match(r"\d{1,10}", attributes.get("unix", ""))
    if unix is None or int(unix[0]) == 0:
        return {}
    shown_as = shown_as.replace("R", "r").replace("W", "w")
    return {"unix_time": int(unix[0]), **({"date_time_format": shown_as} if shown_as else {})}
