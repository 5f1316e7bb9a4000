"""Telegram's HTML, against the strings and offsets of TDLib."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import Entity, check_link, utf16_length
from bot.sandbox.formatting import format_text
from bot.sandbox.markup import parse_html
from bot.sandbox.refusals import Refusal
from bot.sandbox.screen import to_html

TAGS = ["b", "i", "u", "s", "tg-spoiler", "code", "pre", "blockquote", 'tg-time unix="1" format="r"', 'a href="x.de"']


def parse(markup: str) -> tuple[str, list[tuple[str, int, int]]]:
    text, entities = format_text(*parse_html(markup))
    return text, [(entity.type, entity.offset, entity.length) for entity in entities]


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("<b>a</b>", "a", [("bold", 0, 1)]),
        ("<STRONG>a</strong>", "a", [("bold", 0, 1)]),
        ("<em>a</em><ins>b</ins><del>c</del>", "abc", [("italic", 0, 1), ("underline", 1, 1), ("strikethrough", 2, 1)]),
        ("😀<b>é</b>", "😀é", [("bold", 2, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("&lt;&gt;&amp;&quot;&#65;&#x42;", '<>&"AB', []),
        ("&nbsp;&apos;&copy; & &#0; &#1114112;", "&nbsp;&apos;&copy; & &#0; &#1114112;", []),
        ("&lt", "<", []),
        ("<b></b>a", "a", []),
        ("<b>a</>", "a", [("bold", 0, 1)]),
        ("  <b> a</b> \n", " a", [("bold", 0, 2)]),
        ("a\r\tb\u202ec\u2068d", "a bc\u2068d", []),
        ("<b>x</b><b>y</b>", "xy", [("bold", 0, 2)]),
        ("<b>x<b>y</b>z</b>", "xyz", [("bold", 0, 3)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<blockquote>a<code>b</code></blockquote>", "ab", [("blockquote", 0, 2), ("code", 1, 1)]),
    ],
)
def test_markup_becomes_text_and_entities(markup: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    assert parse(markup) == (text, entities)


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("<tg-spoiler>a<code>b</code>c</tg-spoiler>", "abc", [("spoiler", 0, 1), ("code", 1, 1), ("spoiler", 2, 1)]),
        ("<code>a<b>b</b></code>", "ab", [("code", 0, 2)]),
        ("<pre><tg-spoiler>a</tg-spoiler></pre>", "a", [("pre", 0, 1)]),
    ],
)
def test_code_contains_no_style_and_is_in_none(markup: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    assert parse(markup) == (text, entities)


def test_a_time_inside_a_style_cuts_it() -> None:
    _, entities = parse('<b>in <tg-time unix="1700000000" format="r">a minute</tg-time>!</b>')
    assert entities == [("bold", 0, 3), ("date_time", 3, 8), ("bold", 3, 8), ("bold", 11, 1)]


@pytest.mark.parametrize("shown_as", ["", "r", "w", "d", "D", "t", "T", "wDt", "dT"])
def test_a_time_keeps_its_format(shown_as: str) -> None:
    _, entities = parse_html(f'<tg-time unix="1700000000" format="{shown_as}">x</tg-time>')
    expected: dict[str, object] = {"unix_time": 1_700_000_000} | ({"date_time_format": shown_as} if shown_as else {})
    assert entities == [Entity("date_time", 0, 1, expected)]


@pytest.mark.parametrize("number", ["9" * 5000, "x", ""])
def test_numbers_in_attributes_can_be_anything(number: str) -> None:
    parse_html(f'<tg-time unix="{number}">x</tg-time><a href="tg://user?id={number}">x</a>')
    with pytest.raises(Refusal, match="Invalid custom emoji identifier specified"):
        parse_html(f'<tg-emoji emoji-id="{number}">x</tg-emoji>')


def test_a_time_before_1970_is_plain_text() -> None:
    assert parse('<tg-time unix="0" format="r">then</tg-time>') == ("then", [])


def test_a_block_of_code_has_a_language() -> None:
    _, entities = parse_html('<pre><code class="language-mql5">x</code></pre>')
    assert entities == [Entity("pre", 0, 1, {"language": "mql5"})]


def test_code_alone_has_no_language() -> None:
    _, entities = parse_html('<code class="language-mql5">x</code>')
    assert entities == [Entity("code", 0, 1)]


def test_what_telegram_links_by_itself_is_linked_in_bold_and_not_in_code() -> None:
    _, bold = parse("<b>@anna_fx /revoke x.com #tag</b>")
    assert {kind for kind, _, _ in bold} == {"bold", "mention", "bot_command", "url", "hashtag"}
    assert parse("<code>@anna_fx /revoke x.com #tag</code>")[1] == [("code", 0, 27)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start abc", [("bot_command", 0, 6)]),
        ("/start@sandbox_bot", [("bot_command", 0, 18)]),
        ("a/start </b>", []),
        ("😀 /id", [("bot_command", 3, 3)]),
        ("me@desk.example", [("email", 0, 15)]),
        ("see https://t.me/x.", [("url", 4, 14)]),
        ("t.me/sandbox_bot?start=abc.", [("url", 0, 26)]),
        ("t.me/, or example.com/a?b#c!", [("url", 0, 5), ("url", 10, 17)]),
        ("VPS-1 costs 3.50", []),
    ],
)
def test_commands_and_links_are_found_in_plain_text(text: str, found: list[tuple[str, int, int]]) -> None:
    _, entities = format_text(text)
    assert [(entity.type, entity.offset, entity.length) for entity in entities] == found


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        ("a<x>", 'Unsupported start tag "x" at byte offset 1'),
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("1 <", "Unclosed start tag at byte offset 2"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a =x>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-time unix="1" format="q">a</tg-time>', "Invalid date format used"),
        ('<tg-time unix="1" format="tD">a</tg-time>', "Invalid date format used"),
        ("<tg-emoji>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        (
            "&#xD800;",
            (
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ),
        ),
    ],
)
def test_bad_markup_is_refused_in_telegrams_words(markup: str, error: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(markup)
    assert (refused.value.code, refused.value.description) == (400, f"Bad Request: can't parse entities: {error}")


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\u2060 \ufeff", "\t\r"])
def test_a_text_without_anything_to_see_is_empty(text: str) -> None:
    assert format_text(text) == ("", [])


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("example.com", "http://example.com/"),
        ("https://example.com/a?b", "https://example.com/a?b"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("javascript://x.com/", None),
        ("https://nodot", None),
        ("https://", None),
        ("http://[", None),
    ],
)
def test_a_link_is_kept_as_telegram_keeps_it(url: str, kept: str | None) -> None:
    assert check_link(url) == kept


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    parsed, entities = parse_html(html.escape(text, quote=False))
    assert (parsed, entities) == (text, [])


@given(st.text(alphabet='<>/ab&;"= \n\0', max_size=40))
def test_any_markup_is_either_parsed_or_refused(markup: str) -> None:
    try:
        text, entities = format_text(*parse_html(markup))
    except Refusal:
        return
    assert all(e.offset >= 0 and e.length > 0 and e.end <= utf16_length(text) for e in entities)


@st.composite
def nested_markup(draw: st.DrawFn, depth: int = 3) -> str:
    pieces = []
    for _ in range(draw(st.integers(0, 3))):
        text = html.escape(draw(st.text(alphabet="a😀 <\n@/_.", max_size=5)), quote=False)
        tag = draw(st.sampled_from(TAGS))
        inner = draw(nested_markup(depth - 1)) if depth else ""
        pieces.append(f"{text}<{tag}>{text}{inner}</{tag.split()[0]}>")
    return "".join(pieces)


@given(nested_markup())
def test_stored_entities_are_sorted_nested_and_survive_being_written_as_html(markup: str) -> None:
    text, entities = format_text(*parse_html(markup))
    open_until: list[int] = []
    for entity in entities:
        open_until = [end for end in open_until if end > entity.offset]
        assert not open_until or entity.end <= open_until[-1]
        open_until.append(entity.end)
    assert format_text(*parse_html(to_html(text, entities))) == (text, entities)
