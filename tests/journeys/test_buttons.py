"""Buttons of old messages, of other people, forged ones, and the same one twice: answered, and obeyed at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import PATIENCE, button_of, buttons_of, plain, read_id

if TYPE_CHECKING:
    from bot.sandbox import Bubble
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_button_of_somebody_elses_card_does_nothing(house: House) -> None:
    anna, boris = await house.trader("Anna"), await house.trader("Boris")
    card = await anna.take_card("VPS-1")
    his = await boris.ask("/help", "What I do")
    for data in buttons_of(card):
        assert (await boris.forge(data, card.message_id, chat=anna.id)).text == ""
        await boris.forge(data, his.message_id)
    assert anna.looks(card.message_id) == [plain(card.text)]
    secret = await anna.show_secret(card)
    assert secret not in str(house.sandbox.history(boris.id))


async def test_a_button_of_somebody_elses_device_does_nothing(house: House) -> None:
    anna, boris = await house.trader("Anna", devices=1), await house.trader("Boris", devices=1)
    card = await anna.open_card("D-1")
    question = await anna.follow("Revoke", "Revoke \u2068D-1\u2069?", card)
    his = await boris.ask("/help", "What I do")
    for data in [*buttons_of(card), *buttons_of(question)]:
        await boris.forge(data, his.message_id)
    assert str(read_id(card)) not in str(house.sandbox.history(boris.id))
    assert [device.revoked for device in await house.owned(anna)] == [False]


@pytest.mark.parametrize("data", ["", "x", "zz::", "cs:00000000000000000000000000000000:", "l::zzz", "ak::", "cs::"])
async def test_a_button_that_never_was_gets_an_answer(house: House, data: str) -> None:
    anna = await house.trader()
    mine = await anna.ask("/help", "What I do")
    await anna.forge(data, mine.message_id)
    await anna.fence()
    assert anna.find(mine.message_id) is not None


async def test_a_button_of_an_old_message_is_redrawn(house: House) -> None:
    anna = await house.trader(devices=2)
    devices = await anna.ask("/devices", "Your devices")
    gone = (await house.owned(anna))[0]
    await house.devices.revoke_device(gone.id, actor=f"chat:{anna.id}")
    assert "by you." in (await anna.follow(gone.device_name, "Device ID", devices)).text
    question = await anna.ask("/register", "What shall I call it?")
    await anna.ask("VPS-1", "is almost ready")
    await anna.fence()
    [cancel] = buttons_of(question)
    answered = await anna.forge(cancel, question.message_id)
    assert answered.text == "That has changed meanwhile. Here is how it looks now."


async def test_a_second_tap_counts_for_nothing_on_every_button(house: House) -> None:
    anna = await house.trader(devices=1)
    card = await anna.take_card("VPS-1")
    await _tap_twice(house, card, "Show secret")
    shown = await anna.sees("The secret of")
    await _tap_twice(house, shown, "I saved it")
    await anna.sees("is registered")
    await anna.fence()
    assert anna.times_shown("is registered") == 1
    assert len([look for look in house.sandbox.history(anna.id) if "The secret of" in look.text]) == 1
    other = await anna.take_card("VPS-2")
    await _tap_twice(house, other, "Cancel")
    await anna.sees("Cancelled.")
    await anna.fence()
    assert anna.times_shown("Cancelled.") == 1
    question = await anna.follow("Revoke", "Revoke \u2068D-1\u2069?", await anna.open_card("D-1"))
    await _tap_twice(house, question, "Yes, revoke")
    await anna.sees("is revoked since")
    await anna.fence()
    assert sorted(device.device_name for device in await house.owned(anna) if device.revoked) == ["D-1"]


async def test_a_second_tap_on_try_again_or_a_proposal_leads_to_one_card(house: House) -> None:
    anna = await house.trader(devices=1)
    taken = await anna.ask("/register D-1", "You already have a device called")
    await _tap_twice(house, taken, "Use “D-2”")
    card = await anna.sees("is almost ready")
    await house.let_cards_expire(anna)
    expired = await anna.sees("has expired.")
    assert expired.message_id == card.message_id
    await _tap_twice(house, expired, "Try again")
    await anna.sees("is almost ready", after=card.message_id)
    await anna.fence()
    assert anna.times_shown("is almost ready") == 2


async def test_a_second_tap_on_a_question_asks_once(house: House) -> None:
    anna = await house.trader(devices=1)
    card = await anna.open_card("D-1")
    for button, words in (("Rename", "Send me the new name for"), ("Cancel", "Device ID"), ("Revoke", "for good.")):
        await _tap_twice(house, anna.find(card.message_id) or card, button)
        await anna.sees(words)
        await anna.fence()
    assert {bubble.message_id for bubble in house.sandbox.screen(anna.id) if "D-1" in bubble.text} == {card.message_id}


async def test_saving_after_the_removal_is_told(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    [saved] = buttons_of(anna.find(registered.card.message_id) or registered.card)
    await anna.tap("I saved it", registered.card)
    await anna.sees("is registered")
    assert (await anna.forge(saved, registered.card.message_id)).text == "Already removed."


async def _tap_twice(house: House, bubble: Bubble, label: str) -> None:
    """Tap twice before the bot can do anything about the first, and see both answered."""
    data = button_of(bubble, label)
    # what is done without waiting reaches the bot all at once
    taps = [house.sandbox.tap(bubble.chat_id, data=data, message_id=bubble.message_id)[1] for _ in range(2)]
    answered = await house.sandbox.world.journal.until(
        lambda: True if all(tap and tap.answered for tap in taps) else None, PATIENCE
    )
    assert answered
