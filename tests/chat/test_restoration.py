"""A reduced update is restored to what python-telegram-bot itself would read in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, MaybeInaccessibleMessage, TelegramObject, Update

from bot.chat.buttons import Verb, encode
from bot.chat.reduction import reduce_update
from bot.chat.restoration import restore_update
from bot.services.hashing import create_secret
from tests.chat.offline import TOKEN
from tests.chat.speech import ANNA, group, membership, message, tap
from tests.conftest import BOT_ID

BOT = Bot(TOKEN)
DATA = encode(Verb.MENU)
UNSEEN = {"message_id": 5, "date": 0, "chat": {"id": ANNA["id"], "type": "private"}}


def reduced(update: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an update."""
    kept = reduce_update(update, BOT_ID, lambda _text: [["a", "b"]])
    assert kept is not None
    return kept.body


def parts_of(thing: TelegramObject) -> dict[str, Any]:
    """Return everything that an object of PTB's says, of objects inside it too, whatever their class."""
    return {
        name: parts_of(value) if isinstance(value, TelegramObject) else value
        for name in thing._get_attrs_names(include_private=False)
        if (value := getattr(thing, name)) is not None
    }


UPDATES = {
    "words": message("hello"),
    "a command": message("/devices"),
    "a command with more behind it": message("/register VPS 1"),
    "a secret": message(f"take {create_secret().reveal()}"),
    "an invite": message("/start inv_" + "x" * 22),
    "in a group": message("/start", chat=group()),
    "no words": message(),
    "a tap": tap(DATA),
    "a tap on what nobody knows": tap("nonsense"),
    "a block": membership("kicked"),
}


@pytest.mark.parametrize("kind", UPDATES)
def test_an_update_is_what_ptb_reads_in_it(kind: str) -> None:
    body = reduced(UPDATES[kind])
    expected = Update.de_json(body, BOT)
    restored = restore_update(body, BOT)
    assert restored.to_dict() == expected.to_dict()
    assert parts_of(restored) == parts_of(expected)
    assert restored.effective_user == expected.effective_user
    assert restored.effective_chat == expected.effective_chat


@given(st.text(), st.text(max_size=10), st.integers(0, 2**52), st.integers(0, 2**40), st.sampled_from(["en", None]))
def test_whatever_is_said_is_restored(text: str, name: str, position: int, sent: int, language: str | None) -> None:
    said = message(text, person={**ANNA, "first_name": name, "language_code": language}, message_id=position)
    said["message"]["date"] = sent % 253_402_300_800
    body = reduced(said)
    assert restore_update(body, BOT).to_dict() == Update.de_json(body, BOT).to_dict()


def test_a_message_that_is_too_old_to_be_seen_stays_that() -> None:
    update = tap(DATA)
    update["callback_query"]["message"] = UNSEEN
    query = restore_update(reduced(update), BOT).callback_query
    assert query is not None
    assert isinstance(query.message, MaybeInaccessibleMessage)
    assert not query.message.is_accessible


def test_a_tap_on_no_message_is_restored() -> None:
    update = tap(DATA)
    del update["callback_query"]["message"]
    body = reduced(update)
    assert restore_update(body, BOT).to_dict() == Update.de_json(body, BOT).to_dict()


def test_what_is_restored_knows_its_bot() -> None:
    restored = restore_update(reduced(message("/start")), BOT)
    assert restored.message is not None
    assert restored.message.get_bot() is BOT
