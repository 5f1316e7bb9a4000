"""The files of words: all say the same things, completely and in good order, and nothing is said past them."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from babel import Locale
from fluent.syntax import FluentSerializer, ast
from fluent.syntax.visitor import Visitor

from bot.chat import words as module
from bot.chat.views import commands
from bot.chat.views.times import duration
from bot.chat.words import Words, list_languages, load_words, name_languages
from tests.chat.pseudo import own_words, pseudo_words
from tests.chat.test_views import TTL, People, all_toasts, buttons_of, check, gallery
from tests.chat.test_views import read as read_html
from tests.chat.test_words import read

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = sorted(list_languages())
OTHERS = [language for language in LANGUAGES if language != "en"]
PLAIN = ("button-", "toast-", "reason-", "time-", "duration-", "month-", "weekday-", "command-", "language-name")
"""What stands on buttons, in toasts, in menus and in fallbacks of times: no tag, no escaping."""
WIDTHS = {1: 34, 2: 22, 3: 14}
"""How many characters the label of a button may have, by how many buttons share its row. English fits with ease."""
NUMBERS = (1, 2, 5, 11, 21, 22, 25, 101, 111)


class Parts(Visitor):
    """What a message is made of."""

    def __init__(self) -> None:
        self.text = ""
        self.names: set[str] = set()
        self.references: set[str] = set()
        self.selections: list[ast.SelectExpression] = []

    def visit_TextElement(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.text += node.value

    def visit_VariableReference(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.names.add(node.id.name)

    def visit_MessageReference(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.references.add(node.id.name)

    def visit_SelectExpression(self, node: Any) -> None:  # noqa: N802 - the visitor finds it by this name
        self.selections.append(node)
        self.generic_visit(node)


def parts_of(node: Any) -> Parts:
    parts = Parts()
    parts.visit(node)
    return parts


def placeables(entries: dict[str, Any], node: Any) -> set[str]:
    parts = parts_of(node)
    return parts.names.union(*(placeables(entries, entries[other].value) for other in parts.references))


def variants(pattern: ast.Pattern) -> Iterator[list[Any]]:
    """Return the elements of a sentence as it is with each of its variants."""
    chosen = [element for element in pattern.elements if _selection(element)]
    if not chosen:
        yield pattern.elements
    for element in chosen:
        others = [other for other in pattern.elements if other is not element]
        for variant in _selection(element).variants:
            for elements in variants(variant.value):
                yield [*others, _selection(element).selector, *elements]


def _selection(element: Any) -> Any:
    expression = getattr(element, "expression", None)
    return expression if isinstance(expression, ast.SelectExpression) else None


def label_width(label: str) -> int:
    return sum(unicodedata.category(character) not in {"Mn", "Me", "Cf"} for character in label)


def menus(words: Words) -> list[str]:
    return [
        command.description for is_admin in (False, True) for command in commands.command_menu(words, is_admin=is_admin)
    ]


# --- every language says everything -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_keys_of_english_in_the_same_order(language: str) -> None:
    assert list(read(language)) == list(read("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_the_attributes_and_the_values_of_the_english_one(language: str) -> None:
    english, own = read("en"), read(language)
    for key, entry in own.items():
        names = [attribute.id.name for attribute in entry.attributes]
        assert names == [attribute.id.name for attribute in english[key].attributes], key
        assert placeables(own, entry) == placeables(english, english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_variant_of_a_sentence_leaves_a_value_out(language: str) -> None:
    entries = read(language)
    for key, entry in entries.items():
        whole = placeables(entries, entry)
        for elements in variants(entry.value):
            said = set().union(*(placeables(entries, element) for element in elements))
            assert said == whole, key


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_was_left_in_english(language: str) -> None:
    english, own = read("en"), read(language)
    serializer = FluentSerializer()
    for key, entry in own.items():
        text = re.sub(r"<[^<>]*>|UTC", "", parts_of(entry).text)
        if re.search(r"[^\W\d_]", text):
            assert serializer.serialize_entry(entry) != serializer.serialize_entry(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_words_have_no_markup(language: str) -> None:
    for key, entry in read(language).items():
        if key.startswith(PLAIN):
            # the menu of commands says <device id>, as plain text
            text = parts_of(entry).text if not key.startswith("command-") else ""
            assert not re.search(r"[<>&]", text), key


def test_no_russian_word_has_latin_letters_in_it() -> None:
    for key, entry in read("ru").items():
        for word in re.findall(r"[^\W\d_]+", parts_of(entry).text):
            scripts = {unicodedata.name(letter).partition(" ")[0] for letter in word}
            assert len(scripts) == 1, (key, word)


# --- every language fits where English fits -----------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_well_formed_and_fits(language: str) -> None:
    words = load_words(language)
    for view in gallery(words, People(device="Gold <b> & Co", first_name="<i>", reason="&amp;")).values():
        check(view)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_the_tags_and_the_buttons_of_the_english_one(language: str) -> None:
    english, own = gallery(load_words("en")), gallery(load_words(language))
    for key, view in own.items():
        assert sorted(read_html(view.text).tags) == sorted(read_html(english[key].text).tags), key
        assert [button.callback_data for button in buttons_of(view)] == [
            button.callback_data for button in buttons_of(english[key])
        ], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_fit_their_row(language: str) -> None:
    # names are shortened, and may fill the row
    for key, view in gallery(load_words(language), People(device="N", other_device="N", first_name="N")).items():
        for row in view.keyboard.inline_keyboard if view.keyboard else ():
            for button in row:
                assert label_width(button.text) <= WIDTHS[len(row)], (key, button.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_toasts_and_menus_fit_and_are_plain(language: str) -> None:
    words = load_words(language)
    for name, toast in all_toasts(words).items():
        assert 0 < len(toast.text) <= 200, name
        assert not re.search(r"[<>&]|\u2068", toast.text), name
    for description in menus(words):
        assert 1 <= len(description) <= 256
        assert not re.search(r"&\w+;", description)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_tells_the_same_commands_in_every_language(language: str) -> None:
    assert re.findall(r"/\w+", load_words(language)("help-commands")) == re.findall(
        r"/\w+", load_words("en")("help-commands")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_of_which_a_message_speaks_has_the_same_words_there(language: str) -> None:
    english, own, entries = load_words("en"), load_words(language), read("en")
    values: dict[str, Any] = {name: 1 for entry in entries.values() for name in parts_of(entry).names}
    labels = {key: english(key, **values) for key in entries if key.startswith("button-")}
    spoken = 0
    for key in entries:
        for button, label in labels.items():
            if _bold(label) in english(key, **values).casefold():
                spoken += 1
                assert _bold(own(button, **values)) in own(key, **values).casefold(), key
    assert spoken >= 8
    assert _bare(own("button-saved")) in own("toast-another-secret")


def _bold(label: str) -> str:
    return f"<b>{_bare(label)}</b>".casefold()


def _bare(label: str) -> str:
    """Return a label without its emoji."""
    return re.sub(r"^[^\w(«“]+", "", label)


# --- plurals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_tells_plurals_apart_tells_all_of_its_language_apart(language: str) -> None:
    rules = Locale.parse(language, sep="-").plural_form
    needed = {str(rules(number)) for number in range(1000)}
    for key, entry in read(language).items():
        for selection in parts_of(entry).selections:
            told = {variant.key.name for variant in selection.variants if isinstance(variant.key, ast.Identifier)}
            if told != {"other"} and told:
                assert told >= needed, key


@pytest.mark.parametrize("key", ["menu-devices", "name-too-long", "card-limit-reached", "several-match", "toast-busy"])
def test_russian_has_a_plural_wherever_a_number_needs_one(key: str) -> None:
    (selection,) = parts_of(read("ru")[key]).selections
    told = [variant.key.name for variant in selection.variants if isinstance(variant.key, ast.Identifier)]
    assert told == ["one", "few", "many", "other"]


@pytest.mark.parametrize(
    ("key", "name", "expected"),
    [
        ("menu-devices", "count", "устройство устройства устройств устройств устройство устройства устройств"),
        ("duration-seconds", "count", "секунду секунды секунд секунд секунду секунды секунд"),
        ("duration-minutes", "count", "минуту минуты минут минут минуту минуты минут"),
        ("duration-hours", "count", "час часа часов часов час часа часов"),
        ("card-limit-reached", "limit", "устройство устройства устройств устройств устройство устройства устройств"),
        ("name-too-long", "count", "символ символа символов символов символ символа символов"),
        ("several-match", "count", "устройство устройства устройств устройств устройство устройства устройств"),
        ("toast-busy", "count", "секунду секунды секунд секунд секунду секунды секунд"),
    ],
)
def test_russian_plurals_are_right(key: str, name: str, expected: str) -> None:
    words = load_words("ru")
    first_seven = expected.split()
    # 101 goes like 1, and 111 like 11
    for number, noun in zip(NUMBERS, [*first_seven, first_seven[0], first_seven[3]], strict=True):
        values: dict[str, Any] = {"limit": 100, "id": "7b0f42aa", name: number}
        assert re.search(rf"\b{number} {noun}\b", words(key, **values)), (key, number)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ["1 dispositivo", "2 dispositivos", "21 dispositivos", "101 dispositivos"]),
        ("pt-BR", ["1 dispositivo", "2 dispositivos", "21 dispositivos", "101 dispositivos"]),
    ],
)
def test_plurals_of_the_others_are_right(language: str, said: list[str]) -> None:
    words = load_words(language)
    assert [words("menu-devices", count=number) for number in (1, 2, 21, 101)] == [f"<b>{text}</b>" for text in said]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This message disappears within 60 seconds."),
        ("es", "Este mensaje desaparecerá en un máximo de 60 segundos."),
        ("pt-BR", "Esta mensagem desaparece em até 60 segundos."),
        ("ru", "Это сообщение исчезнет не позже чем через 60 секунд."),
    ],
)
def test_a_countdown_reads_well_where_it_cannot_count(language: str, said: str) -> None:
    shown = gallery(load_words(language))["handouts.shown/registration, 0"]
    assert said in read_html(shown.text).text


# --- nothing is said that is in no file ---------------------------------------------------------------------------


def test_no_view_has_words_of_its_own() -> None:
    words = pseudo_words()
    people = People("§1", "§2", "§3", "§4", "§5", "§6", "§7", "§8", dict.fromkeys(("en", "xx"), "§9"))
    for key, view in gallery(words, people).items():
        for text in (view.text, *(button.text for button in buttons_of(view))):
            assert own_words(text) == [], (key, text)
    for name, toast in all_toasts(words).items():
        assert own_words(toast.text) == [], name
        assert toast.text.startswith("⟦"), name
    for description in menus(words):
        assert own_words(description) == []
    assert own_words(duration(words, timedelta(hours=2))) == []


@pytest.mark.parametrize("text", ["Cancel", "⟦x⟧ y", "⟦Ａ <b>Name</b>⟧", "ещё ⟦Ａ⟧", "⟦Ａ", "&nbsp; UTC"])
def test_words_of_its_own_are_found_wherever_they_stand(text: str) -> None:
    assert own_words(text)


@pytest.mark.parametrize("text", ["", "⟦Ａ <b>Ａ⟦Ａ⟧</b>⟧", "⟦/start Ａ &lt;Ａ&gt;⟧", "🟢 ⟦Ａ⟧ · 3", "⟦3f9a12c4⟧"])
def test_what_is_no_word_is_not_found(text: str) -> None:
    assert own_words(text) == []


def test_the_names_of_all_languages_come_from_their_files() -> None:
    assert name_languages().keys() == list_languages()
    assert list_languages() >= {"en", "ru", "es", "pt-BR"}
    assert all(module._read(language).startswith("# The words of the bot") for language in LANGUAGES)


def test_every_card_tells_how_long_the_secret_shows() -> None:
    for language in LANGUAGES:
        words = load_words(language)
        assert duration(words, TTL) in gallery(words)["handouts.card/registration, 0"].text
