"""What people do and see: the updates it makes, as a bot's library reads them, and the record of every screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MaybeInaccessibleMessage,
    Message,
    MessageOriginUser,
    Update,
)

from bot.sandbox import NotPossible, Sandbox

from .conftest import ANNA, BORIS, GROUP

if TYPE_CHECKING:
    from telegram import Bot

CARD = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("📋 Copy secret", copy_text=CopyTextButton("dsk1")),
            InlineKeyboardButton("✅ I saved it", callback_data="saved"),
        ],
        [InlineKeyboardButton("Open", url="https://t.me/x"), InlineKeyboardButton("◀️ Back", callback_data="back")],
    ]
)


async def only_update(bot: Bot) -> Update:
    (update,) = await bot.get_updates()
    await bot.get_updates(offset=update.update_id + 1)
    return update


async def only_message(bot: Bot) -> Message:
    message = (await only_update(bot)).message
    assert message is not None
    return message


async def test_a_command_is_told_with_its_entity_and_who_sent_it(bot: Bot, sandbox: Sandbox) -> None:
    said = sandbox.say(ANNA, "/start invite_1")
    message = await only_message(bot)
    assert (message.message_id, message.text) == (said.message_id, "/start invite_1")
    assert [(e.type, e.offset, e.length) for e in message.entities] == [("bot_command", 0, 6)]
    assert message.from_user is not None
    assert (message.from_user.id, message.from_user.language_code, message.from_user.username) == (
        ANNA,
        "en",
        "anna_fx",
    )


async def test_text_of_people_is_not_markup(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(ANNA, "<b>Gold</b> & Co")
    assert (await only_message(bot)).text == "<b>Gold</b> & Co"
    assert sandbox.screen(ANNA)[0].html == "&lt;b&gt;Gold&lt;/b&gt; &amp; Co"


@pytest.mark.parametrize("kind", ["sticker", "photo", "voice", "document"])
async def test_people_send_other_things_than_text(bot: Bot, sandbox: Sandbox, kind: str) -> None:
    sandbox.say(ANNA, "/id", kind=kind)
    message = await only_message(bot)
    assert message.effective_attachment
    assert (message.text, message.caption) == (None, "/id")


async def test_a_reply_carries_the_whole_message_and_the_quote(bot: Bot, sandbox: Sandbox) -> None:
    secret = await bot.send_message(ANNA, "my secret", reply_markup=CARD)
    sandbox.say(ANNA, "what is this?", reply_to=secret.message_id, quote="secret")
    message = await only_message(bot)
    assert message.reply_to_message is not None
    assert (message.reply_to_message.text, message.reply_to_message.reply_markup) == ("my secret", CARD)
    assert message.quote is not None
    assert (message.quote.text, message.quote.position) == ("secret", 3)


async def test_a_pin_carries_the_whole_message(bot: Bot, sandbox: Sandbox) -> None:
    secret = await bot.send_message(ANNA, "my secret", reply_markup=CARD)
    sandbox.pin(ANNA, secret.message_id)
    message = await only_message(bot)
    assert isinstance(message.pinned_message, Message)
    assert (message.pinned_message.text, message.pinned_message.reply_markup) == ("my secret", CARD)


async def test_a_forward_tells_its_origin_and_cannot_be_edited(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "hello")
    sandbox.forward(ANNA, sent.message_id)
    message = await only_message(bot)
    assert isinstance(message.forward_origin, MessageOriginUser)
    assert message.forward_origin.sender_user.is_bot
    assert message.text == "hello"
    with pytest.raises(NotPossible, match="People can edit texts they wrote themselves"):
        sandbox.edit(ANNA, message.message_id, "x")


async def test_a_protected_message_cannot_be_forwarded(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "hello", protect_content=True)
    with pytest.raises(NotPossible, match="protected"):
        sandbox.forward(ANNA, sent.message_id)


async def test_a_tap_carries_the_message_as_it_is_now(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "old", reply_markup=CARD)
    await sent.edit_text("my secret", reply_markup=CARD)
    press = asyncio.create_task(sandbox.press(ANNA, "saved it"))
    await asyncio.sleep(0)
    query = (await only_update(bot)).callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    assert (query.data, query.message.text, query.message.reply_markup) == ("saved", "my secret", CARD)
    assert query.id.isdecimal()
    await query.answer("Done", show_alert=True)
    pressed = await press
    assert (pressed.answered, pressed.text, pressed.show_alert) == (True, "Done", True)
    assert pressed.seconds is not None
    assert 0 < pressed.seconds < 1


async def test_copy_and_link_buttons_do_not_reach_the_bot(bot: Bot, sandbox: Sandbox) -> None:
    await bot.send_message(ANNA, "x", reply_markup=CARD)
    assert (await sandbox.press(ANNA, "Copy secret")).copied == "dsk1"
    assert (await sandbox.press(ANNA, (1, 0))).url == "https://t.me/x"
    assert await bot.get_updates() == ()


async def test_a_button_that_is_not_there_or_not_clear_cannot_be_pressed(bot: Bot, sandbox: Sandbox) -> None:
    double = InlineKeyboardButton("Go", callback_data="x")
    await bot.send_message(ANNA, "x", reply_markup=InlineKeyboardMarkup([[double, double]]))
    for wrong in ("Stop", (0, 2), (1, 0)):
        with pytest.raises(NotPossible, match="Anna sees no button"):
            await sandbox.press(ANNA, wrong)
    with pytest.raises(NotPossible, match="2 buttons are called Go"):
        await sandbox.press(ANNA, "Go")
    with pytest.raises(NotPossible, match="sees no message 99"):
        await sandbox.press(ANNA, "Go", message_id=99)
    with pytest.raises(NotPossible):
        await sandbox.press(ANNA, data="forged")


async def test_a_modified_app_can_press_anything(bot: Bot, sandbox: Sandbox) -> None:
    card = await bot.send_message(ANNA, "x", reply_markup=CARD)
    sandbox.say(BORIS, "/start")
    await only_update(bot)
    await sandbox.press(BORIS, message_id=card.message_id, data="forged", chat=ANNA, force=True, wait=0)
    query = (await only_update(bot)).callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    assert (query.from_user.id, query.message.chat.id, query.data) == (BORIS, ANNA, "forged")


async def test_a_tap_on_a_deleted_message_tells_only_its_id(bot: Bot, sandbox: Sandbox) -> None:
    card = await bot.send_message(ANNA, "my secret", reply_markup=CARD)
    await card.delete()
    await sandbox.press(ANNA, message_id=card.message_id, data="saved", force=True, wait=0)
    query = (await only_update(bot)).callback_query
    assert query is not None
    assert isinstance(query.message, MaybeInaccessibleMessage)
    assert not query.message.is_accessible
    assert query.message.message_id == card.message_id


async def test_who_has_blocked_the_bot_or_is_gone_does_nothing(sandbox: Sandbox) -> None:
    sandbox.block(ANNA)
    with pytest.raises(NotPossible, match="Anna has blocked the bot and must unblock it first"):
        sandbox.say(ANNA, "hi")
    sandbox.unblock(ANNA)
    with pytest.raises(NotPossible, match="has not blocked the bot"):
        sandbox.unblock(ANNA)
    sandbox.deactivate(ANNA)
    with pytest.raises(NotPossible, match="account of Anna is deleted"):
        sandbox.say(ANNA, "hi")


@pytest.mark.parametrize(
    ("text", "told"),
    [("/id", True), ("/id@sandbox_bot", True), ("/id@other_bot", False), ("hi", False), ("hi @sandbox_bot", True)],
)
async def test_in_a_group_the_bot_reads_only_what_concerns_it(
    sandbox: Sandbox,
    text: str,
    told: bool,  # noqa: FBT001
) -> None:
    sandbox.add_group(GROUP, "Desk", [ANNA])
    assert (sandbox.say(ANNA, text, chat=GROUP).update_id is not None) is told


async def test_in_a_group_replies_to_the_bot_concern_it(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.add_group(GROUP, "Desk", [ANNA])
    added = (await only_update(bot)).my_chat_member
    assert added is not None
    assert (added.chat.id, added.new_chat_member.status) == (GROUP, "member")
    sent = await bot.send_message(GROUP, "hello")
    assert sandbox.say(ANNA, "hi", chat=GROUP, reply_to=sent.message_id).update_id is not None
    with pytest.raises(NotPossible, match="Boris is in no group"):
        sandbox.say(BORIS, "hi", chat=GROUP)


async def test_the_history_keeps_every_look_and_when_it_could_be_seen(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "card", reply_markup=CARD)
    sandbox.advance(10)
    await sent.edit_text("<tg-spoiler>dsk1</tg-spoiler>", parse_mode="HTML")
    sandbox.advance(60)
    await sent.edit_text("removed")
    await sent.delete()
    card, secret, removed = sandbox.history(ANNA)
    assert [s.text for s in (card, secret, removed)] == ["card", "dsk1", "removed"]
    assert [s.ended_by for s in (card, secret, removed)] == ["edited", "edited", "deleted"]
    assert card.buttons[0][0] == {"text": "📋 Copy secret", "copy_text": "dsk1"}
    assert (secret.html, secret.buttons) == ("<tg-spoiler>dsk1</tg-spoiler>", [])
    assert secret.visible_from == card.visible_until
    assert secret.visible_until is not None
    assert secret.real_until is not None
    assert 60 <= secret.visible_until - secret.visible_from < 61
    assert 0 <= secret.real_until - secret.real_from < 1


async def test_who_deletes_a_message_for_themselves_no_longer_sees_it_and_the_bot_still_can(
    bot: Bot, sandbox: Sandbox
) -> None:
    sent = await bot.send_message(ANNA, "secret")
    sandbox.delete_message(ANNA, sent.message_id, for_everyone=False)
    assert sandbox.screen(ANNA) == []
    await sent.edit_text("gone")
    (seen,) = sandbox.history(ANNA)
    assert (seen.text, seen.ended_by) == ("secret", "deleted")
    await sent.delete()


async def test_waiting_finds_a_text_or_a_button_and_says_what_was_there_instead(bot: Bot, sandbox: Sandbox) -> None:
    waiting = asyncio.create_task(sandbox.wait_for(ANNA, "I saved it"))
    sent = await bot.send_message(ANNA, "x", reply_markup=CARD)
    assert (await waiting).message_id == sent.message_id
    gone = asyncio.create_task(sandbox.wait_gone(ANNA, "I saved it"))
    await sent.edit_text("y")
    await gone
    with pytest.raises(TimeoutError, match=r"'z' did not appear; the screen shows .*'y'"):
        await sandbox.wait_for(ANNA, "z", timeout=0.01)
    with pytest.raises(TimeoutError):
        await sandbox.wait_for(ANNA, "y", after=sent.message_id, timeout=0.01)
    with pytest.raises(TimeoutError, match="'y' is still there"):
        await sandbox.wait_gone(ANNA, "y", timeout=0.01)
    with pytest.raises(TimeoutError):
        await sandbox.wait_for_call("sendMessage", after=len(sandbox.calls), timeout=0.01)


async def test_who_waits_for_one_chat_looks_only_when_something_may_have_changed_there(
    bot: Bot, sandbox: Sandbox
) -> None:
    looks = 0

    def look() -> bool | None:
        nonlocal looks
        looks += 1
        return None if len(sandbox.screen(ANNA)) < 2 else True

    sandbox.say(BORIS, "/start")
    waiting = asyncio.create_task(sandbox.world.journal.until(look, 10, chat=ANNA))
    await asyncio.sleep(0)
    for _ in range(5):
        sent = await bot.send_message(BORIS, "x")
        await sent.edit_text("y")
        await bot.send_chat_action(ANNA, "typing")
    assert looks == 1
    sandbox.advance(1)
    sandbox.say(ANNA, "x")
    await bot.send_message(ANNA, "y")
    assert await waiting
    assert looks == 3


async def test_a_fast_clock_runs_fast_and_never_back() -> None:
    async with Sandbox(speed=1000) as sandbox:
        began = sandbox.world.clock.now()
        await asyncio.sleep(0.05)
        assert sandbox.world.clock.now() - began > 40
        with pytest.raises(NotPossible, match="only be advanced"):
            sandbox.advance(-1)
    with pytest.raises(ValueError, match="above zero"):
        Sandbox(speed=0)


def test_the_sandbox_listens_on_this_machine_only() -> None:
    with pytest.raises(ValueError, match="this machine only"):
        Sandbox(host="0.0.0.0")  # noqa: S104 - it must be refused


async def test_a_sandbox_stops_at_once_under_a_long_poll_a_hanging_call_and_a_webhook(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession(sandbox.url) as http:
        sandbox.add_fault("getMe", "hang")
        path = f"/bot{sandbox.token}"
        calls = [asyncio.create_task(http.get(f"{path}/{m}")) for m in ("getUpdates?timeout=50", "getMe")]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(10):
            await sandbox.stop()
        ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(end, aiohttp.ClientError) for end in ended)
