"""An admin revokes, and the owner is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import Costs, button_of, plain

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_without_a_reason_the_admin_is_asked_for_one(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    why = await house.olga.ask(f"/revoke {str(device.id)[:8]}", "Why? The owner will read it.")
    assert why.labels == [["Lost or stolen", "Secret leaked"], ["No longer needed", "No reason"], ["Cancel"]]
    question = await house.olga.follow("Secret leaked", "The owner will read: Secret leaked", why)
    await house.olga.follow("Yes, revoke", "is revoked since", question)
    assert "Reason: Secret leaked" in (await anna.sees("An admin revoked your device")).text


async def test_no_reason_is_a_reason(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    why = await house.olga.ask(f"/revoke {device.fingerprint}", "Why? The owner will read it.")
    await house.olga.follow("No reason", "Yes, revoke", why)
    await house.olga.follow("Yes, revoke", "is revoked since", house.olga.find(why.message_id))
    assert "Reason" not in (await anna.sees("An admin revoked your device")).text


async def test_an_admin_can_think_again(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    why = await house.olga.ask(f"/revoke {str(device.id)[:8]}", "Why?")
    await house.olga.follow("Cancel", "Cancelled. Nothing was revoked.", why)
    assert [device.revoked for device in await house.owned(anna)] == [False]


async def test_a_full_id_acts_at_once(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    house.olga.start_counting()
    await house.olga.ask(f"/revoke {device.id} lost", "is revoked since")
    assert "Reason: lost" in (await anna.sees("An admin revoked your device")).text
    assert await house.olga.count() == Costs(sends=1, edits=0, tap_answers=0, deletions=0)
    again = await house.olga.ask(f"/revoke {device.id} lost", "was revoked")
    assert again.text.endswith("by Olga.")
    assert anna.times_shown("An admin revoked your device") == 1


async def test_a_long_reason_is_cut_visibly_and_never_stands_in_the_way(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    question = await house.olga.ask(f"/revoke {str(device.id)[:8]} {'long ' * 100}", "Revoke this device?")
    assert question.text.endswith("…")
    await house.olga.follow("Yes, revoke", "is revoked since", question)
    reason = plain((await anna.sees("Reason: ")).text).partition("Reason: ")[2].partition("\n")[0]
    assert len(reason) <= 200
    assert reason.endswith("…")


async def test_an_owner_who_was_revoked_sees_by_whom(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    await house.olga.ask(f"/revoke {device.id} Laptop stolen", "is revoked since")
    told = await anna.sees("An admin revoked your device")
    devices = await anna.follow("My devices", "You have no devices now.", told)
    card = await anna.follow("D-1", "Device ID", await anna.follow("Revoked (1)", "Revoked devices", devices))
    assert card.text.endswith("by an admin: Laptop stolen")


async def test_an_owner_who_blocked_the_bot_is_reported_to_the_admin(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    house.sandbox.block(anna.id)
    told = await house.olga.ask(f"/revoke {device.id}", "could not be told: they have blocked me.")
    assert "D-1" in told.text


async def test_an_unknown_device_is_told(house: House) -> None:
    await house.olga.ask("/revoke 00000000 lost", "I know no device with the ID 00000000.")


async def test_an_admin_question_is_of_no_use_to_anybody_else(house: House) -> None:
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    question = await house.olga.ask(f"/revoke {str(device.id)[:8]} lost", "Revoke this device?")
    yes = button_of(question, "Yes, revoke")
    mine = await anna.ask("/help", "What I do")
    pressed = await anna.forge(yes, mine.message_id)
    assert (pressed.text, pressed.show_alert) == ("You can no longer do that.", True)
    await anna.fence()
    assert anna.find(mine.message_id).labels == []  # type: ignore[union-attr]
    await anna.forge(yes, question.message_id, chat=house.olga.id)
    assert [device.revoked for device in await house.owned(anna)] == [False]


async def test_only_admins_see_the_admins_commands(house: House) -> None:
    anna = await house.trader()
    await house.olga.ask("/start", "Register a device")
    menus = [call for call in house.sandbox.calls if call.method == "setMyCommands" and call.status == 200]
    shown = {str(call.parameters["scope"]): str(call.parameters["commands"]) for call in menus}
    assert not [
        scope for scope, commands in shown.items() if "any device" in commands and str(house.olga.id) not in scope
    ]
    assert "any device" in next(commands for scope, commands in shown.items() if str(house.olga.id) in scope)
    assert "reason" not in (await anna.ask("/help", "What I do")).text
    assert "reason" in (await house.olga.ask("/help", "What I do")).text
