"""Groups in chat: the question for one, picking several devices, and what is done with all of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from bot.chat.buttons import Turn, Verb, decode, encode
from tests import rows
from tests.chat.offline import methods
from tests.chat.speech import ANNA, BOB
from tests.services.test_catalogue import add

if TYPE_CHECKING:
    from storage.models import Device
    from tests.chat.conftest import Door
    from tests.chat.offline import Call, OfflineTelegram
    from tests.fakes import FakeClock

CHAT = ANNA["id"]


async def give(door: Door, count: int, clock: FakeClock, **more: object) -> list[Device]:
    """Let Anna have devices D-1, D-2 and so on; return them, the newest first."""
    anna = await door.enter()
    await add(door.database, clock, anna.client_id, [f"D-{number}" for number in range(1, count + 1)], **more)
    return await door.services.devices.list_devices(anna.client_id)


async def group_of(door: Door, device: Device) -> str | None:
    row = await rows.read_device(door.database, device.id)
    assert row is not None
    return row.group_name


def toast_of(calls: list[Call]) -> str:
    [answer] = [call for call in calls if call.method == "answerCallbackQuery"]
    return answer.text


def labels(telegram: OfflineTelegram) -> list[str]:
    """Return the buttons of the newest message."""
    keyboard = telegram.screen(CHAT)[-1].get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in keyboard for button in row]


async def open_question(door: Door, name: str = "D-1") -> None:
    await door.say("/devices")
    await door.press(name)
    await door.press("🗂 Group")


class TestTheQuestion:
    async def test_a_new_group_is_typed_and_the_card_says_so(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        [device] = await give(door, 1, clock)
        await open_question(door)
        assert "Send me a name for it." in telegram.texts(CHAT)[-1]
        calls = await door.say("  Office <b> ")
        assert methods(calls) == ["sendMessage", "deleteMessage"]
        assert "is now in the group <b>\u2068Office &lt;b&gt;\u2069</b>" in telegram.texts(CHAT)[-1]
        assert "Group: <b>\u2068Office &lt;b&gt;\u2069</b>" in telegram.texts(CHAT)[-1]
        assert await group_of(door, device) == "Office <b>"

    async def test_an_existing_group_is_tapped_and_so_is_none(self, door: Door, clock: FakeClock) -> None:
        [device] = await give(door, 1, clock)
        await add(door.database, clock, device.client_id, ["other"], group_name="Office")
        await open_question(door)
        calls = await door.press("Office")
        assert sorted(methods(calls)) == ["answerCallbackQuery", "editMessageText"]
        assert await group_of(door, device) == "Office"
        await door.press("🗂 Group")
        await door.press("No group")
        assert await group_of(door, device) is None

    @pytest.mark.parametrize(
        ("typed", "answer"),
        [
            ("x" * 101, "That name has 101 characters; 100 is the most."),
            ("\u200b", "A name needs at least one visible character."),
            ("a\nb", "A name fits on one line"),
        ],
    )
    async def test_what_is_no_name_is_told_and_asked_for_again(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock, typed: str, answer: str
    ) -> None:
        [device] = await give(door, 1, clock)
        await open_question(door)
        calls = await door.say(typed)
        assert methods(calls) == ["sendMessage", "deleteMessage"]
        assert answer in telegram.texts(CHAT)[-1]
        assert await group_of(door, device) is None
        await door.say("Office")
        assert await group_of(door, device) == "Office"

    async def test_a_photo_is_no_name(self, door: Door, telegram: OfflineTelegram, clock: FakeClock) -> None:
        await give(door, 1, clock)
        await open_question(door)
        await door.say(None, photo=[])
        assert "Please send the name of the group as text." in telegram.texts(CHAT)[-1]
        await door.press("Cancel")
        assert "Device ID" in telegram.texts(CHAT)[-1]

    async def test_it_can_be_taken_back_by_button_and_by_command(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        [device] = await give(door, 1, clock)
        await open_question(door)
        await door.press("Cancel")
        assert "Device ID" in telegram.texts(CHAT)[-1]
        await door.press("🗂 Group")
        await door.say("/cancel")
        assert telegram.texts(CHAT)[-1] == "Cancelled. The group stays."
        await door.say("Office")
        assert await group_of(door, device) is None

    async def test_groups_are_leafed_through(self, door: Door, telegram: OfflineTelegram, clock: FakeClock) -> None:
        anna = await door.enter()
        for number in range(10):
            await add(door.database, clock, anna.client_id, [f"x{number}"], group_name=f"group {number}")
        device = (await give(door, 1, clock))[0]
        await open_question(door)
        assert labels(telegram)[:8] == [f"group {number}" for number in range(8)]
        await door.press("Next")
        assert labels(telegram)[:2] == ["group 8", "group 9"]
        await door.press("Previous")
        assert labels(telegram)[:8] == [f"group {number}" for number in range(8)]
        await door.press("Next")
        await door.press("group 9")
        assert await group_of(door, device) == "group 9"

    async def test_a_group_of_another_page_is_not_taken_for_one_of_this(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        anna = await door.enter()
        for number in range(10):
            await add(door.database, clock, anna.client_id, [f"x{number}"], group_name=f"group {number}")
        device = (await give(door, 1, clock))[0]
        await open_question(door)
        on, data = telegram.find_button(CHAT, "group 3")
        await door.press("Next")
        assert "changed meanwhile" in toast_of(await door.tap(data, on=on))
        assert await group_of(door, device) is None
        assert "group 0" in labels(telegram)

    async def test_buttons_hold_no_name(self, door: Door, telegram: OfflineTelegram, clock: FakeClock) -> None:
        [device] = await give(door, 1, clock)
        await add(door.database, clock, device.client_id, ["other"], group_name="Office")
        await open_question(door)
        _, data = telegram.find_button(CHAT, "Office")
        tapped = decode(data)
        assert tapped is not None
        assert (tapped.verb, tapped.extra) == (Verb.CHOOSE_GROUP, "")
        assert tapped.id == uuid.uuid5(device.client_id, "Office")

    async def test_a_device_that_was_revoked_meanwhile_keeps_its_group(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        [device] = await give(door, 1, clock)
        await open_question(door)
        await door.services.devices.revoke_device(device.id)
        await door.say("Office")
        assert "was revoked meanwhile and keeps its group" in telegram.texts(CHAT)[-1]

    async def test_a_stale_button_is_answered_and_the_open_question_stays(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        [device] = await give(door, 1, clock)
        await add(door.database, clock, device.client_id, ["other"], group_name="Office")
        await open_question(door)
        on, data = telegram.find_button(CHAT, "Office")
        await door.press("Cancel")
        for verb in (data, encode(Verb.TURN_GROUPS, uuid.uuid4(), Turn.NEXT)):
            assert "changed meanwhile" in toast_of(await door.tap(verb, on=on))
        await door.say("/register")
        await door.tap(data, on=on)
        await door.say("VPS-1")
        assert await group_of(door, device) is None
        assert any("is almost ready" in text for text in telegram.texts(CHAT))


class TestPicking:
    async def test_several_are_picked_over_pages_and_revoked_in_one_confirmed_step(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        await give(door, 10, clock)
        await door.say("/devices")
        await door.press("Select several")
        assert "0 selected" in telegram.texts(CHAT)[-1]
        await door.press("D-10")
        assert "✅ D-10" in labels(telegram)
        await door.press("Next")
        await door.press("D-1")
        assert "2 selected" in telegram.texts(CHAT)[-1]
        assert labels(telegram)[:2] == ["▫️ D-2", "✅ D-1"]
        await door.press("Previous")
        assert labels(telegram)[0] == "✅ D-10"
        await door.press("Revoke (2)")
        assert telegram.texts(CHAT)[-1].startswith("<b>Revoke 2 devices?</b>")
        assert "D-10" in telegram.texts(CHAT)[-1]
        calls = await door.press("Yes, revoke")
        assert sorted(methods(calls)) == ["answerCallbackQuery", "editMessageText"]
        assert "2 devices are revoked since" in telegram.texts(CHAT)[-1]
        anna = await door.enter()
        revoked = [d.device_name for d in await rows.list_devices(door.database, anna.client_id) if d.revoked]
        assert sorted(revoked) == ["D-1", "D-10"]

    async def test_a_page_stays_where_it_is_when_devices_are_picked_on_it(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        await give(door, 20, clock)
        await door.say("/devices")
        await door.press("Select several")
        await door.press("Next")
        for number in (12, 8, 5):
            await door.press(f"D-{number}")
            shown = [label.split()[-1] for label in labels(telegram)[:8]]
            assert shown == [f"D-{number}" for number in range(12, 4, -1)]

    async def test_a_double_tap_picks_once(self, door: Door, telegram: OfflineTelegram, clock: FakeClock) -> None:
        await give(door, 2, clock)
        await door.say("/devices")
        await door.press("Select several")
        on, data = telegram.find_button(CHAT, "D-1")
        for _ in range(2):
            await door.tap(data, on=on)
        assert "1 selected" in telegram.texts(CHAT)[-1]
        await door.press("✅ D-1")
        assert "0 selected" in telegram.texts(CHAT)[-1]

    async def test_a_whole_group_is_moved_to_a_new_one(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        devices = await give(door, 3, clock, group_name="Office")
        await add(door.database, clock, devices[0].client_id, ["alone"])
        await door.say("/devices")
        await door.press("Select several")
        await door.press("A whole group")
        await door.press("Office")
        assert "3 selected" in telegram.texts(CHAT)[-1]
        await door.press("Group (3)")
        assert "Which group shall these 3 devices be in?" in telegram.texts(CHAT)[-1]
        await door.say("Home")
        assert "Put 3 devices into the group <b>\u2068Home\u2069</b>?" in telegram.texts(CHAT)[-1]
        assert {await group_of(door, device) for device in devices} == {"Office"}, "nothing before it is confirmed"
        await door.press("Yes, change it")
        assert "3 devices are now in the group" in telegram.texts(CHAT)[-1]
        assert {await group_of(door, device) for device in devices} == {"Home"}

    async def test_the_question_for_several_can_be_answered_with_none_and_taken_back(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        devices = await give(door, 2, clock, group_name="Office")
        await door.say("/devices")
        await door.press("Select several")
        await door.press("D-1")
        await door.press("Group (1)")
        await door.press("Cancel")
        assert "1 selected" in telegram.texts(CHAT)[-1]
        await door.press("Group (1)")
        await door.press("No group")
        await door.press("Back")
        assert {await group_of(door, device) for device in devices} == {"Office"}
        await door.press("Group (1)")
        await door.press("No group")
        await door.press("Yes, change it")
        assert "1 device is now in no group." in telegram.texts(CHAT)[-1]

    async def test_what_was_revoked_meanwhile_is_told_in_the_summary(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        devices = await give(door, 2, clock)
        await door.say("/devices")
        await door.press("Select several")
        for number in (1, 2):
            await door.press(f"D-{number}")
        await door.press("Revoke (2)")
        await door.services.devices.revoke_device(devices[0].id)
        await door.press("Yes, revoke")
        assert "1 device is revoked since" in telegram.texts(CHAT)[-1]
        assert "1 device was revoked already." in telegram.texts(CHAT)[-1]

    async def test_a_second_confirmation_is_told_the_same(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        await give(door, 2, clock)
        await door.say("/devices")
        await door.press("Select several")
        await door.press("D-1")
        await door.press("Revoke (1)")
        on, data = telegram.find_button(CHAT, "Yes, revoke")
        await door.tap(data, on=on)
        told = telegram.texts(CHAT)[-1]
        await door.tap(data, on=on)
        assert telegram.texts(CHAT)[-1] == told
        assert len(await rows.list_audit(door.database, "device_revoked")) == 1

    async def test_nobody_confirms_or_picks_for_somebody_else(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        devices = await give(door, 2, clock, group_name="Office")
        await door.say("/devices")
        await door.press("Select several")
        await door.press("D-1")
        await door.press("Revoke (1)")
        _, data = telegram.find_button(CHAT, "Yes, revoke")
        await door.say("/start", person=BOB)
        group_id = uuid.uuid5(devices[0].client_id, "Office")
        for forged in (
            data,
            encode(Verb.PICK, devices[0].id, "0"),
            encode(Verb.PICK_GROUP, group_id),
            encode(Verb.REVOKE_PICKED),
            encode(Verb.REGROUP_PICKED),
        ):
            assert toast_of(await door.tap(forged, person=BOB, on=telegram.screen(BOB["id"])[-1]["message_id"]))
        assert not any(device.revoked for device in await rows.list_devices(door.database, devices[0].client_id))
        assert not telegram.shows("number")

    async def test_a_page_that_is_no_longer_there_is_told(
        self, door: Door, telegram: OfflineTelegram, clock: FakeClock
    ) -> None:
        devices = await give(door, 9, clock)
        for heading in ("/devices", "Select several"):
            await (door.say(heading) if heading.startswith("/") else door.press(heading))
            on, data = telegram.find_button(CHAT, "Next")
            await rows.set_device(door.database, devices[-1].id, revoked=True)
            assert "changed meanwhile" in toast_of(await door.tap(data, on=on))
            await rows.set_device(door.database, devices[-1].id, revoked=False)
            await door.say("/devices")
