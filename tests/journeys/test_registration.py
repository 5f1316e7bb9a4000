"""From the wish for a device to its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_registering_from_the_menu_turns_the_menu_into_the_question(house: House) -> None:
    anna = house.newcomer()
    menu = await anna.ask("/start", "Welcome, \u2068Anna\u2069.")
    question = await anna.follow("Register a device", "What shall I call it?", menu)
    assert question.message_id == menu.message_id
    await anna.ask("VPS-1", "is almost ready")
    await anna.misses("What shall I call it?")


async def test_cancel_on_the_question_registers_nothing(house: House) -> None:
    anna = await house.trader()
    question = await anna.ask("/register", "What shall I call it?")
    cancelled = await anna.follow("Cancel", "Cancelled. Nothing was registered.", question)
    assert cancelled.message_id == question.message_id
    await anna.ask("VPS-1", "I did not understand that.")
    assert await house.rows(anna) == []


async def test_cancel_on_the_card_registers_nothing(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    cancelled = await anna.follow("Cancel", "Cancelled. Nothing was registered.", card)
    assert cancelled.message_id == card.message_id
    assert await house.rows(anna) == []


async def test_a_typed_cancel_closes_the_question(house: House) -> None:
    anna = await house.trader()
    question = await anna.ask("/register", "What shall I call it?")
    await anna.ask("/cancel", "Cancelled. Nothing was registered.")
    await anna.fence()
    assert anna.find(question.message_id) is None


async def test_a_typed_cancel_takes_the_card_back(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    await anna.ask("/cancel", "Cancelled. Nothing was registered.")
    await anna.fence()
    assert anna.find(card.message_id) is None
    await anna.ask("/cancel", "There is nothing to cancel.")


async def test_a_typed_cancel_removes_a_visible_secret_and_keeps_the_device(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    receipt = await anna.ask("/cancel", "stays registered; I removed its secret from the screen.")
    assert anna.find(registered.card.message_id) is None
    assert receipt.labels[0] == ["🚫 Revoke", "🔄 New secret"]
    assert (await house.devices.authenticate_device(registered.id, registered.secret)).device_name == "VPS-1"


async def test_a_card_that_was_overtaken_by_its_hour_shows_nothing_at_a_tap(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    await house.let_cards_expire(anna)
    await anna.tap("Show secret", card)
    await anna.becomes(card, "has expired. Nothing was registered.")
    assert await house.rows(anna) == []
