"""/token from its card to its receipt, and signing out everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy import update as sql_update

from bot.chat.buttons import Verb, encode
from bot.chat.reduction import reduce_update
from bot.services.access import TOKEN_LIFE
from bot.services.errors import InvalidToken
from storage.models import Handout, HandoutKind, HandoutState, InboxUpdate
from tests.chat import speech
from tests.chat.offline import OfflineTelegram, bad_request, methods
from tests.chat.speech import ANNA, BOB
from tests.conftest import BOT_ID, SECRET_TTL
from tests.fakes import FakeClock, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.services.access import AccessService
    from tests.chat.conftest import Door

CHAT = ANNA["id"]
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
CARD = "An <b>API token</b> for your own tools is waiting."


@pytest.fixture
async def working(door: Door) -> AsyncIterator[Door]:
    """The bot with its destroyer and its notifier at work."""
    tasks = [asyncio.create_task(part.run()) for part in (door.program.destroyer, door.program.notifier)]
    yield door
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def access_of(door: Door) -> AccessService:
    return door.services.access


def shown_token(telegram: OfflineTelegram, chat: int = CHAT) -> str:
    found = TOKEN.search(json.dumps(telegram.screen(chat)))
    assert found is not None
    return found[0]


async def reads(door: Door, words: str, *, chat: int = CHAT) -> dict[str, Any]:
    """Wait until the words stand in a chat, and return their message."""

    def messages() -> list[dict[str, Any]]:
        return [message for message in door.telegram.screen(chat) if words in message["text"]]

    await until(lambda: bool(messages()), seconds=5)
    return messages()[-1]


async def is_gone(door: Door, words: str, *, chat: int = CHAT) -> None:
    """Wait until the words stand in no message of a chat."""
    await until(lambda: not any(words in text for text in door.telegram.texts(chat)), seconds=5)


async def show(door: Door, person: dict[str, Any] = ANNA) -> str:
    """Bring somebody to a token, confirmed, and return it."""
    await door.say("/token", person=person)
    await door.press("Show secret", person=person)
    await reads(door, "Nobody can show you this token again", chat=person["id"])
    token = shown_token(door.telegram, person["id"])
    for _ in range(500):
        with contextlib.suppress(InvalidToken):
            await access_of(door).check(token)
            return token
        await asyncio.sleep(0.01)
    raise AssertionError("the showing was never confirmed")


async def take(door: Door, person: dict[str, Any] = ANNA) -> str:
    """Bring somebody to a token and to its receipt."""
    token = await show(door, person)
    await door.press("I saved it", person=person)
    await reads(door, "It works until", chat=person["id"])
    return token


async def is_refused(door: Door, token: str) -> bool:
    try:
        await access_of(door).check(token)
    except InvalidToken:
        return True
    return False


async def last_handout(door: Door) -> Handout:
    handout = await door.program.handouts.find_latest_card(CHAT)
    assert handout is not None
    return handout


def labels(message: dict[str, Any]) -> list[list[str]]:
    rows_of_buttons = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in rows_of_buttons]


async def test_the_card_is_new_silent_and_protected(door: Door) -> None:
    (call,) = await door.say("/token")
    assert call.method == "sendMessage"
    assert call.text.startswith(CARD)
    assert (call.parameters["protect_content"], call.parameters["disable_notification"]) == ("true", "true")
    assert [[button["text"] for button in row] for row in call.keyboard or []] == [["🔑 Show secret"], ["Cancel"]]
    assert (await last_handout(door)).kind == HandoutKind.TOKEN


async def test_a_token_costs_four_counted_calls(working: Door, clock: FakeClock) -> None:
    token = await show(working)
    clock.advance(timedelta(seconds=23))
    await working.press("I saved it")
    receipt = await reads(working, "It works until")
    assert "removed after 23 seconds." in receipt["text"]
    assert labels(receipt) == [["🚪 Sign out everywhere", "🔑 API token"]]
    assert methods(working.telegram.counted()) == ["sendMessage", "editMessageText", "editMessageText", "sendMessage"]
    assert not working.telegram.shows(token)
    assert not working.telegram.shows("Show secret")
    assert (await access_of(working).check(token)).telegram_id == CHAT
    assert working.telegram.made("sendMessage")[-1].parameters["disable_notification"] == "true"


async def test_a_token_is_shown_in_its_spoiler_and_copy_button_and_fits_them(working: Door) -> None:
    token = await show(working)
    (edit,) = working.telegram.made("editMessageText")
    assert f"<tg-spoiler>{token}</tg-spoiler>" in edit.text
    assert [button["copy_text"]["text"] for button in edit.buttons if "copy_text" in button] == [token]
    assert len(token) <= 256


async def test_a_token_disappears_when_its_time_is_up_and_goes_on_working(working: Door, clock: FakeClock) -> None:
    token = await show(working)
    clock.advance(SECRET_TTL)
    working.program.destroyer.wake()
    await is_gone(working, "Nobody can show you this token again")
    await reads(working, "removed after 60 seconds")
    clock.advance(TOKEN_LIFE - SECRET_TTL - timedelta(seconds=1))
    assert not await is_refused(working, token)


async def test_what_telegram_never_confirmed_never_works(working: Door, clock: FakeClock) -> None:
    working.telegram.always("editMessageText", bad_request("message can't be edited"))
    await working.say("/token")
    await working.press("Show secret")
    told = await reads(working, "Telegram did not confirm that you could see your API token")
    assert labels(told) == [["🔁 Try again"]]
    attempted = TOKEN.search(working.telegram.made("editMessageText")[0].text)
    assert attempted is not None
    assert await is_refused(working, attempted[0])
    await working.press("Try again")
    card = await reads(working, CARD)
    assert working.telegram.screen(CHAT) == [card], "the message that offered it is gone"


async def test_cancel_takes_the_card_back(door: Door) -> None:
    await door.say("/token")
    (edit, _) = await door.press("Cancel")
    assert edit.text == "Cancelled. No token was made."
    await door.press("API token")
    assert door.telegram.texts(CHAT)[-1].startswith(CARD)


async def test_a_typed_cancel_takes_the_card_back_too(door: Door) -> None:
    await door.say("/token")
    await door.say("/cancel")
    assert door.telegram.texts(CHAT) == ["Cancelled. No token was made."]


async def test_a_typed_cancel_removes_a_visible_token_which_goes_on_working(working: Door) -> None:
    token = await show(working)
    await working.say("/cancel")
    await reads(working, "You keep your new <b>API token</b>; I removed it from the screen.")
    assert not await is_refused(working, token)


async def test_a_card_expires_by_itself_and_can_be_had_again(working: Door, clock: FakeClock) -> None:
    await working.say("/token")
    clock.advance(timedelta(hours=1))
    working.program.destroyer.wake()
    await reads(working, "This card for an API token has expired. No token was made.")
    await working.press("Try again")
    (card,) = working.telegram.screen(CHAT)
    assert card["text"].startswith(CARD)


async def test_try_again_twice_leads_to_one_card(working: Door, clock: FakeClock) -> None:
    await working.say("/token")
    clock.advance(timedelta(hours=1))
    working.program.destroyer.wake()
    expired = await reads(working, "has expired")
    on, data = working.telegram.find_button(CHAT, "Try again")
    await working.receive(*(speech.tap(data, on=on) for _ in range(3)))
    assert on == expired["message_id"]
    assert len(working.telegram.screen(CHAT)) == 1


async def test_a_newer_card_replaces_an_older_one_which_is_deleted(working: Door) -> None:
    await working.say("/token")
    (old,) = working.telegram.screen(CHAT)
    await working.say("/token")
    await until(lambda: len(working.telegram.screen(CHAT)) == 1, seconds=5)
    (new,) = working.telegram.screen(CHAT)
    assert new["message_id"] > old["message_id"]
    on_old = encode(Verb.SHOW_SECRET, (await last_handout(working)).id)
    await working.tap(on_old, on=old["message_id"])
    assert not TOKEN.search(json.dumps(working.telegram.screen(CHAT)))


async def test_an_open_question_is_closed_by_the_command(door: Door) -> None:
    await door.say("/register")
    await door.say("/token")
    texts = door.telegram.texts(CHAT)
    assert any(text.startswith("Stopped: you asked for something else.") for text in texts)
    assert texts[-1].startswith(CARD)


async def test_a_token_waits_while_another_secret_is_on_the_screen(working: Door) -> None:
    await show(working)
    await working.say("/token")
    calls = await working.press("Show secret")
    assert calls[0].text == "Another secret is still on your screen. Tap I saved it there first."


async def test_signing_out_voids_every_token_and_says_since_when(working: Door) -> None:
    tokens = [await take(working), await take(working)]
    others = await take(working, BOB)
    working.telegram.forget()
    edit, _ = await working.press("Sign out everywhere")
    assert edit.method == "editMessageText"
    assert re.fullmatch(
        r"🚪 All API tokens are void since <tg-time [^>]*>15:43:07 UTC</tg-time>\. Take a new one when you need it\.",
        edit.text,
    )
    assert [button["text"] for button in edit.buttons] == ["🔑 API token"]
    assert [await is_refused(working, token) for token in (*tokens, others)] == [True, True, False]


async def test_a_token_on_the_screen_goes_away_when_its_reader_signs_out(working: Door) -> None:
    await take(working)
    on, data = working.telegram.find_button(CHAT, "Sign out everywhere")
    visible = await show(working)
    await working.tap(data, on=on)
    await is_gone(working, "Nobody can show you this token again")
    assert await is_refused(working, visible)
    assert sum("It works until" in text for text in working.telegram.texts(CHAT)) == 0


async def test_a_tap_to_sign_out_that_is_delivered_again_voids_nothing_newer(working: Door) -> None:
    await take(working)
    on, data = working.telegram.find_button(CHAT, "Sign out everywhere")
    update = speech.tap(data, on=on)
    await working.receive(update)
    token = await take(working)
    # a crash came between the effect and the answer
    received = reduce_update(update, BOT_ID)
    assert received is not None
    async with working.database.begin() as session:
        seen = InboxUpdate.source == received.source
        await session.execute(sql_update(InboxUpdate).where(seen).values(handled_at=None, body=received.body))
    await working.receiver.resume()
    await working.idle()
    assert not await is_refused(working, token)


async def test_a_failure_on_the_way_of_the_card_leaves_nothing_open(door: Door) -> None:
    door.telegram.script("sendMessage", bad_request("chat not found"))
    await door.say("/token")
    assert await door.program.handouts.find_latest_card(CHAT) is None
    await door.say("/token")
    assert (await last_handout(door)).state == HandoutState.OFFERED


async def test_a_pasted_token_is_deleted_and_kept_nowhere(working: Door) -> None:
    token = await take(working)
    calls = await working.say(f"curl -H 'Authorization: Bearer {token}'")
    assert methods(calls) == ["deleteMessage", "sendMessage"]
    assert "it contained an API token." in calls[1].text
    assert [button["text"] for button in calls[1].buttons] == ["🚪 Sign out everywhere"]
    async with working.database.read() as session:
        kept = [repr(row.body) for row in await session.scalars(select(InboxUpdate))]
    assert not [body for body in kept if token[:40] in body]
    await working.press("Sign out everywhere")
    assert await is_refused(working, token)


async def test_a_pasted_token_is_no_name_and_leaves_the_question_open(door: Door) -> None:
    await door.say("/register")
    sample = f"eyJ{'h' * 40}.eyJ{'p' * 100}.{'s' * 43}"
    calls = await door.say(sample)
    assert calls[-1].text.endswith("\nI am still waiting for the name.")
    await door.say("VPS-1")
    assert any("<b>\u2068VPS-1\u2069</b> is almost ready." in text for text in door.telegram.texts(CHAT))


async def test_the_menu_leads_to_a_token(door: Door) -> None:
    anna = await door.enter()
    await door.services.devices.create_device(anna.client_id, "VPS-1")
    await door.say("/start")
    (menu,) = door.telegram.screen(CHAT)
    assert labels(menu) == [["📟 My devices", "➕ Register a device"], ["🔑 API token", "🌐 Language"], ["❓ Help"]]
    await door.press("API token")
    assert door.telegram.screen(CHAT)[0] == menu, "what was tapped stays"
    assert door.telegram.texts(CHAT)[1].startswith(CARD)
