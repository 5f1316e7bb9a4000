"""Names that people give: what is kept, what is refused, and why."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.services.errors import InvalidDeviceName, NameFault
from bot.services.hashing import checksum, create_secret
from bot.services.names import BIDI_OVERRIDES, MAX_LENGTH, count_up, normalise_name

anything = st.text(st.characters(exclude_categories=()), max_size=130)
VISIBLE = st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u3164\uffa0\u2800")
INVISIBLE = [
    "\u00a0",  # no-break space
    "\u00ad",  # soft hyphen
    "\u034f",  # combining grapheme joiner
    "\u061c",  # Arabic letter mark
    "\u115f",  # Hangul choseong filler
    "\u1160",  # Hangul jungseong filler
    "\u17b4",  # Khmer inherent vowel
    "\u180e",  # Mongolian vowel separator
    "\u200b",  # zero width space
    "\u200c",  # zero width non-joiner
    "\u200d",  # zero width joiner
    "\u200e",  # left-to-right mark
    "\u2060",  # word joiner
    "\u2061",  # function application
    "\u2065",  # unassigned, and ignorable by default
    "\u2800",  # blank Braille pattern
    "\u3000",  # ideographic space
    "\u3164",  # Hangul filler
    "\ufe0f",  # variation selector
    "\ufeff",  # byte order mark
    "\uffa0",  # halfwidth Hangul filler
    "\ufff0",  # unassigned, and ignorable by default
    "\U0001d173",  # musical symbol begin beam
    "\U000e0001",  # language tag
    "\U000e0061",  # tag a
    "\U000e0fff",  # unassigned, and ignorable by default
]


def fault_of(text: str) -> tuple[NameFault, int]:
    with pytest.raises(InvalidDeviceName) as caught:
        normalise_name(text)
    return caught.value.reason, caught.value.length


class TestKept:
    @pytest.mark.parametrize(
        "name",
        [
            "VPS-1",
            "Gold <b> & Co",
            "Терминал 5",
            "東京サーバー",
            "محطة التداول",
            "תחנה",
            "हिन्दी",
            "ไทย",
            "👨‍👩‍👧‍👦",  # family, held together by zero width joiners
            "🏳️‍🌈 desk",
            "👍🏽",
            "🇨🇭",
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland: a flag made of tags
            "می‌خواهم",  # Persian needs the zero width non-joiner
            "a\u200bb",
            ".",
            "\U0001fae9",  # an emoji newer than some Pythons
            "\ue000",  # private use: it may be somebody's logo
            "\\n %s {0} $x",
            "/revoke",
        ],
    )
    def test_any_script_and_any_emoji_stays_as_it_is(self, name: str) -> None:
        assert normalise_name(name) == unicodedata.normalize("NFC", name)

    def test_it_is_composed(self) -> None:
        assert normalise_name("Zu\u0308rich") == "Z\u00fcrich"
        assert normalise_name("\u1112\u1161\u11ab") == "\ud55c"

    def test_compatibility_characters_are_not_replaced(self) -> None:
        assert normalise_name("①ﬁＡ") == "①ﬁＡ"

    @pytest.mark.parametrize("white", [" ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", " \n\t "])
    def test_white_space_around_it_is_trimmed_and_inside_it_kept(self, white: str) -> None:
        assert normalise_name(f"{white}a b{white}") == "a b"

    def test_two_spaces_inside_stay_two(self) -> None:
        assert normalise_name("a  b") == "a  b"

    @given(st.text(VISIBLE, min_size=1, max_size=MAX_LENGTH))
    def test_whatever_is_visible_and_short_is_kept_in_nfc(self, text: str) -> None:
        composed = unicodedata.normalize("NFC", text)
        assume(len(composed) <= MAX_LENGTH)
        assert normalise_name(text) == composed

    @given(anything)
    def test_what_is_kept_keeps_the_rules_and_is_kept_again_as_it_is(self, text: str) -> None:
        try:
            name = normalise_name(text)
        except InvalidDeviceName:
            return
        assert 1 <= len(name) <= 100
        assert name == name.strip() == unicodedata.normalize("NFC", name) == normalise_name(name)
        assert name.encode("utf-8").decode("utf-8") == name
        assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in name)
        assert not set(name) & BIDI_OVERRIDES
        assert "\x00" not in name


class TestLength:
    @pytest.mark.parametrize("character", ["x", "é", "東", "🖥", "\U0010fffd"])
    def test_a_hundred_code_points_are_accepted_and_one_more_refused(self, character: str) -> None:
        assert normalise_name(character * 100) == character * 100
        assert fault_of(character * 101) == (NameFault.TOO_LONG, 101)

    def test_it_is_counted_after_composing_and_trimming(self) -> None:
        assert len(normalise_name("  " + "e\u0301" * 100 + "  ")) == 100
        assert fault_of("e\u0301" * 101) == (NameFault.TOO_LONG, 101)

    def test_a_character_that_composing_takes_apart_counts_as_what_it_becomes(self) -> None:
        assert fault_of("\u0958" * 51) == (NameFault.TOO_LONG, 102)

    def test_a_message_of_the_greatest_length_is_refused(self) -> None:
        assert fault_of("x" * 4096) == (NameFault.TOO_LONG, 4096)


class TestRefused:
    @pytest.mark.parametrize("text", ["", " ", "   ", "\t\n", "\u2003\u3000", "\u2028"])
    def test_nothing_and_white_space_are_blank(self, text: str) -> None:
        assert fault_of(text) == (NameFault.BLANK, 0)

    @pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")
    def test_what_shows_nothing_is_blank_however_much_of_it(self, character: str) -> None:
        for text in (character, character * 5, f"{character} {character}", character * 200):
            assert fault_of(text)[0] is NameFault.BLANK

    @pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")
    def test_one_visible_character_among_them_is_enough(self, character: str) -> None:
        assert "x" in normalise_name(f"{character}x{character}")

    def test_a_lone_accent_is_blank(self) -> None:
        assert fault_of("\u0301\u0308")[0] is NameFault.BLANK

    @pytest.mark.parametrize("code_point", [*range(0x20), *range(0x7F, 0xA0)])
    def test_control_characters_are_refused(self, code_point: int) -> None:
        assert fault_of(f"a{chr(code_point)}b")[0] is NameFault.CONTROL

    @pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\n", "\r\n", "\u0085"])
    def test_a_name_fits_on_one_line(self, separator: str) -> None:
        assert fault_of(f"a{separator}b")[0] is NameFault.CONTROL

    @pytest.mark.parametrize("code_point", [0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xD83D, 0xDC80])
    def test_lone_surrogates_are_refused(self, code_point: int) -> None:
        assert fault_of(f"a{chr(code_point)}")[0] is NameFault.CONTROL
        assert fault_of(chr(code_point))[0] is NameFault.CONTROL

    @pytest.mark.parametrize("code_point", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
    def test_bidi_overrides_and_isolates_are_refused(self, code_point: int) -> None:
        assert fault_of(f"exe{chr(code_point)}gpj")[0] is NameFault.CONTROL

    @given(anything)
    def test_whatever_is_said_it_is_kept_or_refused_for_a_reason(self, text: str) -> None:
        try:
            normalise_name(text)
        except InvalidDeviceName as refusal:
            assert refusal.reason in NameFault  # noqa: PT017 - most texts are kept


class TestSecrets:
    @pytest.mark.parametrize("frame", ["{}", "my {}", "{} is it", "x{}x", "{}{}", "\u202e{}", " {} "])
    def test_a_secret_inside_a_name_is_refused_before_anything_else(self, frame: str) -> None:
        secret = create_secret().reveal()
        assert fault_of(frame.format(secret, secret))[0] is NameFault.SECRET

    def test_a_mistyped_secret_is_refused_too(self) -> None:
        assert fault_of("dsk1_" + "0" * 59)[0] is NameFault.SECRET

    def test_a_secret_in_a_name_that_is_too_long_is_a_secret(self) -> None:
        assert fault_of("x" * 4000 + create_secret().reveal())[0] is NameFault.SECRET

    def test_the_refusal_does_not_repeat_it(self) -> None:
        secret = create_secret().reveal()
        with pytest.raises(InvalidDeviceName) as caught:
            normalise_name(secret)
        assert secret not in f"{caught.value!r} {caught.value} {vars(caught.value)}"

    @pytest.mark.parametrize("text", ["dsk1_", "dsk1_" + "0" * 58, "dsk2_" + "0" * 59, checksum("dsk1_")])
    def test_what_only_resembles_one_is_a_name(self, text: str) -> None:
        assert normalise_name(text) == text


class TestProposals:
    @pytest.mark.parametrize(
        ("name", "proposed"),
        [
            ("VPS-1", ["VPS-2", "VPS-3", "VPS-4"]),
            ("Laptop", ["Laptop-2", "Laptop-3", "Laptop-4"]),
            ("9", ["10", "11", "12"]),
            ("VPS-0", ["VPS-0-2", "VPS-0-3", "VPS-0-4"]),
            ("x" * 100, ["x" * 99 + digit for digit in "234"]),
            ("x" * 99 + "9", ["x" * 98 + "10", "x" * 98 + "11", "x" * 98 + "12"]),
        ],
    )
    def test_it_counts_up_and_stays_short_enough(self, name: str, proposed: list[str]) -> None:
        assert list(itertools.islice(count_up(name), 3)) == proposed

    @given(anything)
    def test_whatever_the_name_is_its_proposals_are_names_that_differ(self, text: str) -> None:
        try:
            name = normalise_name(text)
        except InvalidDeviceName:
            return
        proposed = list(itertools.islice(count_up(name), 12))
        assert [normalise_name(proposal) for proposal in proposed] == proposed
        assert len({name, *proposed}) == 13
