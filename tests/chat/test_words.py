from __future__ import annotations

import re
from typing import Any

import pytest
from fluent.runtime import FluentBundle
from fluent.syntax import ast

from bot.chat import words as module
from bot.chat.words import BrokenWords, Words, list_languages, load_words, name_languages, parse


def read(language: str) -> dict[str, Any]:
    """Return the messages of a language's file, as they are written, by their keys."""
    body = parse(module._read(language)).body
    entries = [entry for entry in body if isinstance(entry, ast.Message)]
    assert all(isinstance(entry, (ast.Message, ast.BaseComment)) for entry in body)
    names = [entry.id.name for entry in entries]
    assert len(names) == len(set(names)), "a key stands twice"
    return dict(zip(names, entries, strict=True))


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


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ru", "ru"),
        ("RU", "ru"),
        ("ru-RU", "ru"),
        ("ru_UA", "ru"),
        ("es", "es"),
        ("es-419", "es"),
        ("es-MX", "es"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
    ],
)
def test_everybody_gets_the_language_that_is_nearest_to_theirs(tag: str, language: str) -> None:
    assert load_words(tag).language == language


@pytest.mark.parametrize("tag", ["uk", "rus", "ptx", "esperanto", "e", "-ru", "b-pt", "xx-ru"])
def test_a_language_is_not_taken_for_another_that_begins_alike(tag: str) -> None:
    assert load_words(tag).language == "en"


def test_languages_are_called_by_their_own_names_english_first() -> None:
    assert list(name_languages().items()) == [
        ("en", "English"),
        ("es", "Español"),
        ("pt-BR", "Português (Brasil)"),
        ("ru", "Русский"),
    ]


def test_words_are_loaded_once() -> None:
    assert load_words("en-GB") is load_words(None)
    assert load_words("pt") is load_words("pt-BR")


def test_finding_the_words_for_an_update_reads_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    known = load_words("pt-PT")
    monkeypatch.setattr(module, "files", None)
    assert load_words("pt-PT") is known


def test_a_sentence_that_a_language_lacks_is_said_in_english() -> None:
    own, english = FluentBundle(["de"], use_isolating=False), FluentBundle(["en"], use_isolating=False)
    own.add_resource(parse("yes = Ja"))
    english.add_resource(parse("yes = Yes\nno = No"))
    words = Words("de", [own, english])
    assert (words("yes"), words("no")) == ("Ja", "No")


def test_a_sentence_that_a_language_has_in_part_is_said_in_english() -> None:
    own, english = FluentBundle(["de"], use_isolating=False), FluentBundle(["en"], use_isolating=False)
    own.add_resource(parse("hello = Hallo, { $nmae }!"))
    english.add_resource(parse("hello = Hello, { $name }!"))
    assert Words("de", [own, english])("hello", name="Anna") == "Hello, Anna!"


def test_numbers_choose_their_plural() -> None:
    words = load_words("en")
    assert [words("duration-minutes", count=count) for count in (1, 2, 60)] == ["1 minute", "2 minutes", "60 minutes"]


@pytest.mark.parametrize("language", sorted(list_languages()))
@pytest.mark.parametrize("number", [0, 7, 999, 1000, 1_234_567, -1])
def test_every_sentence_is_what_fluent_makes_of_it(language: str, number: int) -> None:
    """Sentences without a choice in them are not put together by Fluent; nobody may notice."""
    words, by_fluent = load_words(language), Words(language, load_words(language)._bundles)
    assert len(words._plain) > 400
    for key in words._plain:
        names = re.findall(r"(?<!\{)\{([a-z_]+)\}", words._plain[key])
        for values in (dict.fromkeys(names, number), dict.fromkeys(names, "{x} <b>{{ äöü")):
            assert words(key, **values) == by_fluent(key, **values)
        if names:
            with pytest.raises(BrokenWords):
                words(key)
