"""Admins find clients, suspend and resume them, revoke all they have, limit them and forget them."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.chat.buttons import Verb, decode, encode
from bot.chat.places import (
    PEOPLE,
    AuditPlace,
    ClientListing,
    ClientPlace,
    DevicePlace,
    decode_audit,
    decode_clients,
    decode_devices,
    encode_audit,
    encode_clients,
    encode_devices,
)
from bot.services.audit_trail import Scope
from bot.services.catalogue import Shelf
from bot.services.directory import PAGE_SIZE, Edge
from bot.services.errors import ClientSuspended, DeviceRevoked
from storage.directory import Field
from tests import rows
from tests.chat import speech
from tests.chat.offline import methods
from tests.chat.rules import ADMIN_VERBS
from tests.chat.speech import ANNA, BOB, OLGA, message, person
from tests.fakes import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.services.clients import Person
    from storage.models import Device
    from tests.chat.conftest import Door
    from tests.fakes import FakeClock

ADMIN = OLGA["id"]
SECOND = timedelta(seconds=1)


@pytest.fixture
async def working(door: Door) -> AsyncIterator[Door]:
    """The bot with its notifier at work."""
    task = asyncio.create_task(door.program.notifier.run())
    yield door
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def anna(door: Door) -> Person:
    return await door.enter(ANNA)


async def give(door: Door, owner: Person, *names: str) -> list[tuple[Device, str]]:
    return [await door.services.devices.create_device(owner.client_id, name) for name in names]


async def say(door: Door, text: str) -> str:
    """Let Olga say something; return the newest message in her chat."""
    await door.say(text, person=OLGA)
    return door.telegram.texts(ADMIN)[-1]


async def press(door: Door, label: str) -> str:
    """Let Olga press a button; return what its message says then."""
    on, data = door.telegram.find_button(ADMIN, label)
    await door.tap(data, on=on, person=OLGA)
    return str(door.telegram.messages.get((ADMIN, on), {}).get("text", door.telegram.texts(ADMIN)[-1]))


def toasts(door: Door) -> list[str]:
    return [call.text for call in door.telegram.made("answerCallbackQuery")]


async def until_read(door: Door, words: str, chat: int = ANNA["id"]) -> str:
    await until(lambda: any(words in text for text in door.telegram.texts(chat)))
    return next(text for text in door.telegram.texts(chat) if words in text)


# ── finding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_menu_has_a_button_for_admins_alone_and_it_leads_on(door: Door, anna: Person) -> None:
    await door.say("/start", person=OLGA)
    assert "For admins" in await press(door, "Admin")
    assert "Anna" in await press(door, "Clients")
    await door.say("/start")
    assert "Admin" not in str(door.telegram.screen(ANNA["id"])[-1])


async def test_clients_are_listed_and_turned_and_opened(door: Door, clock: FakeClock) -> None:
    for number in range(PAGE_SIZE + 1):
        clock.advance(SECOND)
        await door.enter(person(1000 + number, f"Client {number}"))
    clock.advance(SECOND)
    first = await say(door, "/clients")
    assert (first.count("Client "), "Olga" in first) == (PAGE_SIZE - 1, True)
    assert "Client 0" in await press(door, "Next")
    assert "Olga" in await press(door, "Previous")
    assert "Client ID" in await press(door, "Client 8")


async def test_a_search_is_typed_behind_the_command_or_asked_for(door: Door, anna: Person) -> None:
    await door.enter(BOB)
    await give(door, anna, "Frankfurt")
    found = await say(door, "/clients frank")
    assert "Found" in found
    assert "<code>Anna</code> @anna_fx · <code>Frankfurt</code>" in found
    assert "Nothing begins with <code>zz</code>" in await say(door, "/clients zz")
    assert "beginning of a name" in await press(door, "Search")
    assert "Anna" in await say(door, "@ANNA")
    assert "Bob" not in door.telegram.texts(ADMIN)[-1]
    await press(door, "Search")
    await door.receive(message(person=OLGA, sticker={"file_id": "x"}))
    assert "beginning of a name" in door.telegram.texts(ADMIN)[-1], "the question is asked again below"


@pytest.mark.parametrize("typed", ["{id}", "{short}", "101", "@anna_fx", "@ANNA_FX"])
async def test_a_card_is_opened_by_what_an_admin_knows(door: Door, anna: Person, typed: str) -> None:
    await give(door, anna, "VPS-1")
    full = str(anna.client_id)
    card = await say(door, f"/client {typed.format(id=full, short=full[:8])}")
    for words in (full, "1 of 10 devices", "<code>Anna</code> @anna_fx · <code>101</code>", "Active"):
        assert words in card


@pytest.mark.parametrize("typed", ["0", "00000000", "@nobody", "Anna", "<b>", "9" * 400, "' OR 1=1"])
async def test_an_unknown_client_is_told(door: Door, anna: Person, typed: str) -> None:
    assert "I know no client" in await say(door, f"/client {typed}")


async def test_without_an_argument_the_command_offers_the_list(door: Door, anna: Person) -> None:
    assert "<b>Clients</b>" in await say(door, "/client")


async def test_what_fits_two_is_offered(door: Door) -> None:
    for number in (1, 2):
        await door.enter(person(number, f"Twin {number}", username="twin"))
    assert "Several clients fit" in await say(door, "/client @twin")
    assert "Client ID" in await press(door, "Twin 2")


async def test_devices_are_opened_and_revoked_from_the_card(working: Door, anna: Person) -> None:
    [(device, secret)] = await give(working, anna, "VPS-1")
    await say(working, "/client @anna_fx")
    assert "Devices of" in await press(working, "Devices (1)")
    assert str(device.id) in await press(working, "VPS-1")
    assert "Why?" in await press(working, "Revoke")
    await press(working, "Secret leaked")
    assert "is revoked since" in await press(working, "Yes, revoke")
    assert "Reason: <i>Secret leaked</i>" in await until_read(working, "revoked your device")
    assert "1 revoked" in await press(working, "Open client")
    await press(working, "Devices (0)")
    assert "Revoked devices" in await press(working, "Revoked (1)")
    assert "by <code>Olga</code>" in await press(working, "VPS-1")
    with pytest.raises(DeviceRevoked):
        await working.services.devices.authenticate_device(device.id, secret)


async def test_devices_have_pages(door: Door, anna: Person, clock: FakeClock) -> None:
    for number in range(PAGE_SIZE + 1):
        clock.advance(SECOND)
        await give(door, anna, f"VPS-{number}")
    await say(door, "/client @anna_fx")
    assert "VPS-0" not in await press(door, "Devices (9)")
    assert "VPS-0" in await press(door, "Next")
    assert "VPS-8" in await press(door, "Previous")


async def test_a_reason_that_was_typed_for_one_device_is_not_used_for_another(door: Door, anna: Person) -> None:
    [(device, _), (other, _)] = await give(door, anna, "VPS-1", "VPS-2")
    await say(door, f"/revoke {str(device.id)[:8]} stolen")
    await say(door, "/client @anna_fx")
    await press(door, "Devices (2)")
    await press(door, "VPS-2")
    assert "stolen" not in await press(door, "Revoke")
    await press(door, "No reason")
    await press(door, "Yes, revoke")
    assert (await door.services.devices.get_device(other.id)).revoke_reason is None


# ── suspending ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_client_is_paused_from_its_card_and_goes_on(working: Door, anna: Person) -> None:
    [(device, secret)] = await give(working, anna, "VPS-1")
    await say(working, "/client @anna_fx")
    assert "Pause this client?" in await press(working, "Pause")
    assert "Its people will read: <i>No longer needed</i>" in await press(working, "No longer needed")
    assert "is paused since" in await press(working, "Yes, pause")
    told = await until_read(working, "paused your access")
    assert "Reason: <i>No longer needed</i>" in told
    with pytest.raises(ClientSuspended):
        await working.services.devices.authenticate_device(device.id, secret)
    await working.say("/devices")
    assert working.telegram.texts(ANNA["id"])[-1].startswith("Your access is paused")
    card = await press(working, "Open client")
    assert "by <code>Olga</code>" in card
    assert "Reason: <i>No longer needed</i>" in card
    assert "goes on since" in await press(working, "Resume")
    await until_read(working, "resumed your access")
    assert (await working.services.devices.authenticate_device(device.id, secret)).id == device.id


async def test_a_reason_can_be_sent_and_is_asked_about(working: Door, anna: Person) -> None:
    await say(working, "/client @anna_fx")
    await press(working, "Pause")
    assert "Its people will read: <i>unpaid &lt;b&gt; &amp; co</i>" in await say(working, "unpaid <b> & co")
    assert not (await working.enter(ANNA)).is_suspended, "a reason alone pauses nobody"
    await press(working, "Yes, pause")
    assert "unpaid &lt;b&gt; &amp; co" in await until_read(working, "paused your access")


async def test_a_full_id_acts_at_once_and_a_short_one_asks_first(door: Door, anna: Person) -> None:
    await say(door, f"/suspend {str(anna.client_id)[:8]} unpaid")
    assert "Its people will read: <i>unpaid</i>" in door.telegram.texts(ADMIN)[-1]
    assert not (await door.enter(ANNA)).is_suspended
    calls = await door.say(f"/suspend {anna.client_id} unpaid since May", person=OLGA)
    assert methods(calls) == ["sendMessage"]
    assert "is paused since" in calls[0].text
    [event] = await rows.list_audit(door.database, "client_suspended")
    assert event.details["reason"] == "unpaid since May"
    assert "goes on since" in await say(door, f"/resume {anna.client_id} paid")


async def test_without_a_client_the_commands_offer_those_there_are(door: Door, anna: Person) -> None:
    assert "Nobody is paused" in await say(door, "/resume")
    assert "Which client shall be paused?" in await say(door, "/suspend")
    assert "Pause this client?" in await press(door, "Anna")
    await press(door, "No reason")
    await press(door, "Yes, pause")
    assert "Which client shall go on?" in await say(door, "/resume")
    assert "goes on since" in await press(door, "Anna")


async def test_of_two_admins_the_second_is_told(door: Door, anna: Person) -> None:
    await say(door, "/client @anna_fx")
    await press(door, "Pause")
    await press(door, "No reason")
    await door.services.administration.suspend(anna.client_id, actor="chat:77")
    assert "is paused already" in await press(door, "Yes, pause")
    assert len(await rows.list_audit(door.database, "client_suspended")) == 1
    await door.services.administration.resume(anna.client_id, actor="chat:77")
    assert "is not paused" in await say(door, f"/resume {anna.client_id}")


async def test_the_same_tap_twice_acts_once(door: Door, anna: Person) -> None:
    on, data = 1000, encode(Verb.CLIENT_ACT, anna.client_id, "s0")
    update = speech.tap(data, on=on, person=OLGA)
    await door.enter(OLGA)
    await door.receive(update)
    await door.receive(update)
    assert len(await rows.list_audit(door.database, "client_suspended")) == 1


async def test_admins_do_not_lock_themselves_out(door: Door) -> None:
    olga = await door.enter(OLGA)
    for text in (f"/suspend {olga.client_id}", f"/suspend {str(olga.client_id)[:8]} because"):
        await say(door, text)
        if "in this client yourself" not in door.telegram.texts(ADMIN)[-1]:
            await press(door, "Yes, pause")
        assert "in this client yourself" in door.telegram.texts(ADMIN)[-1]
    await say(door, f"/client {olga.client_id}")
    assert "in this client yourself" in await press(door, "Pause")
    await press(door, "Open client")
    assert "in this client yourself" in await press(door, "Forget")
    assert not (await door.enter(OLGA)).is_suspended


# ── revoking all ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_all_devices_are_revoked_after_a_question_and_its_people_told_once(working: Door, anna: Person) -> None:
    secrets = await give(working, anna, "VPS-1", "VPS-2", "VPS-3")
    await say(working, "/client @anna_fx")
    assert "Its 3 devices stop working" in await press(working, "Revoke all")
    await press(working, "Lost or stolen")
    assert not (await working.services.devices.get_device(secrets[0][0].id)).revoked
    assert "3 devices of <code>Anna</code> are revoked" in await press(working, "Yes, revoke")
    told = await until_read(working, "revoked all of your 3 devices")
    assert "Reason: <i>Lost or stolen</i>" in told
    assert sum("revoked" in text for text in working.telegram.texts(ANNA["id"])) == 1
    for device, secret in secrets:
        with pytest.raises(DeviceRevoked):
            await working.services.devices.authenticate_device(device.id, secret)
    assert "Revoke all" not in str(working.telegram.screen(ADMIN)[-1])


async def test_where_all_are_revoked_already_that_is_said(door: Door, anna: Person) -> None:
    await give(door, anna, "VPS-1")
    await say(door, "/client @anna_fx")
    await press(door, "Revoke all")
    await press(door, "No reason")
    await door.services.administration.revoke_all(anna.client_id, actor="chat:77")
    assert "no devices that could be revoked" in await press(door, "Yes, revoke")


# ── the device limit ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_limit_is_tapped_or_sent(door: Door, anna: Person) -> None:
    await give(door, anna, "VPS-1", "VPS-2")
    await say(door, "/client @anna_fx")
    assert "How many devices may" in await press(door, "Device limit")
    assert "2 of 50 devices" in await press(door, "50")
    await press(door, "Device limit")
    assert "It keeps the 2 that it has" in await say(door, " 1 ")
    assert "2 of 1 devices" in door.telegram.texts(ADMIN)[-1]
    await press(door, "Device limit")
    assert "2 of 10 devices" in await press(door, "As everybody (10)")


@pytest.mark.parametrize("typed", ["-1", "100001", "many", "1.5", "٣", "9" * 50, "1 000"])
async def test_what_is_no_limit_is_asked_for_again(door: Door, anna: Person, typed: str) -> None:
    await say(door, "/client @anna_fx")
    await press(door, "Device limit")
    assert "whole number from 0 to 100,000" in await say(door, typed)
    assert "may have 7 devices now" in await say(door, "7")


# ── forgetting ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_client_is_forgotten_when_its_name_is_typed(working: Door, anna: Person) -> None:
    [(device, _)] = await give(working, anna, "VPS-1")
    await say(working, "/client @anna_fx")
    question = await press(working, "Forget")
    assert "its devices (1)" in question
    assert "send me <code>Anna</code>" in question
    assert "nothing was forgotten" in await say(working, "anna")
    assert await rows.list_devices(working.database, anna.client_id)
    assert "is forgotten" in await say(working, "Anna\nOn your own wish")
    told = await until_read(working, "removed you from this registry")
    assert "Reason: <i>On your own wish</i>" in told
    assert await rows.list_devices(working.database, anna.client_id) == []
    assert "registered" in await say(working, f"/audit {device.id}")
    assert "forgot client" in await say(working, f"/audit {anna.client_id}")
    await working.say("/start")
    assert "Welcome" in working.telegram.texts(ANNA["id"])[-1]


async def test_a_client_whose_name_is_a_command_is_confirmed_by_its_id(door: Door) -> None:
    trickster = await door.enter(person(303, "/cancel"))
    await say(door, "/client 303")
    await press(door, "Forget")
    assert "is forgotten" in await say(door, str(trickster.client_id)[:8])


async def test_who_was_faster_at_forgetting_leaves_nothing_to_forget(door: Door, anna: Person) -> None:
    await say(door, "/client @anna_fx")
    await press(door, "Forget")
    await door.services.administration.forget(anna.client_id, actor="chat:77")
    assert "no longer here" in await say(door, "Anna")
    assert "did not understand" in await say(door, "Anna"), "the question is closed"


@pytest.mark.parametrize("label", ["Forget", "Device limit", "Pause", "Revoke all"])
@pytest.mark.parametrize("way", ["button", "command", "another command"])
async def test_a_question_can_be_taken_back(door: Door, anna: Person, label: str, way: str) -> None:
    await give(door, anna, "VPS-1")
    await say(door, "/client @anna_fx")
    await press(door, label)
    if way == "button":
        assert "Client ID" in await press(door, "Cancel")
    elif way == "command":
        assert "Nothing was changed" in await say(door, "/cancel")
    else:
        await say(door, "/id")
    assert "did not understand" in await say(door, "Anna"), "nothing is asked any more"
    assert await rows.list_audit(door.database, "client_deleted") == []


async def test_a_second_question_takes_the_place_of_the_first(door: Door, anna: Person) -> None:
    await say(door, "/client @anna_fx")
    await press(door, "Forget")
    await say(door, "/client @anna_fx")
    await press(door, "Device limit")
    assert "may have 7 devices now" in await say(door, "7")
    assert "did not understand" in await say(door, "Anna")


# ── what is gone, and who may ─────────────────────────────────────────────────────────────────────────────────────────

ABOUT_A_CLIENT = {
    Verb.CLIENT: "",
    Verb.CLIENT_DEVICES: "a",
    Verb.CLIENT_ASK: "s",
    Verb.CLIENT_WHY: "s0",
    Verb.CLIENT_ACT: "s0",
    Verb.CLIENT_LIMIT: "",
    Verb.SET_LIMIT: "5",
    Verb.FORGET: "",
    Verb.CLIENT_CANCEL: "",
}


@pytest.mark.parametrize("verb", ABOUT_A_CLIENT)
async def test_a_button_of_a_client_that_was_forgotten_says_so(door: Door, anna: Person, verb: Verb) -> None:
    await say(door, "/client @anna_fx")
    on = door.telegram.screen(ADMIN)[-1]["message_id"]
    await door.services.administration.forget(anna.client_id, actor="chat:77")
    await door.tap(encode(verb, anna.client_id, ABOUT_A_CLIENT[verb]), on=on, person=OLGA)
    assert "no longer here" in door.telegram.messages[ADMIN, on]["text"]
    assert "no longer here" in toasts(door)[-1]


async def test_a_page_that_is_no_more_is_told_and_the_first_one_shown(door: Door, clock: FakeClock) -> None:
    for number in range(PAGE_SIZE + 1):
        last = await door.enter(person(1000 + number, f"Client {number}"))
        clock.advance(timedelta(seconds=1))
    await say(door, "/clients")
    await door.services.administration.forget(last.client_id, actor="chat:77")
    on, data = door.telegram.find_button(ADMIN, "Next")
    place = decode_clients(_tap(data))
    assert place is not None
    assert place.edge is not None
    await door.services.administration.forget(place.edge.row, actor="chat:77")  # type: ignore[arg-type]  # a client's id
    await door.tap(data, on=on, person=OLGA)
    assert "That page is no longer there" in toasts(door)[-1]


COMMANDS = ["/admin", "/clients", "/client 101", "/suspend 101 x", "/resume 101", "/audit", "/stats"]


@pytest.mark.parametrize("command", COMMANDS)
async def test_for_everybody_else_the_admins_commands_do_not_exist(door: Door, anna: Person, command: str) -> None:
    await door.enter(BOB)
    calls = await door.say(command, person=BOB)
    assert methods(calls) == ["sendMessage"]
    assert "do not know that command" in calls[0].text
    assert not (await door.enter(ANNA)).is_suspended


@pytest.mark.parametrize("label", ["Forget", "Device limit", "Pause"])
async def test_an_answer_of_somebody_who_is_no_admin_any_more_does_nothing(
    door: Door, build_door: Any, clock: FakeClock, anna: Person, label: str
) -> None:
    await say(door, "/client @anna_fx")
    await press(door, label)
    later = await build_door(clock, admin_ids=())
    await later.say("Anna" if label == "Forget" else "5", person=OLGA)
    assert await rows.list_audit(later.database, "client_deleted") == []
    assert await rows.list_audit(later.database, "client_limit_set") == []
    await later.say("Anna", person=OLGA)
    assert "did not understand" in later.telegram.texts(ADMIN)[-1], "the question is closed"


async def test_a_question_outlives_a_restart(door: Door, build_door: Any, clock: FakeClock, anna: Person) -> None:
    await say(door, "/client @anna_fx")
    await press(door, "Device limit")
    again = await build_door(clock)
    await again.say("7", person=OLGA)
    assert "may have 7 devices now" in again.telegram.texts(ADMIN)[-1]


# ── the audit and the figures ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_audit_tells_who_did_what_and_when(door: Door, anna: Person) -> None:
    [(device, _)] = await give(door, anna, "VPS-1")
    await say(door, f"/revoke {device.id} stolen")
    told = await say(door, "/audit")
    assert "<code>Olga</code> revoked <code>VPS-1</code>" in told
    assert "of <code>Anna</code>" in told
    assert "Reason: <i>stolen</i>" in told
    assert '<tg-time unix="' in told
    for typed in (str(device.id), str(device.id)[:8], device.fingerprint):
        assert "Audit</b> of the device" in await say(door, f"/audit {typed}")
    for typed in (str(anna.client_id), str(anna.client_id)[:8], "101", "@anna_fx"):
        assert "Audit</b> of the client" in await say(door, f"/audit {typed}")
    assert "neither a client nor a device" in await say(door, "/audit nothing")


async def test_the_audit_is_turned_and_reached_from_the_card(door: Door, anna: Person) -> None:
    await give(door, anna, *(f"VPS-{number}" for number in range(PAGE_SIZE + 1)))
    await say(door, "/client @anna_fx")
    assert "Audit</b> of the client" in await press(door, "Audit")
    older = await press(door, "Older")
    assert "Audit</b> of the client" in older
    assert "Audit</b> of the client" in await press(door, "Newer")
    assert "Client ID" in await press(door, "Open client")


async def test_the_figures_are_shown_and_counted_again(door: Door, anna: Person) -> None:
    assert "0 devices, and 0 revoked" in await say(door, "/stats")
    await give(door, anna, "VPS-1")
    assert "1 device, and 0 revoked" in await press(door, "Count again")


# ── the buttons ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _tap(data: str) -> Any:
    tap = decode(data)
    assert tap is not None
    return tap


def test_places_are_what_was_put_into_their_buttons() -> None:
    some_id = uuid.uuid4()
    for listing in ClientListing:
        assert decode_clients(_tap(encode_clients(ClientPlace(listing)))) == ClientPlace(listing)
        for field, before in itertools.product(Field, (True, False)):
            row = 2**63 - 1 if field in PEOPLE else some_id
            place = ClientPlace(listing, Edge(field, row, before))
            data = encode_clients(place)
            assert len(data) <= 64
            assert decode_clients(_tap(data)) == place
    for shelf in (Shelf.ACTIVE, Shelf.REVOKED):
        for side in (None, True, False):
            of_devices = DevicePlace(some_id, shelf, side)
            assert decode_devices(_tap(encode_devices(of_devices))) == of_devices
    for scope in Scope:
        for side in (True, False):
            of_audit = AuditPlace(scope, some_id, side)
            assert decode_audit(_tap(encode_audit(of_audit))) == of_audit
    assert decode_audit(_tap(encode_audit(AuditPlace()))) == AuditPlace()


ODD = [
    "",
    "x",
    "an",
    "ann",
    "anx",
    "apn0",
    "fnd0",
    "fnt",
    "fntzzzzzzzzzzzzz",
    "s0s0",
    "sx",
    "xs",
    "9" * 26,
    "a_",
    "ap",
    "dn",
]


@pytest.mark.parametrize("verb", ADMIN_VERBS)
async def test_no_forged_button_of_an_admin_is_apologised_for(door: Door, anna: Person, verb: Verb) -> None:
    [(device, _)] = await give(door, anna, "VPS-1")
    await say(door, "/start")
    on = door.telegram.screen(ADMIN)[-1]["message_id"]
    ids = (None, anna.client_id, device.id, uuid.uuid4(), None, anna.client_id)
    for given, extra in [*zip(itertools.cycle(ids), ODD), *zip(itertools.cycle(ids[::-1]), ODD)]:
        door.telegram.forget()
        await door.tap(encode(verb, given, extra), on=on, person=OLGA)
        assert len(toasts(door)) == 1
        assert "number" not in toasts(door)[0], (given, extra)
        assert not any("tell the admin" in call.text for call in door.telegram.counted())
    assert await door.unhandled() == []


async def test_a_message_without_text_answers_no_question(door: Door, anna: Person) -> None:
    await say(door, "/client @anna_fx")
    await press(door, "Forget")
    await door.receive(message(person=OLGA, sticker={"file_id": "x"}))
    assert "nothing was forgotten" in door.telegram.texts(ADMIN)[-1]
