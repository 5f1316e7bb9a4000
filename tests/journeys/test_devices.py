"""What a trader does with devices: look, search, rename, take a new secret, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.models import HandoutState
from tests.journeys import evidence
from tests.journeys.people import Costs, button_of, plain, read_id

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_nobody_has_devices_at_first(house: House) -> None:
    anna = await house.trader()
    none = await anna.ask("/devices", "You have no devices yet.")
    assert none.labels == [["➕ Register a device", "Back"]]


async def test_of_several_taps_on_next_that_wait_one_leads_to_an_edit_and_all_are_answered(house: House) -> None:
    anna = await house.trader(devices=9)
    first = await anna.ask("/devices", "Your devices")
    await anna.fence()
    anna.start_counting()
    # what is done without waiting reaches the bot all at once
    for _ in range(4):
        anna.sandbox.tap(anna.id, "Next", message_id=first.message_id)
    await anna.sees("Previous")
    costs = await anna.count()
    assert costs == Costs(sends=0, edits=1, tap_answers=4, deletions=0)


async def test_a_search_lists_what_fits(house: House) -> None:
    anna = await house.trader(devices=3)
    devices = await anna.ask("/devices", "Your devices")
    question = await anna.follow("Search", "Send me part of a name, or a fingerprint.", devices)
    assert question.message_id == devices.message_id
    found = await anna.ask("d-2", "found")
    assert plain(found.text).splitlines() == ["1 found for d-2", "", "⚪ D-2 · never connected"]
    await anna.fence()
    assert anna.find(question.message_id) is None
    await anna.follow("D-2", "Device ID", found)


async def test_a_search_finds_a_fingerprint_and_tells_when_nothing_fits(house: House) -> None:
    anna = await house.trader(devices=2)
    [newest, _] = await house.owned(anna)
    await anna.follow("Search", "Send me part of a name", await anna.ask("/devices", "Your devices"))
    found = await anna.ask(newest.fingerprint, "1 found")
    again = await anna.follow("Search", "Send me part of a name", found)
    assert again.message_id == found.message_id
    nothing = await anna.ask("<i>gold", "Nothing found for")
    assert plain(nothing.text) == "Nothing found for <i>gold."


async def test_a_typed_cancel_of_a_search_leads_back_to_the_list(house: House) -> None:
    anna = await house.trader(devices=1)
    question = await anna.follow("Search", "Send me part of a name", await anna.ask("/devices", "Your devices"))
    await anna.ask("/cancel", "Your devices")
    await anna.fence()
    assert anna.find(question.message_id) is None


async def test_revoked_devices_have_a_list_of_their_own(house: House) -> None:
    anna = await house.trader(devices=2)
    [newest, _] = await house.owned(anna)
    await house.devices.revoke_device(newest.id, actor=f"chat:{anna.id}")
    devices = await anna.ask("/devices", "Your devices")
    assert "D-2" not in devices.text
    revoked = await anna.follow("Revoked (1)", "Revoked devices", devices)
    assert plain(revoked.text).splitlines()[2].startswith("⛔ D-2 · revoked ")
    card = await anna.follow("D-2", "by you.", revoked)
    assert card.labels == [["Back"]]
    await anna.follow("Active (1)", "Your devices", await anna.follow("Back", "Revoked devices", card))


async def test_a_typed_rename_asks_which_device(house: House) -> None:
    anna = await house.trader(devices=2)
    which = await anna.ask("/rename", "Which device?")
    assert which.labels == [["D-2", "D-1"], ["Cancel"]]
    await anna.follow("D-1", "Send me the new name for", which)
    await anna.ask("Frankfurt", "is now called")


async def test_a_rename_can_be_cancelled(house: House) -> None:
    anna = await house.trader(devices=1)
    question = await anna.follow("Rename", "Send me the new name for", await anna.open_card("D-1"))
    card = await anna.follow("Cancel", "Device ID", question)
    assert card.message_id == question.message_id
    await anna.follow("Rename", "Send me the new name for", card)
    await anna.ask("/cancel", "Cancelled. The name stays.")
    assert [device.device_name for device in await house.owned(anna)] == ["D-1"]


async def test_a_rename_to_the_same_or_to_a_taken_name_is_told(house: House) -> None:
    anna = await house.trader(devices=2)
    await anna.follow("Rename", "Send me the new name for", await anna.open_card("D-1"))
    taken = await anna.ask("D-2", "You already have a device called")
    assert taken.labels == [["Use “D-3”"], ["Cancel"]]
    renamed = await anna.follow("Use “D-3”", "is now called", taken)
    assert renamed.message_id == taken.message_id
    await anna.follow("Rename", "Send me the new name for", renamed)
    await anna.ask("D-3", "It is already called \u2068D-3\u2069.")


async def test_a_device_revoked_while_its_new_name_was_typed_keeps_its_name(house: House) -> None:
    anna = await house.trader(devices=1)
    await anna.follow("Rename", "Send me the new name for", await anna.open_card("D-1"))
    [device] = await house.owned(anna)
    await house.devices.revoke_device(device.id)
    await anna.ask("Frankfurt", "was revoked meanwhile and keeps its name.")


async def test_a_new_secret_that_was_not_looked_at_changes_nothing(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    offer = await anna.follow("VPS-1", "is waiting", await anna.ask("/rotate", "Which device?"))
    await anna.follow("Cancel", "The old secret keeps working.", offer)
    await house.devices.authenticate_device(registered.id, registered.secret)


async def test_a_typed_revocation_asks_first(house: House) -> None:
    anna = await house.trader(devices=2)
    [newest, oldest] = await house.owned(anna)
    await anna.follow("Back", "Device ID", await anna.ask(f"/revoke {newest.id}", "Revoke \u2068D-2\u2069?"))
    which = await anna.ask("/revoke", "Which device?")
    await anna.follow("Yes, revoke", "is revoked since", await anna.follow("D-1", "It stops working at once", which))
    assert [device.id for device in await house.owned(anna) if device.revoked] == [oldest.id]


async def test_a_question_older_than_a_quarter_of_an_hour_is_asked_anew(house: House) -> None:
    anna = await house.trader(devices=1)
    question = await anna.ask(f"/revoke {(await house.owned(anna))[0].id}", "Revoke \u2068D-1\u2069?")
    verb, device_id, asked_at = button_of(question, "Yes, revoke").split(":")
    pressed = await anna.forge(f"{verb}:{device_id}:{int(asked_at) - 901}", question.message_id)
    assert pressed.text == "Please check again first."
    assert [device.revoked for device in await house.owned(anna)] == [False]


async def test_a_card_that_waits_and_a_secret_on_the_screen_go_away_with_their_device(house: House) -> None:
    anna = await house.trader(devices=1)
    registered = await anna.open_secret("VPS-1")
    await house.until_state(anna, HandoutState.SHOWN)
    await anna.ask(f"/revoke {registered.id}", "Revoke")
    await anna.follow("Yes, revoke", "is revoked since")
    await anna.misses("The secret of")
    await evidence.check_times(house.sandbox, house.database)
    await anna.follow("D-1", "is waiting", await anna.ask("/rotate", "Which device?"))
    [device] = [device for device in await house.owned(anna) if not device.revoked]
    await house.devices.revoke_device(device.id)
    await anna.misses("is waiting")


async def test_a_device_of_somebody_else_is_unknown(house: House) -> None:
    anna, boris = await house.trader("Anna", devices=1), await house.trader("Boris", devices=1)
    [his] = await house.owned(boris)
    for typed in (str(his.id), str(his.id)[:8]):
        await anna.ask(f"/revoke {typed}", f"You have no device with the ID {typed}.")
    await anna.ask("/revoke all of them", "You have no device with the ID all.")
    assert [device.revoked for device in await house.owned(boris)] == [False]


async def test_the_menu_counts_the_devices(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    await anna.register("VPS-2")
    await house.devices.authenticate_device(registered.id, registered.secret)
    menu = await anna.ask("/start", "2 devices · 1 seen today · 1 never connected")
    await anna.follow("Back", "2 devices", await anna.follow("My devices", "Your devices", menu))
    assert read_id(registered.card) == registered.id
