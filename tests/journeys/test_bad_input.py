"""Whatever is sent instead of what was asked for gets a clear answer, and nothing is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.services.clients import Profile
from tests.journeys.people import plain, read_id
from tests.rows import suspend

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")

REFUSED_NAMES = {
    "\u3164": "A name needs at least one visible character. Send me a name.",
    "x" * 137: "That name has 137 characters; 100 is the most. Send me a shorter one.",
    "VPS\n1": "A name fits on one line and has no control characters. Send me another one.",
    "VPS\u20661": "A name fits on one line and has no control characters. Send me another one.",
}
"""Telegram itself takes other control characters away."""


@pytest.mark.parametrize("name", REFUSED_NAMES, ids=["blank", "long", "lines", "control"])
async def test_a_name_that_will_not_do_is_refused_and_asked_for_again(house: House, name: str) -> None:
    anna = await house.trader()
    question = await anna.ask("/register", "What shall I call it?")
    refused = await anna.ask(name, REFUSED_NAMES[name])
    assert refused.labels == [["Cancel"]]
    await anna.ask("VPS-1", "is almost ready")
    await anna.fence()
    assert anna.find(question.message_id) is None
    assert anna.find(refused.message_id) is None


async def test_a_name_behind_the_command_that_will_not_do_leads_to_the_question(house: House) -> None:
    anna = await house.trader()
    for name, refusal in REFUSED_NAMES.items():
        await anna.ask(f"/register {name}", refusal)
    await anna.ask("VPS-1", "is almost ready")


@pytest.mark.parametrize("kind", ["sticker", "photo", "voice", "document"])
async def test_what_is_no_text_is_no_name(house: House, kind: str) -> None:
    anna = await house.trader()
    question = await anna.ask("/register", "What shall I call it?")
    await anna.ask("", "Please send the name as text.", kind=kind)
    await anna.ask("VPS-1", "is almost ready")
    await anna.fence()
    assert anna.find(question.message_id) is None
    assert anna.times_shown("is almost ready") == 1


async def test_markup_in_a_name_is_shown_as_it_was_typed(house: House) -> None:
    anna = await house.trader()
    name = "Gold <b> & Co"
    await anna.register(name)
    devices = await anna.ask("/devices", "Your devices")
    assert f"⚪ {name} · never connected" in plain(devices.text)
    assert [name] in devices.labels
    await anna.follow(name, "Device ID", devices)
    await house.devices.revoke_device((await house.owned(anna))[0].id)


async def test_a_name_of_any_script_and_emoji_is_kept(house: House) -> None:
    anna = await house.trader()
    for name in ("Франкфурт №1", "محطة 1", "👩‍💻 desk", "x" * 100):
        await anna.register(name)
    names = [device.device_name for device in await house.owned(anna)]
    assert names == ["x" * 100, "👩‍💻 desk", "محطة 1", "Франкфурт №1"]


async def test_an_edited_message_is_no_answer(house: House) -> None:
    anna = await house.trader()
    said = anna.say("hello")
    await anna.sees("I did not understand that.")
    await anna.ask("/register", "What shall I call it?")
    anna.start_counting()
    anna.sandbox.edit(anna.id, said.message_id, "VPS-1")
    costs = await anna.count()
    assert costs.sends == 0
    assert await house.handouts(anna) == []


async def test_an_edited_command_is_not_given_again(house: House) -> None:
    anna = await house.trader()
    said = anna.say("/register VPS-1")
    await anna.sees("is almost ready")
    anna.sandbox.edit(anna.id, said.message_id, "/register VPS-2")
    await anna.fence()
    assert anna.times_shown("is almost ready") == 1


async def test_another_command_in_place_of_a_name_is_answered_and_stops_the_question(house: House) -> None:
    anna = await house.trader(devices=1)
    for command, answer in (("/devices", "Your devices"), ("/help", "What I do"), ("/dance", "I do not know")):
        question = await anna.ask("/register", "What shall I call it?")
        await anna.ask(command, answer)
        await anna.becomes(question, "Stopped: you asked for something else. Nothing was registered.")
        await anna.ask("VPS-1", "I did not understand that.")


async def test_asking_again_stops_the_earlier_question(house: House) -> None:
    anna = await house.trader()
    earlier = await anna.ask("/register", "What shall I call it?")
    await anna.ask("/register", "What shall I call it?")
    assert (await anna.sees("Stopped: you asked for something else.")).message_id == earlier.message_id
    await anna.ask("VPS-1", "is almost ready")


async def test_a_card_stays_good_whatever_is_typed_meanwhile(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    await anna.ask("/help", "What I do")
    await anna.ask("hello", "I did not understand that.")
    await anna.show_secret(card)


async def test_a_taken_name_is_told_with_a_free_one_at_hand(house: House) -> None:
    anna = await house.trader(devices=1)
    await anna.ask("/register", "What shall I call it?")
    taken = await anna.ask("D-1", "You already have a device called")
    assert plain(taken.text) == ("You already have a device called D-1. Send me another name, or take this one:")
    assert taken.labels == [["Use “D-2”"], ["📟 Open “D-1”"], ["Cancel"]]
    card = await anna.follow("Use “D-2”", "is almost ready", taken)
    assert plain(card.text).startswith("D-2 is almost ready.")
    assert card.message_id != taken.message_id
    await anna.fence()
    assert anna.find(taken.message_id) is None


async def test_the_device_that_has_the_name_can_be_opened(house: House) -> None:
    anna = await house.trader(devices=1)
    taken = await anna.ask("/register D-1", "You already have a device called")
    assert read_id(await anna.follow("Open “D-1”", "Device ID", taken)) == (await house.owned(anna))[0].id


async def test_who_is_at_the_limit_is_not_asked_for_a_name(house: House) -> None:
    anna = await house.trader(devices=10)
    for command in ("/register", "/register VPS-1"):
        full = await anna.ask(command, "You have 10 of 10 devices.")
        assert full.labels == [["📟 My devices"]]
    await anna.follow("My devices", "10 of 10", full)


async def test_a_name_taken_between_card_and_tap_is_told_at_the_tap(house: House) -> None:
    anna = await house.trader()
    first, second = await anna.take_card("VPS-1"), await anna.take_card("VPS-1")
    await anna.show_secret(first)
    await anna.tap("I saved it", first)
    await anna.sees("is registered")
    await anna.tap("Show secret", second)
    taken = await anna.sees("was taken meanwhile. Nothing was registered.")
    assert taken.message_id == second.message_id
    assert taken.labels == [["➕ Register a device"]]
    assert len(await house.rows(anna)) == 1


async def test_a_limit_reached_between_card_and_tap_is_told_at_the_tap(house: House) -> None:
    anna = await house.trader(devices=9)
    first, second = await anna.take_card("VPS-1"), await anna.take_card("VPS-2")
    await anna.show_secret(first)
    await anna.tap("I saved it", first)
    await anna.sees("is registered")
    await anna.tap("Show secret", second)
    full = await anna.sees("You reached your limit of 10 devices meanwhile. Nothing was registered.")
    assert full.message_id == second.message_id
    assert len(await house.rows(anna)) == 10


async def test_one_secret_at_a_time_is_on_a_screen(house: House) -> None:
    anna = await house.trader()
    first, second = await anna.take_card("VPS-1"), await anna.take_card("VPS-2")
    await anna.show_secret(first)
    pressed = await anna.tap("Show secret", second)
    assert pressed.text == "Another secret is still on your screen. Tap I saved it there first."
    await anna.tap("I saved it", first)
    await anna.sees("is registered")
    await anna.show_secret(second)


async def test_a_paused_client_is_told_so_whatever_is_sent_or_tapped(house: House) -> None:
    anna = await house.trader(devices=1)
    card = await anna.take_card("VPS-1")
    await suspend(house.database, (await house.clients.enter(Profile(anna.id, anna.name))).client_id)
    for text in ("/start", "/devices", "/id", "hello"):
        assert (await anna.ask(text, "Your access is paused by an admin.")).labels == []
    await anna.tap("Show secret", card)
    await anna.becomes(card, "Your access is paused by an admin.")
    assert len(await house.rows(anna)) == 1
