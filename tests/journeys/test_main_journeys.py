"""The main journeys, on both databases, with what each costs in calls that Telegram counts."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.services.errors import DeviceRevoked, InvalidCredentials
from tests.conftest import POSTGRESQL, SQLITE
from tests.journeys import evidence
from tests.journeys.people import PATIENCE, Costs, Registered, Trader, plain, read_id
from tests.journeys.running import SECRET_TTL

if TYPE_CHECKING:
    from tests.journeys.conftest import House, Houses

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(scope="module", loop_scope="package", params=[SQLITE, POSTGRESQL])
async def house(houses: Houses, request: pytest.FixtureRequest) -> House:
    """A bot on each database."""
    return await houses.get(request.param)


@pytest_asyncio.fixture(scope="module", loop_scope="package", autouse=True)
async def left_alone(house: House) -> tuple[Trader, Registered]:
    """Somebody with a secret that nobody touches: its time passes while the other tests run."""
    anna = await house.trader()
    return anna, await anna.open_secret("VPS-1")


async def test_a_name_is_asked_for_and_leads_to_a_card(house: House) -> None:
    anna = await house.trader()
    question = await anna.ask("/register", "What shall I call it?")
    card = await anna.ask("VPS-1", "is almost ready")
    await anna.misses("What shall I call it?")
    assert anna.find(question.message_id) is None
    assert card.protected
    assert card.silent
    assert card.labels == [["📋 Copy device ID"], ["🔑 Show secret"], ["Cancel"]]
    assert (await anna.sandbox.press(anna.id, "Copy device ID")).copied == str(read_id(card))
    assert await house.rows(anna) == []


async def test_registering_with_a_name_asked_for_costs_five_counted_calls(house: House) -> None:
    anna = await house.trader()
    anna.start_counting()
    await anna.ask("/register", "What shall I call it?")
    card = await anna.ask("VPS-1", "is almost ready")
    await anna.show_secret(card)
    await anna.tap("I saved it", card)
    await anna.sees("is registered")
    assert await anna.count() == Costs(sends=3, edits=2, tap_answers=2, deletions=2)


async def test_registering_with_the_name_given_costs_four_counted_calls(house: House) -> None:
    anna = await house.trader()
    anna.start_counting()
    await anna.register("VPS-1")
    assert await anna.count() == Costs(sends=2, edits=2, tap_answers=2, deletions=1)


async def test_the_secret_goes_and_the_receipt_comes_when_it_was_saved(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    assert anna.find(registered.card.message_id) is None
    assert anna.looks(registered.card.message_id)[-1] == "🔒 The secret was here. It has been removed."
    receipt = await anna.sees("is registered")
    device = await house.devices.get_device(registered.id)
    assert f"Device ID: {device.id}" in receipt.text
    assert f"Fingerprint: {device.fingerprint}" in receipt.text
    assert re.search(r"removed after \d seconds?\.", receipt.text)
    assert receipt.silent
    assert [device.device_name for device in await house.owned(anna)] == ["VPS-1"]


async def test_a_device_authenticates_with_the_secret_that_was_shown_and_with_no_other(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    other = (await anna.register("other")).secret
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(read_id(card), other)
    secret = await anna.show_secret(card)
    await anna.tap("I saved it", card)
    await anna.sees("\u2068VPS-1\u2069 is registered")
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(read_id(card), other)
    assert (await house.devices.authenticate_device(read_id(card), secret)).id == read_id(card)


async def test_the_first_login_is_told_once(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    await house.devices.authenticate_device(registered.id, registered.secret, address="203.0.113.7")
    await house.devices.authenticate_device(registered.id, registered.secret, address="203.0.113.8")
    told = await anna.sees("connected for the first time")
    assert plain(told.text) == "🟢 VPS-1 connected for the first time, from 203.0.113.7. All set."
    assert told.silent
    assert "Seen" in (await anna.follow("Open device", "Device ID", told)).text
    assert anna.times_shown("connected for the first time") == 1


async def test_two_people_at_once_see_only_their_own(house: House) -> None:
    anna, boris = await house.trader("Anna"), await house.trader("Boris")
    hers, his = await asyncio.gather(anna.register("VPS-1"), boris.register("VPS-1"))
    assert hers.secret != his.secret
    for trader, other in ((anna, his), (boris, hers)):
        devices = await trader.ask("/devices", "Your devices")
        assert plain(devices.text).startswith("Your devices · 1 of 10\n")
        assert str(other.id) not in str(house.sandbox.history(trader.id))
        assert other.secret not in str(house.sandbox.history(trader.id))


async def test_an_expired_card_says_so_by_itself_and_costs_two_counted_calls(house: House) -> None:
    anna = await house.trader()
    anna.start_counting()
    card = await anna.take_card("VPS-1")
    await house.let_cards_expire(anna)
    expired = await anna.sees("has expired. Nothing was registered.")
    assert expired.message_id == card.message_id
    assert await anna.count() == Costs(sends=1, edits=1, tap_answers=0, deletions=0)
    again = await anna.follow("Try again", "is almost ready", expired)
    await anna.fence()
    assert anna.find(expired.message_id) is None
    await anna.show_secret(again)


async def test_a_list_of_more_than_eight_has_pages(house: House) -> None:
    anna = await house.trader(devices=9)
    first = await anna.ask("/devices", "Your devices")
    assert plain(first.text).splitlines()[0] == "Your devices · 9 of 10"
    assert len(plain(first.text).splitlines()) == 2 + 8
    assert "Previous" not in str(first.labels)
    second = await anna.follow("Next", "D-1", first)
    assert second.message_id == first.message_id
    assert plain(second.text).splitlines()[2:] == ["⚪ D-1 · never connected"]
    assert "Next" not in str(second.labels)
    back = await anna.follow("Previous", "D-9", second)
    assert plain(back.text) == plain(first.text)


async def test_going_to_a_card_and_back_costs_three_counted_calls(house: House) -> None:
    anna = await house.trader(devices=2)
    anna.start_counting()
    devices = await anna.ask("/devices", "Your devices")
    card = await anna.follow("D-1", "Device ID", devices)
    assert card.message_id == devices.message_id
    await anna.follow("Back", "Your devices", card)
    assert await anna.count() == Costs(sends=1, edits=2, tap_answers=2, deletions=0)


async def test_renaming_from_the_card_costs_two_counted_calls(house: House) -> None:
    anna = await house.trader(devices=1)
    card = await anna.open_card("D-1")
    anna.start_counting()
    question = await anna.follow("Rename", "Send me the new name for \u2068D-1\u2069.", card)
    renamed = await anna.ask("Frankfurt", "is now called")
    assert await anna.count() == Costs(sends=1, edits=1, tap_answers=1, deletions=1)
    assert question.message_id == card.message_id
    assert anna.find(question.message_id) is None
    assert plain(renamed.text).startswith(
        "✏️ D-1 is now called Frankfurt. Your terminal needs no change.\n\n⚪ Frankfurt"
    )
    assert [device.device_name for device in await house.owned(anna)] == ["Frankfurt"]


async def test_a_device_that_never_connected_gets_its_new_secret_without_a_question(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    card = await anna.follow("New secret", "A new secret for", await anna.open_card("VPS-1"))
    assert card.protected
    assert card.silent
    secret = await anna.show_secret(card)
    assert secret != registered.secret
    await anna.tap("I saved it", card)
    receipt = await anna.sees("has a new secret.")
    assert "The old secret has stopped working." in receipt.text
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(registered.id, registered.secret)
    await house.devices.authenticate_device(registered.id, secret)


async def test_a_new_secret_for_a_connected_device_costs_five_counted_calls(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    await house.devices.authenticate_device(registered.id, registered.secret)
    await anna.sees("connected for the first time")
    card = await anna.open_card("VPS-1")
    anna.start_counting()
    question = await anna.follow("New secret", "A new secret for", card)
    assert question.message_id == card.message_id
    offer = await anna.follow("Stop at once", "is waiting", question)
    secret = await anna.show_secret(offer)
    await anna.tap("I saved it", offer)
    await anna.sees("has a new secret.")
    assert await anna.count() == Costs(sends=2, edits=3, tap_answers=4, deletions=2)
    assert anna.find(question.message_id) is None
    await house.devices.authenticate_device(registered.id, secret)


async def test_an_old_secret_goes_on_until_the_new_one_connects_and_its_owner_is_told(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    await house.devices.authenticate_device(registered.id, registered.secret)
    question = await anna.follow("New secret", "How long shall the old one keep working", await anna.open_card("VPS-1"))
    assert question.labels == [["Stop at once"], ["1 hour", "24 hours"], ["Back"]]
    offer = await anna.follow("24 hours", "The old one then works for 24 hours more", question)
    secret = await anna.show_secret(offer)
    await anna.tap("I saved it", offer)
    await anna.sees("or until the new one connects.")
    await house.devices.authenticate_device(registered.id, registered.secret)
    assert "The old secret " in (await anna.open_card("VPS-1")).text
    await house.devices.authenticate_device(registered.id, secret, address="203.0.113.7")
    told = await anna.sees("connected with its new secret, from 203.0.113.7. The old one has stopped working.")
    assert told.silent
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(registered.id, registered.secret)


async def test_a_new_secret_that_is_tried_again_keeps_the_overlap_that_was_chosen(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    await house.devices.authenticate_device(registered.id, registered.secret)
    question = await anna.follow("New secret", "How long shall the old one keep working", await anna.open_card("VPS-1"))
    await anna.follow("24 hours", "The old one then works for 24 hours more", question)
    await house.let_cards_expire(anna)
    again = await anna.follow("Try again", "is waiting", await anna.sees("has expired"))
    assert "The old one then works for 24 hours more" in again.text


async def test_several_devices_are_grouped_and_revoked_in_one_confirmed_step(house: House) -> None:
    anna = await house.trader(devices=9)
    card = await anna.open_card("D-9")
    anna.start_counting()
    question = await anna.follow("Group", "Which group shall", card)
    grouped = await anna.ask("Office", "is now in the group \u2068Office\u2069.")
    assert await anna.count() == Costs(sends=1, edits=1, tap_answers=1, deletions=1)
    assert anna.find(question.message_id) is None
    assert "Group: \u2068Office\u2069" in grouped.text
    devices = await anna.ask("/devices", "Your devices")
    anna.start_counting()
    selection = await anna.follow("Select several", "0 selected", devices)
    await anna.follow("A whole group", "All of its devices will be selected.", selection)
    await anna.follow("Office", "1 selected")
    await anna.tap("Next", selection)
    await anna.follow("D-1", "2 selected")
    await anna.follow("Revoke (2)", "Revoke 2 devices?")
    done = await anna.follow("Yes, revoke", "2 devices are revoked since")
    assert done.message_id == devices.message_id
    assert await anna.count() == Costs(sends=0, edits=7, tap_answers=7, deletions=0)
    assert sorted(device.device_name for device in await house.owned(anna) if device.revoked) == ["D-1", "D-9"]


async def test_revoking_from_the_card_costs_two_counted_calls(house: House) -> None:
    anna = await house.trader()
    registered = await anna.register("VPS-1")
    card = await anna.open_card("VPS-1")
    anna.start_counting()
    question = await anna.follow("Revoke", "Revoke \u2068VPS-1\u2069?", card)
    revoked = await anna.follow("Yes, revoke", "is revoked since", question)
    assert await anna.count() == Costs(sends=0, edits=2, tap_answers=2, deletions=0)
    assert card.message_id == question.message_id == revoked.message_id
    with pytest.raises(DeviceRevoked):
        await house.devices.authenticate_device(registered.id, registered.secret)
    await anna.take_card("VPS-1")


async def test_revoking_by_a_short_id_costs_two_counted_calls_and_one_with_the_owner(house: House) -> None:
    anna = await house.trader()
    [device] = [await anna.register("VPS-1")]
    short = str(device.id)[:8]
    anna.start_counting()
    house.olga.start_counting()
    question = await house.olga.ask(f"/revoke {short} Laptop <stolen> & gone", "Revoke this device?")
    assert question.text == (
        f"Revoke this device?\nDevice: VPS-1 ({short})\nOwner: Anna\nNever connected.\n"
        "The owner will read: Laptop <stolen> & gone"
    )
    revoked = await house.olga.follow("Yes, revoke", "is revoked since", question)
    assert revoked.message_id == question.message_id
    assert revoked.text.endswith("I am telling the owner.")
    told = await anna.sees("An admin revoked your device")
    assert "Reason: Laptop <stolen> & gone\n" in told.text
    assert not told.silent
    assert await house.olga.count() == Costs(sends=1, edits=1, tap_answers=1, deletions=0)
    assert await anna.count() == Costs(sends=1, edits=0, tap_answers=0, deletions=0)
    assert [device.revoke_reason for device in await house.owned(anna)] == ["Laptop <stolen> & gone"]


async def test_a_secret_is_destroyed_when_its_time_is_up(house: House, left_alone: tuple[Trader, Registered]) -> None:
    anna, registered = left_alone
    receipt = await anna.sees("is registered", timeout=SECRET_TTL + PATIENCE)
    assert "removed after 1" in receipt.text
    [look] = evidence.sightings(house.sandbox, registered.secret)
    assert look.real_until is not None
    assert SECRET_TTL - 1 <= look.real_until - look.real_from <= SECRET_TTL + evidence.LATENESS
    assert anna.find(registered.card.message_id) is None
    await house.devices.authenticate_device(registered.id, registered.secret)
    await evidence.check_times(house.sandbox, house.database, anna.id)


async def test_secrets_are_nowhere_but_in_their_messages(house: House) -> None:
    assert len(evidence.sent_secrets(house.sandbox)) > 1
    evidence.check_places(house.sandbox)
    await evidence.check_rest(house.sandbox, house.database, house.bot.log)
