"""Who may use the bot, as people meet it in the chat: newcomers, links, admins, and what admins are told."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.chat.buttons import Verb, encode
from bot.services.hashing import create_secret
from bot.services.notices import NoticeKind
from storage.models import ChatUser, Client
from tests import rows
from tests.chat.offline import BOT_NAME, Silence, bad_request, blocked, methods, server_error
from tests.chat.speech import ANNA, BOB, OLGA, group, message, person, tap
from tests.fakes import until, until_so

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.chat.conftest import Door
    from tests.chat.offline import Call, OfflineTelegram
    from tests.fakes import FakeClock

EVE = person(505, "Eve", username="eve_fx")
PAUL = person(606, "Paul")
LINK = re.compile(rf"https://t\.me/{BOT_NAME}\?start=(inv_[A-Za-z0-9_-]{{32}})<")


@asynccontextmanager
async def notifying(door: Door) -> AsyncIterator[None]:
    """Let what is owed be sent meanwhile."""
    running = asyncio.create_task(door.program.notifier.run())
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await door.program.notifier.finish(5)


async def make_link(door: Door, kind: str, *, maker: dict[str, Any] = OLGA) -> str:
    """Let somebody make an invite; return what its link carries."""
    await door.say("/invite", person=maker)
    calls = await door.press(kind, person=maker)
    found = LINK.search(calls[0].text if calls[0].text else calls[-1].text)
    assert found, calls
    return found[1]


async def make_admin(door: Door, somebody: dict[str, Any]) -> None:
    await door.enter(somebody)
    await rows.set_role(door.database, somebody["id"], "admin")


def answers(calls: list[Call]) -> list[str]:
    return [call.text for call in calls if call.method == "answerCallbackQuery" and call.text]


@pytest.fixture
async def strict(build_door: Callable[..., Awaitable[Door]], clock: FakeClock) -> Door:
    """The bot where an admin lets people in; Olga and Paul are admins."""
    door = await build_door(clock, access="approval", contact="@desk")
    await door.say("/start", person=OLGA)
    await (await build_door(clock)).enter(PAUL)
    await rows.set_role(door.database, PAUL["id"], "admin")
    return door


@pytest.fixture
async def invite_only(build_door: Callable[..., Awaitable[Door]], clock: FakeClock) -> Door:
    """The bot where people need an invite."""
    return await build_door(clock, access="invite", contact="@desk")


class TestStrangers:
    async def test_without_an_invite_a_stranger_is_told_whom_to_ask(self, invite_only: Door) -> None:
        for text in ("/start", "hello", "/register VPS-1", "/start group", None):
            (call,) = await invite_only.say(text, person=EVE)
            assert call.text == "I let in only those who have an invite. Questions? Write to @desk."
            assert call.buttons == []
        assert await rows.find_user(invite_only.database, EVE["id"]) is None

    async def test_with_one_a_stranger_gets_in(self, invite_only: Door, telegram: OfflineTelegram) -> None:
        token = await make_link(invite_only, "New client")
        (call,) = await invite_only.say(f"/start {token}", person=EVE)
        assert "You are in." in call.text
        await invite_only.say("/register VPS-1", person=EVE)
        assert "almost ready" in telegram.texts(EVE["id"])[-1]

    async def test_a_tap_of_a_stranger_does_nothing_and_its_buttons_go(self, invite_only: Door) -> None:
        calls = await invite_only.tap(encode(Verb.REGISTER), person=EVE)
        assert answers(calls) == ["You can no longer do that."]
        assert await rows.count(invite_only.database, ChatUser) == 0

    async def test_in_a_group_a_stranger_is_sent_to_the_private_chat(self, invite_only: Door) -> None:
        (call,) = await invite_only.say("/start", person=EVE, chat=group(-81))
        assert call.chat == -81
        assert await rows.find_user(invite_only.database, EVE["id"]) is None


class TestWaiting:
    async def test_a_newcomer_waits_and_every_admin_is_asked_once(
        self, strict: Door, telegram: OfflineTelegram
    ) -> None:
        async with notifying(strict):
            await strict.say("/start", person=EVE)
            await strict.say("/register VPS-1", person=EVE)
            for admin in (OLGA, PAUL):
                await until(lambda admin=admin: any("asks for access" in t for t in telegram.texts(admin["id"])))  # type: ignore[misc]
        first, again = telegram.texts(EVE["id"])
        assert first.startswith("<b>Welcome.</b> An admin has to let you in.")
        assert again.startswith("Still waiting: I asked <tg-time")
        asked = [text for text in telegram.texts(OLGA["id"]) if "asks for access" in text]
        assert len(asked) == 1
        assert "<code>Eve</code>" in asked[0]
        assert "@eve_fx" in asked[0]
        assert "<code>505</code>" in asked[0]

    async def test_nothing_else_works_while_waiting(self, strict: Door) -> None:
        await strict.say("/start", person=EVE)
        for text in ("/devices", "hello", "/help", "/token", "/cancel", "/invite", "/admins"):
            (call,) = await strict.say(text, person=EVE)
            assert call.text.startswith("Still waiting")
        for verb in (Verb.REGISTER, Verb.TOKEN, Verb.INVITE, Verb.ADMINS):
            calls = await strict.tap(encode(verb), person=EVE)
            assert answers(calls) == ["You can no longer do that."]
        assert await rows.count(strict.database, Client) == 2

    async def test_a_secret_that_is_sent_while_waiting_is_deleted(
        self, strict: Door, telegram: OfflineTelegram
    ) -> None:
        await strict.say("/start", person=EVE)
        calls = await strict.say(f"here: {create_secret().reveal()}", person=EVE)
        assert methods(calls) == ["deleteMessage", "sendMessage"]
        assert calls[-1].text.startswith("🗑 I deleted your message")
        assert "Still waiting" in calls[-1].text
        telegram.script("deleteMessage", bad_request("message can't be deleted"))
        calls = await strict.say(f"here: {create_secret().reveal()}", person=EVE)
        assert "could not delete it" in calls[-1].text

    async def test_a_secret_that_somebody_sends_who_waits_warns_its_owner(self, strict: Door) -> None:
        olga = await strict.enter(OLGA)
        _, secret = await strict.services.devices.create_device(olga.client_id, "VPS-1")
        calls = await strict.say(f"here: {secret}", person=EVE)
        assert "VPS-1" not in calls[-1].text
        warned = await rows.list_notices(strict.database, NoticeKind.SECRET_LEAKED)
        assert [notice.telegram_id for notice in warned] == [OLGA["id"]]
        assert {
            notice.telegram_id for notice in await rows.list_notices(strict.database, NoticeKind.SECRET_LEAKED_ADMIN)
        }

    async def test_the_first_tap_decides_and_every_admin_sees_it(self, strict: Door, telegram: OfflineTelegram) -> None:
        async with notifying(strict):
            await strict.say("/start", person=EVE)
            for admin in (OLGA, PAUL):
                await until(lambda admin=admin: any("asks for access" in t for t in telegram.texts(admin["id"])))  # type: ignore[misc]
            on, data = telegram.find_button(PAUL["id"], "Refuse")
            calls = await strict.press("Approve", person=OLGA)
            assert methods(calls).count("editMessageText") >= 1
            await until(lambda: any("was approved by <code>Olga</code>" in t for t in telegram.texts(PAUL["id"])))
            await until(lambda: any("You are in" in t for t in telegram.texts(EVE["id"])))
            later = await strict.tap(data, on=on, person=PAUL)
        assert "Olga was faster: approved." in answers(later)
        for admin in (OLGA, PAUL):
            assert sum("was approved by" in text for text in telegram.texts(admin["id"])) == 1
            assert not any("asks for access" in text for text in telegram.texts(admin["id"]))
        edits = [call for call in telegram.made("editMessageText") if "was approved by" in call.text]
        assert [call.chat for call in edits].count(OLGA["id"]) == 1
        welcome = next(call for call in telegram.made("sendMessage") if "You are in" in call.text)
        assert "disable_notification" not in welcome.parameters
        (menu,) = await strict.say("/start", person=EVE)
        assert "Register a device" in menu.buttons[0]["text"]

    async def test_who_was_refused_is_told_silently_and_asks_nobody_again(
        self, strict: Door, telegram: OfflineTelegram
    ) -> None:
        async with notifying(strict):
            await strict.say("/start", person=EVE)
            await until(lambda: any("asks for access" in t for t in telegram.texts(OLGA["id"])))
            await strict.press("Refuse", person=OLGA)
            await until_so(lambda: all_sent(strict))
        told = next(call for call in telegram.made("sendMessage") if "not accepted" in call.text)
        assert told.text == "Your request was not accepted. Questions? Write to @desk."
        assert told.parameters["disable_notification"] == "true"
        (again,) = await strict.say("/start", person=EVE)
        assert again.text == told.text
        assert len(await rows.list_notices(strict.database, "newcomer_waiting")) == 2
        calls = await strict.press("Approve after all", person=OLGA)
        assert any("was approved by" in call.text for call in calls)
        assert (await rows.read_user(strict.database, EVE["id"])).status == "active"

    async def test_who_was_asked_late_sees_what_was_decided_meanwhile(
        self, strict: Door, telegram: OfflineTelegram
    ) -> None:
        await strict.say("/start", person=EVE)
        await strict.say("/admins", person=OLGA)
        await strict.press("Waiting (1)", person=OLGA)
        await strict.press("Eve", person=OLGA)
        await strict.press("Approve", person=OLGA)
        async with notifying(strict):
            await until(lambda: any("was approved by" in t for t in telegram.texts(PAUL["id"])))
        assert not any("asks for access" in call.text for call in telegram.made("sendMessage"))

    @pytest.mark.parametrize("trouble", ["a message that is gone", "a server that fails once"])
    async def test_trouble_with_one_message_keeps_no_other_from_being_redrawn(
        self, strict: Door, telegram: OfflineTelegram, clock: FakeClock, trouble: str
    ) -> None:
        async with notifying(strict):
            await strict.say("/start", person=EVE)
            for admin in (OLGA, PAUL):
                await until(lambda admin=admin: any("asks for access" in t for t in telegram.texts(admin["id"])))  # type: ignore[misc]
            asked = telegram.find_button(PAUL["id"], "Approve")[0]
            await strict.press("Approve", person=OLGA)
            if trouble == "a message that is gone":
                telegram.messages.pop((PAUL["id"], asked), None)
            else:
                telegram.script("editMessageText", server_error())

            async def is_sent_in_time() -> bool:
                clock.advance(timedelta(seconds=1))
                strict.program.notifier.wake()
                return await all_sent(strict)

            await until_so(is_sent_in_time)
        assert not [notice for notice in await rows.list_notices(strict.database) if notice.dropped_at]

    async def test_who_blocked_the_bot_is_decided_about_all_the_same(
        self, strict: Door, telegram: OfflineTelegram
    ) -> None:
        async with notifying(strict):
            await strict.say("/start", person=EVE)
            await until(lambda: any("asks for access" in t for t in telegram.texts(OLGA["id"])))
            telegram.always("sendMessage", blocked())
            await strict.press("Approve", person=OLGA)
            await until_so(lambda: all_sent(strict))
        dropped = [event.details["telegram_id"] for event in await rows.list_audit(strict.database, "notice_dropped")]
        assert EVE["id"] in dropped
        telegram.always("sendMessage", None)
        (menu,) = await strict.say("/start", person=EVE)
        assert "Register a device" in menu.buttons[0]["text"]

    async def test_nobody_but_an_admin_decides(self, strict: Door) -> None:
        await strict.say("/start", person=EVE)
        await rows.set_role(strict.database, PAUL["id"], "trader")
        for verb in (Verb.APPROVE, Verb.REFUSE, Verb.APPROVE_AFTER_ALL, Verb.NEWCOMER, Verb.NEWCOMERS):
            calls = await strict.tap(encode(verb, extra="505"), person=PAUL)
            assert answers(calls) == ["You can no longer do that."]
            calls = await strict.tap(encode(verb, extra="505"), person=EVE)
            assert answers(calls) == ["You can no longer do that."]
        assert (await rows.read_user(strict.database, EVE["id"])).status == "waiting"


async def all_sent(door: Door) -> bool:
    """Tell whether nothing is owed any more."""
    return not any(notice.next_attempt_at for notice in await rows.list_notices(door.database))


class TestLinks:
    async def test_a_link_says_what_it_gives_and_can_be_copied(self, door: Door, telegram: OfflineTelegram) -> None:
        await door.say("/invite", person=OLGA)
        labels = [button["text"] for button in telegram.made("sendMessage")[-1].buttons]
        assert labels[:3] == ["👤 New client", "👥 Join my client", "🛡 Admin"]
        calls = await door.press("Join my client", person=OLGA)
        shown = next(call for call in calls if call.method == "editMessageText")
        assert "they see and manage all of your devices" in shown.text
        assert 'format="wDt"' in shown.text
        copied = shown.buttons[0]["copy_text"]["text"]
        assert f"<code>{copied}</code>" in shown.text

    async def test_a_trader_is_offered_their_own_devices_only(self, door: Door) -> None:
        (call,) = await door.say("/invite")
        assert [button["text"] for button in call.buttons] == ["👥 Join my client", "Back"]
        for kind in ("client", "admin"):
            calls = await door.tap(encode(Verb.MAKE_INVITE, extra=kind))
            assert answers(calls) == ["You can no longer do that."]
        assert await rows.list_invites(door.database) == []

    async def test_a_second_chat_user_sees_the_devices_and_the_maker_is_told(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        anna = await door.enter()
        await door.services.devices.create_device(anna.client_id, "VPS-1")
        token = await make_link(door, "Join my client", maker=ANNA)
        async with notifying(door):
            calls = await door.say(f"/start {token}", person=EVE)
            assert "1 device" in calls[0].text
            await until(lambda: any("shares your devices now" in t for t in telegram.texts(ANNA["id"])))
        await door.press("My devices", person=EVE)
        assert "VPS-1" in telegram.texts(EVE["id"])[-1]
        assert await rows.count(door.database, Client) == 1

    @pytest.mark.parametrize("was_applied", [True, False])
    async def test_a_link_that_may_have_been_shown_gives_way_to_one_in_a_message_of_its_own(
        self, door: Door, telegram: OfflineTelegram, *, was_applied: bool
    ) -> None:
        await door.say("/invite", person=OLGA)
        question, _ = telegram.find_button(OLGA["id"], "Join my client")
        telegram.script("editMessageText", Silence(applied=was_applied))
        calls = await door.press("Join my client", person=OLGA)
        edit, sent = (
            next(call for call in calls if call.method == name) for name in ("editMessageText", "sendMessage")
        )
        void, good = LINK.search(edit.text), LINK.search(sent.text)
        assert void is not None
        assert good is not None
        # should Telegram carry the edit out even now, there is nothing to edit
        assert all(message["message_id"] != question for message in telegram.screen(OLGA["id"]))
        assert not telegram.shows(void[1])
        (told,) = await door.say(f"/start {void[1]}", person=EVE)
        assert "do not know this invite" in told.text
        await door.say(f"/start {good[1]}", person=EVE)
        assert "share the devices" in telegram.texts(EVE["id"])[-1]

    async def test_an_admin_by_link_has_the_admins_menu_at_once(self, door: Door) -> None:
        token = await make_link(door, "Admin")
        calls = await door.say(f"/start {token}", person=EVE)
        assert json.loads(calls[0].parameters["scope"])["chat_id"] == EVE["id"]
        (admins,) = await door.say("/admins", person=EVE)
        assert "<code>Eve</code>" in admins.text

    @pytest.mark.parametrize("used", ["twice", "late", "by its maker", "after it was taken back", "with devices"])
    async def test_a_link_that_does_nothing_says_why(self, door: Door, clock: FakeClock, used: str) -> None:
        token = await make_link(door, "Join my client")
        opener, words = EVE, ""
        if used == "twice":
            await door.say(f"/start {token}", person=BOB)
            words = "was used already"
        elif used == "late":
            clock.advance(timedelta(hours=24))
            words = "has expired"
        elif used == "by its maker":
            opener, words = OLGA, "your own invite"
        elif used == "after it was taken back":
            await door.press("Take it back", person=OLGA)
            words = "taken back"
        else:
            bob = await door.enter(BOB)
            await door.services.devices.create_device(bob.client_id, "VPS-1")
            opener, words = BOB, "Give yours up first"
        calls = await door.say(f"/start {token}", person=opener)
        assert methods(calls) == ["sendMessage"]
        assert words in calls[0].text
        assert "number" not in calls[0].text

    async def test_who_shares_devices_may_leave_them_to_the_others(self, door: Door, telegram: OfflineTelegram) -> None:
        bob = await door.enter(BOB)
        await door.services.devices.create_device(bob.client_id, "VPS-1")
        await door.say(f"/start {await make_link(door, 'Join my client', maker=BOB)}", person=EVE)
        token = await make_link(door, "Join my client", maker=ANNA)
        await door.say(f"/start {token}", person=EVE)
        assert "You share devices with others" in telegram.texts(EVE["id"])[-1]
        await door.press("Leave", person=EVE)
        await door.press("Yes, leave", person=EVE)
        assert "You have left." in telegram.texts(EVE["id"])[-1]
        (call,) = await door.say(f"/start {token}", person=EVE)
        assert "You are in." in call.text
        calls = await door.tap(encode(Verb.LEAVE), person=BOB)
        assert any("nobody to leave them to" in call.text for call in calls)

    async def test_what_was_taken_back_cannot_be_taken_back_again(self, door: Door, telegram: OfflineTelegram) -> None:
        await make_link(door, "New client")
        on, data = telegram.find_button(OLGA["id"], "Take it back")
        for _ in range(2):
            await door.tap(data, on=on, person=OLGA)
            assert "no longer works" in telegram.messages[OLGA["id"], on]["text"]
        calls = await door.tap(data, person=EVE)
        assert any("I do not know this invite" in call.text for call in calls)

    async def test_all_open_ones_are_taken_back_at_once(self, door: Door) -> None:
        tokens = [await make_link(door, "New client") for _ in range(2)]
        await door.say("/invite", person=OLGA)
        await door.press("Take back all open ones (2)", person=OLGA)
        for token in tokens:
            (call,) = await door.say(f"/start {token}", person=EVE)
            assert "taken back" in call.text

    async def test_whoever_is_suspended_reads_that_and_nothing_else(self, door: Door) -> None:
        bob = await door.enter(BOB)
        token = await make_link(door, "Join my client")
        await rows.suspend(door.database, bob.client_id)
        for text in ("/start", f"/start {token}", "/invite"):
            (call,) = await door.say(text, person=BOB)
            assert call.text.startswith("Your access is paused")
        assert [invite.used_by for invite in await rows.list_invites(door.database)] == [None]

    async def test_a_redelivered_opening_is_answered_again_and_changes_nothing(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        token = await make_link(door, "New client")
        telegram.script("sendMessage", server_error(), server_error())
        (*_, answer) = await door.say(f"/start {token}", person=EVE)
        assert "You are in." in answer.text
        assert len(await rows.list_audit(door.database, "invite_used")) == 1

    async def test_an_open_question_is_closed_by_a_link(self, door: Door, telegram: OfflineTelegram) -> None:
        await door.say("/register", person=BOB)
        token = await make_link(door, "Join my client")
        await door.say(f"/start {token}", person=BOB)
        await door.say("VPS-1", person=BOB)
        assert "did not understand" in telegram.texts(BOB["id"])[-1]

    async def test_what_a_link_carries_is_not_in_the_inbox(self, door: Door) -> None:
        token = await make_link(door, "New client")
        for text in (f"/start {token}", f"look: https://t.me/{BOT_NAME}?start={token} nice", token):
            await door.program.inbox.receive([reduced(text)])
        kept = str([received.body for received in await door.unhandled()])
        assert token not in kept
        assert token[4:20] not in kept

    async def test_a_name_with_a_link_in_it_is_kept_without_what_it_carries(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        token = await make_link(door, "New client")
        await door.say("/register")
        await door.say(f"VPS {token}")
        assert not telegram.shows(f"VPS {token}")


def reduced(text: str) -> Any:
    """Return what is kept of something that was said."""
    from bot.chat.reduction import reduce_update  # noqa: PLC0415 - for this one step

    received = reduce_update(message(text, person=EVE), 1)
    assert received is not None
    return received


class TestAdmins:
    async def test_an_admin_names_another_by_id_and_it_counts_at_once(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        await door.enter()
        async with notifying(door):
            (question,) = await door.say(f"/admins {ANNA['id']}", person=OLGA)
            assert "<code>Anna</code>" in question.text
            calls = await door.press("Yes, name", person=OLGA)
            assert any(call.method == "setMyCommands" for call in calls)
            await until(lambda: any("made you an admin" in t for t in telegram.texts(ANNA["id"])))
        (admins,) = await door.say("/admins")
        assert admins.text.index("Olga") < admins.text.index("Anna")
        assert admins.buttons[0]["text"] == "➖ Remove Anna"

    async def test_an_admin_removes_another_after_being_asked_and_it_counts_at_once(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        await make_admin(door, ANNA)
        await door.say("/admins")
        on, data = telegram.find_button(ANNA["id"], "Notices")
        await door.say("/admins", person=OLGA)
        await door.press("Remove Anna", person=OLGA)
        assert (await rows.read_user(door.database, ANNA["id"])).role == "admin"
        calls = await door.press("Yes, remove", person=OLGA)
        [menu] = [call for call in calls if call.method == "deleteMyCommands"]
        assert json.loads(menu.parameters["scope"])["chat_id"] == ANNA["id"]
        assert answers(await door.tap(data, on=on)) == ["You can no longer do that."]
        (call,) = await door.say("/admins")
        assert "do not know that command" in call.text

    async def test_who_removes_themselves_is_asked_in_so_many_words(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        await make_admin(door, ANNA)
        await door.say("/admins")
        await door.press("Remove Anna")
        assert "Shall <b>you</b> be an admin no more?" in telegram.texts(ANNA["id"])[-1]
        await door.press("Cancel")
        await door.press("Remove Anna")
        await door.press("Yes, remove")
        assert "You are an admin no more" in telegram.texts(ANNA["id"])[-1]
        assert (await rows.read_user(door.database, ANNA["id"])).role == "trader"

    async def test_an_admin_of_the_settings_has_no_button_and_a_forged_one_says_why(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        await make_admin(door, ANNA)
        await door.enter(OLGA)
        await door.say("/admins")
        assert not telegram.shows("Remove Olga")
        for verb in (Verb.ASK_REMOVE_ADMIN, Verb.REMOVE_ADMIN):
            calls = await door.tap(encode(verb, extra=str(OLGA["id"])))
            assert any("cannot be changed in chat" in call.text for call in calls)

    async def test_two_admins_who_remove_the_same_are_each_answered(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        for somebody in (ANNA, BOB):
            await make_admin(door, somebody)
        for somebody in (OLGA, ANNA):
            await door.say("/admins", person=somebody)
            await door.press("Remove Bob", person=somebody)
        await door.press("Yes, remove", person=OLGA)
        await door.press("Yes, remove", person=ANNA)
        assert "no admin any more" in telegram.texts(ANNA["id"])[-1]

    async def test_two_admins_who_name_the_same_are_each_answered(self, door: Door, telegram: OfflineTelegram) -> None:
        await make_admin(door, ANNA)
        await door.enter(BOB)
        for somebody in (OLGA, ANNA):
            await door.say(f"/admins {BOB['id']}", person=somebody)
        for somebody in (OLGA, ANNA):
            await door.press("Yes, name", person=somebody)
        assert "is an admin already" in telegram.texts(ANNA["id"])[-1]

    @pytest.mark.parametrize("typed", ["999", "0", "-5", "Bob", "9" * 40, "１０１", "<b>"])
    async def test_whoever_is_not_known_cannot_be_named(self, door: Door, typed: str) -> None:
        (call,) = await door.say(f"/admins {typed}", person=OLGA)
        assert call.text.startswith("I know nobody with the ID <code>")
        assert "🛡 Admin" in call.buttons[0]["text"]

    @pytest.mark.parametrize("command", ["/admins", "/notices", "/admins 101"])
    async def test_for_a_trader_admins_commands_do_not_exist(self, door: Door, command: str) -> None:
        (call,) = await door.say(command)
        assert "do not know that command" in call.text

    async def test_the_way_to_name_somebody_is_told(self, door: Door, telegram: OfflineTelegram) -> None:
        await door.say("/admins", person=OLGA)
        await door.press("Name an admin", person=OLGA)
        assert "/admins 123456789" in telegram.texts(OLGA["id"])[-1]


class TestSwitches:
    @pytest.mark.parametrize(("taps", "sound"), [(0, "with"), (1, "without"), (2, "none")])
    async def test_a_notice_comes_as_its_reader_wants_it(
        self, strict: Door, telegram: OfflineTelegram, taps: int, sound: str
    ) -> None:
        await strict.say("/notices", person=OLGA)
        for _ in range(taps):
            await strict.press("Somebody asks for access", person=OLGA)
        async with notifying(strict):
            await strict.say("/start", person=EVE)
            await until(lambda: any("asks for access</b>" in t for t in telegram.texts(PAUL["id"])))
            await until_so(lambda: all_sent(strict))
        told = [
            call
            for call in telegram.made("sendMessage")
            if call.chat == OLGA["id"] and "asks for access</b>" in call.text
        ]
        assert [call.parameters.get("disable_notification") == "true" for call in told] == {
            "with": [False],
            "without": [True],
            "none": [],
        }[sound]

    async def test_the_same_tap_twice_switches_once(self, door: Door, telegram: OfflineTelegram) -> None:
        await door.say("/notices", person=OLGA)
        on, data = telegram.find_button(OLGA["id"], "Somebody asks")
        for _ in range(2):
            await door.tap(data, on=on, person=OLGA)
        assert "Somebody asks for access · without a sound" in telegram.messages[OLGA["id"], on]["text"]

    @pytest.mark.parametrize("extra", ["", "9-on", "0-loud", "x-on", "0", "-on"])
    async def test_a_forged_switch_switches_nothing(self, door: Door, extra: str) -> None:
        calls = await door.tap(encode(Verb.SWITCH_NOTICE, extra=extra), person=OLGA)
        assert any("What I tell you as an admin" in call.text for call in calls)
        assert answers(calls) == []


async def test_a_message_and_a_tap_of_one_newcomer_at_once_ask_once(strict: Door) -> None:
    await strict.receive(message("/start", person=EVE), tap(encode(Verb.HELP), person=EVE))
    assert len(await rows.list_notices(strict.database, "newcomer_waiting")) == 2
