"""Secrets that people send to the bot, on purpose or not: deleted, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.services.errors import InvalidCredentials
from bot.services.hashing import create_secret
from tests.journeys.people import Costs

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_pasted_secret_is_deleted_before_anything_reads_it(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    stranger = create_secret().reveal()
    own = "I deleted your message: it contained the secret of \u2068VPS-1\u2069."
    nobodys = "I deleted your message: it contained a device secret."
    for text, how, words in (
        (registered.secret, {}, own),
        (f"/revoke {registered.id} {registered.secret}", {}, own),
        (f"my secret is {stranger}, right?", {}, nobodys),
        (f"/register {stranger}", {}, nobodys),
        (stranger, {"kind": "photo"}, nobodys),
    ):
        anna.start_counting()
        said = anna.say(text, **how)
        await anna.sees(words, after=said.message_id)
        assert await anna.count() == Costs(sends=1, edits=0, tap_answers=0, deletions=1)
        assert anna.find(said.message_id) is None
    assert [device.revoked for device in await house.owned(anna)] == [False]


async def test_a_pasted_secret_is_replaced_at_once(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    answer = await anna.ask(registered.secret, "Please take a new one.")
    card = await anna.follow("New secret", "The old one then stops working at once.", answer)
    assert anna.find(answer.message_id) is not None
    newer = await anna.show_secret(card)
    await anna.tap("I saved it", card)
    await anna.sees("has a new secret.")
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(registered.id, registered.secret)
    await house.devices.authenticate_device(registered.id, newer)


async def test_somebody_elses_secret_warns_its_owner_and_the_admins(house: House) -> None:
    anna, boris = await house.trader("Anna"), await house.trader("Boris")
    registered = await anna.register("VPS-1")
    await boris.ask(registered.secret, "it contained a device secret. Please never send one in a chat")
    warning = await anna.sees("Somebody sent me the secret of your device \u2068VPS-1\u2069, so they know it.")
    assert warning.labels == [["🔄 New secret", "🚫 Revoke"]]
    assert not warning.silent
    await house.olga.sees(f"Boris ({boris.id}) sent me the secret of VPS-1")


async def test_a_pasted_secret_leaves_the_question_open(house: House) -> None:
    anna = await house.trader()
    await anna.ask("/register", "What shall I call it?")
    secret = create_secret().reveal()
    await anna.ask(secret, "I am still waiting for the name.")
    await anna.ask("VPS-1", "is almost ready")
    assert len(await house.handouts(anna)) == 1


async def test_a_pinned_or_quoted_secret_message_is_kept_nowhere(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    anna.sandbox.pin(anna.id, registered.card.message_id)
    anna.say("look", reply_to=registered.card.message_id, quote=registered.secret)
    await anna.sees("I did not understand that.")
    await anna.tap("I saved it", registered.card)
    await anna.sees("is registered")
