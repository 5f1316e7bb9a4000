"""What the bot says to commands and to anything else: every message gets one answer, in private only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import PATIENCE, Trader, plain

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")

GROUP = -1001
MOST_PENDING = 20
"""Updates of one person that wait; what comes on top is turned away."""


async def test_a_newcomer_is_greeted_by_name_and_somebody_known_sees_the_menu(house: House) -> None:
    anna = house.newcomer("<b>Anna & Co")
    welcome = await anna.ask("/start", "Welcome")
    assert plain(welcome.text).splitlines()[0] == "Welcome, <b>Anna & Co."
    assert welcome.labels == [["➕ Register a device"], ["❓ Help"]]
    known = await anna.ask("/start", "Here you register your trading terminals.")
    assert "Welcome" not in known.text


async def test_help_is_new_when_typed_and_an_edit_when_tapped(house: House) -> None:
    anna = await house.trader()
    typed = await anna.ask("/help", "I never ask for a secret.")
    assert "for 10 seconds" in typed.text
    menu = await anna.ask("/start", "Here you register")
    assert (await anna.follow("Help", "I never ask for a secret.", menu)).message_id == menu.message_id


async def test_id_tells_the_persons_own(house: House) -> None:
    anna = await house.trader()
    assert (await anna.ask("/id", "Your Telegram ID")).html == f"Your Telegram ID: <code>{anna.id}</code>"


async def test_an_unknown_command_is_told_so(house: House) -> None:
    anna = await house.trader()
    assert (await anna.ask("/dance", "I do not know")).text == "I do not know that command. /help shows all."


async def test_a_text_that_answers_no_question_gets_the_menu(house: House) -> None:
    anna = await house.trader(devices=1)
    answer = await anna.ask("hello", "I did not understand that. You can:")
    assert answer.text.endswith("\n\n1 device · none seen today · 1 never connected")
    assert answer.labels == [["📟 My devices", "➕ Register a device"], ["🔑 API token", "🌐 Language"], ["❓ Help"]]


async def test_a_sticker_out_of_the_blue_gets_the_menu(house: House) -> None:
    anna = await house.trader()
    await anna.ask("", "I did not understand that.", kind="sticker")


async def test_cancel_with_nothing_open_says_so(house: House) -> None:
    anna = await house.trader()
    await anna.ask("/cancel", "There is nothing to cancel.")


async def test_every_message_costs_one_counted_call(house: House) -> None:
    anna = await house.trader(devices=1)
    for text in (
        "/start",
        "/help",
        "/devices",
        "/rename",
        "/rotate",
        "/revoke",
        "/token",
        "/cancel",
        "/dance",
        "hello",
    ):
        anna.start_counting()
        anna.say(text)
        costs = await anna.count()
        assert (costs.sends, costs.edits) == (1, 0), text


async def test_a_command_for_another_bot_is_not_for_this_one(house: House) -> None:
    anna = await house.trader()
    anna.start_counting()
    anna.say("/devices@another_bot")
    costs = await anna.count()
    assert costs.edits == costs.deletions == 0


async def test_a_group_hears_only_where_to_go_and_that_at_most_once_a_minute(house: House) -> None:
    anna, boris = await house.trader("Anna"), await house.trader("Boris")
    for group in (GROUP, GROUP - 1):
        house.sandbox.add_group(group, "Desk", [anna.id, boris.id])
        said = anna.say("/register VPS-1", chat=group)
        answer = await house.sandbox.wait_for(anna.id, "I only talk in private", chat=group)
        assert answer.reply_to == said.message_id
        assert answer.buttons[0][0]["url"] == "https://t.me/sandbox_bot?start=group"
    for trader in (anna, boris):
        trader.say("/devices", chat=GROUP)
        trader.say("@sandbox_bot hello", chat=GROUP)
        await trader.fence()
    assert len([bubble for bubble in house.sandbox.screen(anna.id, chat=GROUP) if bubble.from_bot]) == 1
    assert await house.rows(anna) == []


async def test_people_are_answered_while_one_of_them_taps_fifty_times_a_second(house: House) -> None:
    anna, boris = await house.trader("Anna", devices=1), await house.trader("Boris", devices=1)
    devices = await anna.ask("/devices", "Your devices")
    # whoever waited for what she causes would wait this long
    house.sandbox.add_fault("editMessageText", "slow_start", chat=anna.id, seconds=4)
    # what is done without waiting reaches the bot all at once
    for _ in range(50):
        anna.sandbox.tap(anna.id, "D-1", message_id=devices.message_id)
    await boris.ask("/devices", "Your devices")
    assert not any("Device ID" in text for text in anna.screen())
    await anna.sees("Device ID")
    told = await house.sandbox.world.journal.until(lambda: _toasts(anna), PATIENCE)
    assert told is not None
    assert told.count("You are faster than I am. Please slow down and send that again.") >= 50 - MOST_PENDING - 1


def _toasts(trader: Trader) -> list[str] | None:
    """Return what a person's taps were answered with, once all of them were."""
    queries = [query for query in trader.sandbox.world.queries.values() if query.person_id == trader.id]
    return [query.answer["text"] for query in queries] if all(query.answered for query in queries) else None
