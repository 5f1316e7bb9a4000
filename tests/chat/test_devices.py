"""Lists, cards and new secrets in chat, where they meet what people do meanwhile."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.chat.buttons import Listing, Place, Verb, encode, encode_place
from bot.services.notices import NoticeKind
from storage.models import HandoutState
from tests import rows
from tests.chat.offline import Slow, methods
from tests.chat.speech import ANNA, BOB, message, tap
from tests.fakes import until
from tests.services.test_catalogue import add

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.models import Device
    from tests.chat.conftest import Door
    from tests.chat.offline import OfflineTelegram
    from tests.fakes import FakeClock

CHAT = ANNA["id"]


@pytest.fixture
async def connected(door: Door) -> tuple[Device, str]:
    """A device of Anna's that has connected, and its secret."""
    anna = await door.enter()
    device, secret = await door.services.devices.create_device(anna.client_id, "VPS-1")
    return await door.services.devices.authenticate_device(device.id, secret), secret


@pytest.fixture
async def working(door: Door) -> AsyncIterator[Door]:
    """The bot with its notifier at work."""
    task = asyncio.create_task(door.program.notifier.run())
    yield door
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def sent(door: Door, kind: NoticeKind) -> bool:
    """Wait until a notice is done with; tell whether it came."""
    async with asyncio.timeout(10):
        while True:
            [notice] = await rows.list_notices(door.database, kind)
            if notice.sent_at is not None:
                return any("old secret" in text for text in door.telegram.texts(CHAT))
            door.program.notifier.wake()
            await asyncio.sleep(0.01)


class TestTaps:
    async def test_of_several_taps_back_that_wait_one_leads_to_an_edit_and_all_are_answered(
        self, door: Door, telegram: OfflineTelegram, connected: tuple[Device, str]
    ) -> None:
        await door.say("/devices")
        on = telegram.screen(CHAT)[-1]["message_id"]
        back = [encode(Verb.MENU), encode(Verb.DEVICE, connected[0].id), encode_place(Place(Listing.ACTIVE))]
        telegram.forget()
        # the first is in hand at once; of the others the last one is enough
        await door.receive(*(tap(data, on=on) for data in (*back, *back, *back)))
        assert len(telegram.made("answerCallbackQuery")) == 9
        assert len(telegram.made("editMessageText")) <= 2
        assert "Your devices" in telegram.texts(CHAT)[-1]

    async def test_taps_back_in_two_messages_lead_to_an_edit_of_each(
        self, door: Door, telegram: OfflineTelegram
    ) -> None:
        for _ in range(2):
            await door.say("/devices")
        first, second = (shown["message_id"] for shown in telegram.screen(CHAT)[-2:])
        telegram.forget()
        await door.receive(*(tap(encode(Verb.MENU), on=on) for on in (first, second)))
        assert [call.message_id for call in telegram.made("editMessageText")] == [first, second]

    async def test_fifty_taps_at_once_slow_nobody_else(self, door: Door, telegram: OfflineTelegram) -> None:
        await door.say("/start", person=BOB)
        gate = asyncio.Event()
        telegram.always("editMessageText", Slow(gate=gate))
        telegram.forget()
        taps = [tap(encode(Verb.HELP), on=1000 + number) for number in range(50)]
        await door.receiver.accept([*taps, message("/id", person=BOB)])
        await until(lambda: any(call.chat == BOB["id"] for call in telegram.made("sendMessage")))
        gate.set()
        await door.idle()
        assert len(telegram.made("answerCallbackQuery")) == 50
        assert not telegram.shows("tell the admin")


class TestLists:
    async def test_a_page_that_is_no_longer_there_is_told_and_the_first_one_shown(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        anna = await door.enter()
        await add(door.database, clock, anna.client_id, [f"D-{number}" for number in range(9)])
        await door.say("/devices")
        on, data = telegram.find_button(CHAT, "Next")
        oldest = (await door.services.devices.list_devices(anna.client_id))[-1]
        await door.services.devices.revoke_device(oldest.id)
        calls = await door.tap(data, on=on)
        [answer] = [call for call in calls if call.method == "answerCallbackQuery"]
        assert answer.text == "That has changed meanwhile. Here is how it looks now."
        assert "D-8" in telegram.texts(CHAT)[-1]

    @pytest.mark.parametrize("text", ["x" * 10_000, "/register " + "x" * 10_000, "/revoke " + "x" * 10_000])
    async def test_ten_thousand_characters_are_answered_with_a_sentence(
        self, door: Door, telegram: OfflineTelegram, text: str
    ) -> None:
        for question in (None, "/register"):
            if question:
                await door.say(question)
            calls = await door.say(text)
            assert "sendMessage" in methods(calls)
            assert not telegram.shows("tell the admin")


class TestNames:
    async def test_a_typed_id_leads_to_the_question_for_its_name(
        self, door: Door, connected: tuple[Device, str], telegram: OfflineTelegram
    ) -> None:
        await door.say(f"/rename {str(connected[0].id)[:8]}")
        assert "Send me the new name for" in telegram.texts(CHAT)[-1]
        assert methods(await door.say("Frankfurt")) == ["sendMessage", "deleteMessage"]
        assert "is now called" in telegram.texts(CHAT)[-1]
        renamed = await door.services.devices.get_device(connected[0].id)
        assert renamed.device_name == "Frankfurt"

    async def test_of_what_has_no_device_or_no_new_name_any_more_it_is_said(
        self, door: Door, connected: tuple[Device, str], telegram: OfflineTelegram
    ) -> None:
        await door.say("/register")
        await door.say("/rename nobody")
        assert "You have no device with the ID <code>nobody</code>." in telegram.texts(CHAT)[-1]
        await door.services.devices.revoke_device(connected[0].id)
        await door.say(f"/rename {connected[0].id}")
        assert "was already revoked" in telegram.texts(CHAT)[-1]
        await door.say("VPS-3")
        assert "I did not understand that." in telegram.texts(CHAT)[-1]
        assert not telegram.shows("What shall I call it?")

    @pytest.mark.usefixtures("connected")
    async def test_of_several_that_fit_the_one_that_was_tapped_is_asked_about(
        self, door: Door, connected: tuple[Device, str], telegram: OfflineTelegram
    ) -> None:
        other, _ = await door.services.devices.create_device(connected[0].client_id, "VPS-2")
        same = uuid.UUID(bytes=connected[0].id.bytes[:8] + other.id.bytes[8:])
        await rows.set_device(door.database, other.id, id=same)
        await door.say(f"/rename {str(same)[:8]}")
        assert "2 devices" in telegram.texts(CHAT)[-1]
        await door.press("VPS-2")
        assert "Send me the new name for <b>\u2068VPS-2\u2069</b>" in telegram.texts(CHAT)[-1]


class TestNewSecrets:
    @pytest.mark.usefixtures("connected")
    @pytest.mark.parametrize(("label", "seconds"), [("Stop at once", 0), ("1 hour", 3600), ("24 hours", 86400)])
    async def test_the_overlap_that_was_chosen_is_the_card_s(self, door: Door, label: str, seconds: int) -> None:
        await door.say("/devices")
        await door.press("VPS-1")
        await door.press("New secret")
        await door.press(label)
        card = await door.program.handouts.find_latest_card(CHAT)
        assert card is not None
        assert (card.state, card.pending_overlap) == (HandoutState.OFFERED, seconds)

    async def test_a_typed_id_leads_to_the_question_and_of_a_device_that_never_connected_to_the_card(
        self, door: Door, connected: tuple[Device, str], telegram: OfflineTelegram
    ) -> None:
        device, _ = connected
        never, _ = await door.services.devices.create_device(device.client_id, "VPS-2")
        await door.say(f"/rotate {str(device.id)[:8]}")
        assert "How long shall the old one keep working" in telegram.texts(CHAT)[-1]
        await door.say(f"/rotate {never.id}")
        assert "The old one then stops working at once." in telegram.texts(CHAT)[-1]
        await door.say("/rotate nobody")
        assert "You have no device with the ID <code>nobody</code>." in telegram.texts(CHAT)[-1]
        await door.services.devices.revoke_device(never.id)
        await door.say(f"/rotate {never.id}")
        assert "was already revoked" in telegram.texts(CHAT)[-1]

    @pytest.mark.parametrize("extra", ["", "1", "86401", "99999999999999999999", "abc"])
    async def test_an_overlap_that_nobody_offers_is_not_given(
        self, door: Door, connected: tuple[Device, str], telegram: OfflineTelegram, extra: str
    ) -> None:
        await door.say("/devices")
        on = telegram.screen(CHAT)[-1]["message_id"]
        calls = await door.tap(encode(Verb.ROTATE_NOW, connected[0].id, extra), on=on)
        [answer] = [call for call in calls if call.method == "answerCallbackQuery"]
        assert "changed meanwhile" in answer.text
        assert await door.program.handouts.find_latest_card(CHAT) is None

    async def test_asked_again_within_an_overlap_the_card_says_which_secret_stops(
        self, door: Door, connected: tuple[Device, str], telegram: OfflineTelegram
    ) -> None:
        await door.services.devices.rotate_secret(connected[0].id, timedelta(hours=1))
        for label, words in (
            ("24 hours", "The older of the two secrets in use stops as soon as you see this one."),
            ("Stop at once", "Both secrets in use then stop working at once."),
        ):
            await door.say("/devices")
            await door.press("VPS-1")
            await door.press("New secret")
            await door.press(label)
            assert words in telegram.texts(CHAT)[-1]

    async def test_reminders_come_at_their_time_and_lead_to_a_new_secret(
        self, working: Door, connected: tuple[Device, str], clock: FakeClock, telegram: OfflineTelegram
    ) -> None:
        await working.services.devices.rotate_secret(connected[0].id, timedelta(days=1))
        await asyncio.sleep(0.05)
        assert not any("old secret" in text for text in telegram.texts(CHAT))
        clock.advance(timedelta(hours=23))
        assert await sent(working, NoticeKind.OVERLAP_ENDS_SOON)
        assert "still uses its old secret, which stops <tg-time" in telegram.texts(CHAT)[-1]
        clock.advance(timedelta(hours=1))
        assert await sent(working, NoticeKind.OVERLAP_ENDED)
        assert "has stopped working, and the new one has not connected yet." in telegram.texts(CHAT)[-1]
        await working.press("New secret")
        assert "A new secret for" in telegram.texts(CHAT)[-1]

    async def test_a_reminder_that_is_not_true_any_more_is_not_sent(
        self, working: Door, connected: tuple[Device, str], clock: FakeClock
    ) -> None:
        device, _ = connected
        _, new = await working.services.devices.rotate_secret(device.id, timedelta(days=1))
        await working.services.devices.authenticate_device(device.id, new, address="203.0.113.7")
        clock.advance(timedelta(days=1))
        assert not await sent(working, NoticeKind.OVERLAP_ENDS_SOON)
        assert not await sent(working, NoticeKind.OVERLAP_ENDED)

    async def test_a_reminder_that_comes_after_the_end_is_left_to_the_word_at_the_end(
        self, working: Door, connected: tuple[Device, str], clock: FakeClock, telegram: OfflineTelegram
    ) -> None:
        await working.services.devices.rotate_secret(connected[0].id, timedelta(days=1))
        clock.advance(timedelta(days=1))
        await sent(working, NoticeKind.OVERLAP_ENDS_SOON)
        assert await sent(working, NoticeKind.OVERLAP_ENDED)
        assert not any("still uses its old secret" in text for text in telegram.texts(CHAT))
