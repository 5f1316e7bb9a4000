"""Secrets that people send to the bot, on purpose or not: deleted, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.services.hashing import create_secret
from tests.journeys.people import Costs

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_pasted_secret_is_deleted_before_anything_reads_it(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    stranger = create_secret().reveal()
    for text, how in (
        (registered.secret, {}),
        (f"my secret is {stranger}, right?", {}),
        (f"/register {stranger}", {}),
        (f"/revoke {registered.id} {stranger}", {}),
        (stranger, {"kind": "photo"}),
    ):
        anna.start_counting()
        said = anna.say(text, **how)
        await anna.sees("I deleted your message: it contained a device secret.", after=said.message_id)
        assert await anna.count() == Costs(sends=1, edits=0, tap_answers=0, deletions=1)
        assert anna.find(said.message_id) is None
    assert [device.revoked for device in await house.owned(anna)] == [False]


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
