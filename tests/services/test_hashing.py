"""The secret: its format, its checksum, its tag and fingerprint, and how hard it is to let slip."""

from __future__ import annotations

import collections
import copy
import hashlib
import hmac
import pickle
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import hashing
from bot.services.hashing import (
    ALPHABET,
    Secret,
    Tagger,
    checksum,
    contains_secret,
    create_generation,
    create_secret,
    fingerprint,
    is_well_formed,
)
from bot.services.keys import LOGIN, Keyring

VECTOR = "dsk1_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq"
secrets_made = (
    st.text(ALPHABET, min_size=53, max_size=53)
    .map(lambda digits: f"dsk1_{digits}")
    .map(lambda body: body + checksum(body))
)


def spelled_out(body: str) -> str:
    """Return the checksum as the specification words it, made in another way than the code makes it."""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    number = zlib.crc32(body.encode())
    return "".join(digits[number // 62**place % 62] for place in range(5, -1, -1))


class TestFormat:
    def test_a_secret_is_64_ascii_characters_with_the_prefix(self) -> None:
        secret = create_secret().reveal()
        assert len(secret) == len(secret.encode("ascii")) == 64
        assert secret.startswith("dsk1_")
        assert set(secret[5:]) <= set(string.digits + string.ascii_letters)

    def test_the_alphabet_is_digits_then_capitals_then_small_letters(self) -> None:
        assert string.digits + string.ascii_uppercase + string.ascii_lowercase == ALPHABET

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (VECTOR, "0AHRzP"),
            ("dsk1_" + "0" * 53, "10hbx6"),
            ("dsk1_" + "z" * 53, "0fXvwj"),
        ],
    )
    def test_the_checksum_of_known_bodies_is_known(self, body: str, expected: str) -> None:
        assert len(body) == 58
        assert checksum(body) == spelled_out(body) == expected

    def test_a_small_checksum_is_padded_with_zeros(self) -> None:
        body = next(text for i in range(100_000) if zlib.crc32((text := f"{i:058d}").encode()) < 62**4)
        assert checksum(body).startswith("00")
        assert checksum(body) == spelled_out(body)

    @given(st.text(ALPHABET, min_size=53, max_size=53))
    def test_the_checksum_is_the_crc_in_base_62(self, digits: str) -> None:
        value = 0
        for digit in checksum(f"dsk1_{digits}"):
            value = value * 62 + ALPHABET.index(digit)
        assert value == zlib.crc32(f"dsk1_{digits}".encode())
        assert checksum(f"dsk1_{digits}") == spelled_out(f"dsk1_{digits}")

    @given(secrets_made)
    def test_what_is_made_is_well_formed(self, secret: str) -> None:
        assert is_well_formed(secret)

    def test_any_one_wrong_character_is_caught(self) -> None:
        secret = create_secret().reveal()
        for place, right in enumerate(secret):
            for wrong in set(ALPHABET + "_ ä") - {right}:
                assert not is_well_formed(secret[:place] + wrong + secret[place + 1 :])

    @given(secrets_made, st.integers(5, 62))
    def test_two_swapped_neighbours_are_caught(self, secret: str, place: int) -> None:
        swapped = secret[:place] + secret[place + 1] + secret[place] + secret[place + 2 :]
        assert is_well_formed(swapped) == (swapped == secret)

    @given(secrets_made)
    def test_nothing_around_a_secret_is_overlooked(self, secret: str) -> None:
        for text in (f" {secret}", f"{secret}\n", f"{secret}0", secret[:-1], secret.upper(), secret.swapcase(), ""):
            assert not is_well_formed(text)

    @given(st.text(max_size=80))
    def test_any_text_can_be_asked_about(self, text: str) -> None:
        assert not is_well_formed(text)
        assert not contains_secret(text)

    @given(st.text(max_size=20), secrets_made, st.text(max_size=20))
    def test_a_secret_is_found_inside_any_text(self, before: str, secret: str, after: str) -> None:
        assert contains_secret(before + secret + after)

    @given(secrets_made, st.sampled_from(ALPHABET))
    def test_a_mistyped_secret_is_found_too(self, secret: str, last: str) -> None:
        assert contains_secret(f"is it {secret[:-1]}{last}?")

    def test_secrets_are_spread_evenly_over_the_alphabet(self) -> None:
        made = [create_secret().reveal() for _ in range(2000)]
        assert len(set(made)) == len(made)
        counted = collections.Counter("".join(secret[5:58] for secret in made))
        expected = 2000 * 53 / 62
        # chi-squared with 61 degrees of freedom is above 125 once in a hundred thousand runs
        assert sum((counted[digit] - expected) ** 2 / expected for digit in ALPHABET) < 125

    def test_every_random_place_takes_every_digit(self) -> None:
        made = [create_secret().reveal() for _ in range(2000)]
        for place in range(5, 58):
            # one digit is missing from 2,000 draws with a chance of 62 · (61/62)^2000, under 10^-12
            assert {secret[place] for secret in made} == set(ALPHABET)


class TestFingerprint:
    def test_it_is_eight_hex_digits_of_a_hash_with_a_purpose(self) -> None:
        secret = VECTOR + checksum(VECTOR)
        assert fingerprint(secret) == hashlib.sha256(b"fingerprint:" + secret.encode()).hexdigest()[:8]
        assert fingerprint(secret) == "0a8ca5ce"

    @given(secrets_made, secrets_made)
    def test_it_tells_secrets_apart(self, one: str, other: str) -> None:
        assert (fingerprint(one) == fingerprint(other)) == (one == other)


class TestKeys:
    def test_keys_are_derived_by_hkdf_without_salt(self) -> None:
        [key] = Keyring([b"k" * 32]).derive("login/1")
        extracted = hmac.digest(bytes(32), b"k" * 32, "sha256")
        assert key == hmac.digest(extracted, b"login/1" + b"\x01", "sha256")

    def test_every_purpose_and_every_server_key_has_a_key_of_its_own(self) -> None:
        keyring = Keyring([b"a" * 32, b"b" * 32])
        keys = [*keyring.derive("login/1"), *keyring.derive("session/1"), *keyring.derive("jwt/1")]
        assert len(set(keys)) == 6
        assert {len(key) for key in keys} == {32}

    def test_the_first_key_makes(self) -> None:
        assert Keyring([b"a" * 32, b"b" * 32]).derive("login/1")[0] == Keyring([b"a" * 32]).derive("login/1")[0]

    def test_a_keyring_shows_no_key(self) -> None:
        assert "kkkk" not in repr(Keyring([b"k" * 32]))
        assert "kkkk" not in str(Keyring([b"k" * 32]))

    def test_an_empty_keyring_is_refused(self) -> None:
        with pytest.raises(ValueError, match="needs a key"):
            Keyring([])


class TestTag:
    def test_it_is_half_an_hmac_under_the_login_key(self) -> None:
        secret = create_secret().reveal()
        [key] = Keyring([b"k" * 32]).derive(LOGIN)
        expected = hmac.digest(key, secret.encode(), hashlib.sha256)[:16]
        assert Tagger(Keyring([b"k" * 32])).tag(secret) == expected

    def test_it_matches_under_any_known_key_and_no_other(self) -> None:
        secret = create_secret().reveal()
        old = Tagger(Keyring([b"a" * 32])).tag(secret)
        assert Tagger(Keyring([b"b" * 32, b"a" * 32])).matches(secret, old)
        assert Tagger(Keyring([b"b" * 32, b"c" * 32, b"a" * 32])).matches(secret, old)
        assert not Tagger(Keyring([b"b" * 32])).matches(secret, old)

    @given(secrets_made, secrets_made)
    def test_it_tells_secrets_apart(self, one: str, other: str) -> None:
        tagger = Tagger(Keyring([b"k" * 32]))
        assert tagger.matches(one, tagger.tag(other)) == (one == other)

    @pytest.mark.parametrize("tag", [b"", bytes(16), bytes(15), bytes(32)])
    def test_a_tag_that_was_never_made_matches_nothing(self, tag: bytes) -> None:
        assert not Tagger(Keyring([b"k" * 32])).matches(create_secret().reveal(), tag)


class TestLettingItSlip:
    def test_no_way_to_print_it_shows_it(self) -> None:
        secret = create_secret()
        plaintext = secret.reveal()
        for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, f"{[secret]}"):  # noqa: UP031
            assert plaintext not in shown
            assert "****" in shown

    def test_it_cannot_be_pickled_or_copied(self) -> None:
        secret = create_secret()
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="not copied") as caught:
                way(secret)
            assert secret.reveal() not in str(caught.value)

    def test_it_has_no_dictionary_to_look_into(self) -> None:
        with pytest.raises(TypeError):
            vars(create_secret())
        with pytest.raises(AttributeError):
            create_secret().note = "x"  # type: ignore[attr-defined]

    def test_revealing_is_the_only_way_to_it(self) -> None:
        public = {name for name in dir(Secret) if not name.startswith("_")}
        assert public == {"reveal"}


def test_generations_fit_a_signed_64_bit_column_and_differ() -> None:
    made = {create_generation() for _ in range(100)}
    assert len(made) == 100
    assert all(0 <= generation < 2**63 for generation in made)


def test_the_length_of_a_secret_is_what_naive_hmac_code_needs() -> None:
    assert hashlib.sha256().block_size == hashing.LENGTH == 64
