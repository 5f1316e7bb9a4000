from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.buttons import (
    EPOCH,
    MAX_BYTES,
    MAX_EXTRA,
    PICKS,
    SHELVES,
    Asked,
    Listing,
    Place,
    Reason,
    Tap,
    Verb,
    decode,
    decode_place,
    encode,
    encode_place,
    pattern,
)

ID = uuid.UUID("7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111")
ids = st.none() | st.uuids()
extras = st.text("0123456789abcxyzABCXYZ_-", max_size=MAX_EXTRA)
moments = st.integers(0, 10**16).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds))
keys = st.tuples(moments, st.uuids())
places = st.one_of(
    st.builds(Place, st.sampled_from(Listing)),
    st.builds(Place, st.sampled_from(Listing), older_than=keys),
    st.builds(Place, st.sampled_from(Listing), newer_than=keys),
)


@given(st.sampled_from(Verb), ids, extras)
def test_what_a_button_says_is_what_was_put_into_it(verb: Verb, id: uuid.UUID | None, extra: str) -> None:  # noqa: A002
    data = encode(verb, id, extra)
    assert len(data.encode()) <= MAX_BYTES
    assert decode(data) == Tap(verb, id, extra)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | st.text(":0123456789abcdefmlons", max_size=70))
def test_no_foreign_data_breaks_the_codec(data: str) -> None:
    tap = decode(data)
    if tap is not None:
        assert encode(tap.verb, tap.id, tap.extra) == data
        decode_place(tap)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "m",
        "m:",
        "zz::",
        "M::",
        "m::\n",
        "m:: ",
        " m::",
        "m:::",
        "d:7B0F42AA5C1E4B7E9D0A2F6F0C9BE111:",
        "d:7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111:",
        "d:7b0f42aa:",
        "d:٣" + "0" * 31 + ":",
        "on::٣",
        "m::" + "x" * (MAX_EXTRA + 1),
        "m::é",
        "m::\0",
        "\ud800",
    ],
)
def test_what_no_button_says_is_not_understood(data: str | None) -> None:
    assert decode(data) is None


@pytest.mark.parametrize("extra", ["x" * (MAX_EXTRA + 1), "a b", "a:b", "é", "\n"])
def test_a_button_refuses_to_carry_what_it_could_not_return(extra: str) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        encode(Verb.MENU, ID, extra)


@given(places)
def test_a_place_in_a_list_survives_its_button_to_the_microsecond(place: Place) -> None:
    data = encode_place(place)
    assert len(data.encode()) <= MAX_BYTES
    tap = decode(data)
    assert tap is not None
    assert decode_place(tap) == place


@given(st.builds(Tap, st.sampled_from(Verb), ids, st.text(max_size=26) | st.from_regex(r"[a-z][np][0-9a-z]{1,12}")))
def test_no_tap_breaks_the_reading_of_a_place(tap: Tap) -> None:
    place = decode_place(tap)
    assert place is None or tap.verb is Verb.LIST


@pytest.mark.parametrize(
    "tap",
    [
        Tap(Verb.MENU, None, "a"),
        Tap(Verb.LIST, None, ""),
        Tap(Verb.LIST, None, "z"),
        Tap(Verb.LIST, None, "an1"),
        Tap(Verb.LIST, ID, "a"),
        Tap(Verb.LIST, ID, "an"),
        Tap(Verb.LIST, ID, "ax1"),
        Tap(Verb.LIST, ID, "an-1"),
        Tap(Verb.LIST, ID, "an1_0"),
        Tap(Verb.LIST, ID, "anzzzzzzzzzzzz"),
    ],
)
def test_a_tap_that_names_no_place_leads_to_none(tap: Tap) -> None:
    assert decode_place(tap) is None


def test_a_place_keeps_its_microsecond() -> None:
    created_at = datetime(2026, 11, 24, 14, 2, 10, 123457, tzinfo=UTC)
    tap = decode(encode_place(Place(Listing.ACTIVE, older_than=(created_at, ID))))
    assert tap is not None
    assert decode_place(tap) == Place(Listing.ACTIVE, older_than=(created_at, ID))
    assert tap.id == ID


def test_the_earliest_moment_is_a_place_too() -> None:
    place = Place(Listing.REVOKED, newer_than=(EPOCH + timedelta(0), ID))
    tap = decode(encode_place(place))
    assert tap is not None
    assert decode_place(tap) == place


@pytest.mark.parametrize("verb", Verb)
def test_a_route_catches_its_own_verb_and_no_other(verb: Verb) -> None:
    caught = [other for other in Verb if pattern(verb).match(encode(other, ID, "0"))]
    assert caught == [verb]


def test_one_route_can_catch_several_verbs() -> None:
    route = pattern(Verb.MENU, Verb.HELP)
    assert route.match(encode(Verb.MENU))
    assert route.match(encode(Verb.HELP))
    assert not route.match(encode(Verb.REGISTER))


def test_every_list_has_a_shelf_and_those_that_ask_which_device_lead_on() -> None:
    assert set(SHELVES) == set(Listing)
    assert set(PICKS) == {Listing.RENAME, Listing.ROTATE, Listing.REVOKE}


@pytest.mark.parametrize("value", sorted({*Asked, *Reason, *Listing}))
def test_what_stands_beside_a_verb_fits_a_button(value: str) -> None:
    assert decode(encode(Verb.CANCEL_QUESTION, ID, value)) == Tap(Verb.CANCEL_QUESTION, ID, value)
