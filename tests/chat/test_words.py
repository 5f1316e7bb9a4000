from __future__ import annotations

import re
from typing import Any

import pytest
from fluent.runtime import FluentBundle
from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

from bot.chat import words as module
from bot.chat.words import BrokenWords, Words, list_languages, load_words, parse

PLAIN = ("button-", "toast-", "reason-", "time-", "duration-", "month-", "weekday-")
"""What also stands on buttons, in toasts and in fallbacks of times: no tag, no escaping."""


class Parts(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()
        self.references: set[str] = set()
        self.text = ""

    def visit_TextElement(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.text += node.value

    def visit_VariableReference(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.names.add(node.id.name)

    def visit_MessageReference(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.references.add(node.id.name)


def read(language: str) -> dict[str, Any]:
    body = parse(module._read(language)).body
    entries = [entry for entry in body if isinstance(entry, ast.Message)]
    assert all(isinstance(entry, (ast.Message, ast.BaseComment)) for entry in body)
    names = [entry.id.name for entry in entries]
    assert len(names) == len(set(names)), "a key stands twice"
    return dict(zip(names, entries, strict=True))


def placeables(entries: dict[str, Any], key: str) -> set[str]:
    visitor = Parts()
    visitor.visit(entries[key])
    return visitor.names.union(*(placeables(entries, other) for other in visitor.references))


def make_words(source: str) -> Words:
    bundle = FluentBundle(["en"], use_isolating=False)
    bundle.add_resource(parse(source))
    return Words("en", [bundle])


def test_a_sentence_gets_its_values() -> None:
    words = make_words("hello = Hello, { $name }!")
    assert words("hello", name="Anna") == "Hello, Anna!"


def test_nothing_invisible_is_put_around_values() -> None:
    assert load_words("en")("own-id", id="1") == "Your Telegram ID: <code>1</code>"


def test_an_unknown_key_is_never_shown_to_anybody() -> None:
    with pytest.raises(BrokenWords, match="no words for nonsense"):
        load_words("en")("nonsense")


def test_a_key_without_a_sentence_of_its_own_counts_as_unknown() -> None:
    with pytest.raises(BrokenWords):
        make_words("hello =\n    .label = Hello")("hello")


def test_a_sentence_without_its_value_is_never_shown_to_anybody() -> None:
    with pytest.raises(BrokenWords, match="incomplete"):
        make_words("hello = Hello, { $name }!")("hello")


def test_a_sentence_that_refers_to_a_missing_one_is_never_shown_to_anybody() -> None:
    with pytest.raises(BrokenWords):
        make_words("hello = { goodbye }")("hello")


def test_a_faulty_file_is_refused_as_a_whole() -> None:
    with pytest.raises(BrokenWords, match="not Fluent"):
        parse("hello = Hello\ngood bye = Bye\n")


@pytest.mark.parametrize(
    "language", [None, "", "en", "EN", "en-GB", "en_US", "tlh", "tlh-x-private", "../en", "x" * 500]
)
def test_english_is_what_everybody_gets_whose_language_is_not_there(language: str | None) -> None:
    assert load_words(language).language == "en"


def test_words_are_loaded_once() -> None:
    assert load_words("en-GB") is load_words(None)


def test_a_sentence_that_a_language_lacks_is_said_in_english() -> None:
    own, english = FluentBundle(["de"], use_isolating=False), FluentBundle(["en"], use_isolating=False)
    own.add_resource(parse("yes = Ja"))
    english.add_resource(parse("yes = Yes\nno = No"))
    words = Words("de", [own, english])
    assert (words("yes"), words("no")) == ("Ja", "No")


def test_numbers_choose_their_plural() -> None:
    words = load_words("en")
    assert [words("duration-minutes", count=count) for count in (1, 2, 60)] == ["1 minute", "2 minutes", "60 minutes"]


@pytest.mark.parametrize("language", sorted(list_languages()))
def test_every_language_has_the_sentences_of_english_with_the_same_values(language: str) -> None:
    english, own = read("en"), read(language)
    assert own.keys() == english.keys()
    for key in english:
        assert placeables(own, key) <= placeables(english, key), key


@pytest.mark.parametrize("language", sorted(list_languages()))
def test_plain_words_have_no_markup(language: str) -> None:
    for key, entry in read(language).items():
        if key.startswith(PLAIN):
            parts = Parts()
            parts.visit(entry)
            assert not re.search(r"[<>&]", parts.text), key
