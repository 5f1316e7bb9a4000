"""Who may do what is looked up in the database at every step; a button, an id or a chat proves nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.chat.buttons import MAX_EXTRA, Asked, Listing, Reason, Tap, Verb, decode, encode
from storage.models import Base, Handout, HandoutState
from tests import rows
from tests.chat.offline import BOT_NAME, methods
from tests.chat.rules import ADMIN_VERBS
from tests.chat.speech import ANNA, BOB, OLGA, ROBOT, group, membership, message, person, tap
from tests.chat.world import KEPT_APART

if TYPE_CHECKING:
    from storage.database import Database
    from storage.models import Device
    from tests.chat.conftest import Door
    from tests.chat.offline import OfflineTelegram
    from tests.fakes import FakeClock

CHAT = ANNA["id"]


async def snapshot(database: Database) -> dict[str, list[Any]]:
    """Return all that a tap could change."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in KEPT_APART]
    async with database.read() as session:
        return {
            table.name: sorted(map(str, await session.execute(text(f"SELECT * FROM {table.name}"))))  # noqa: S608
            for table in tables
        }


async def give_device(door: Door, somebody: dict[str, Any] = ANNA, name: str = "VPS-1") -> Device:
    """Let somebody have a device."""
    owner = await door.enter(somebody)
    device, _ = await door.services.devices.create_device(owner.client_id, name)
    return device


async def give_card(door: Door, somebody: dict[str, Any] = ANNA) -> tuple[Handout, int]:
    """Let somebody have a card that leads to a secret; return it with its message."""
    await door.say("/register VPS-2", person=somebody)
    card = await door.program.handouts.find_latest_card(somebody["id"])
    assert card is not None
    assert card.message_id is not None
    return card, card.message_id


# ── other people ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "verb", [Verb.DEVICE, Verb.RENAME, Verb.ROTATE, Verb.ROTATE_NOW, Verb.NEW_SECRET, Verb.REVOKE, Verb.REVOKE_NOW]
)
async def test_nobody_does_anything_with_somebody_elses_device(
    door: Door, telegram: OfflineTelegram, clock: FakeClock, verb: Verb
) -> None:
    device = await give_device(door)
    await door.say("/start", person=BOB)
    before = await snapshot(door.database)
    extra = str(int(clock.now().timestamp())) if verb is Verb.REVOKE_NOW else ""
    await door.tap(encode(verb, device.id, extra), person=BOB, on=telegram.screen(BOB["id"])[-1]["message_id"])
    assert await snapshot(door.database) == before
    assert not telegram.shows("VPS-1")
    assert len(telegram.made("answerCallbackQuery")) == 1
    assert "no longer here" in telegram.made("answerCallbackQuery")[0].text


@pytest.mark.parametrize("verb", [Verb.SHOW_SECRET, Verb.SAVED, Verb.CANCEL_CARD, Verb.TRY_AGAIN])
async def test_nobody_does_anything_with_somebody_elses_card(door: Door, telegram: OfflineTelegram, verb: Verb) -> None:
    card, message_id = await give_card(door)
    await door.say("/start", person=BOB)
    before = await snapshot(door.database)
    await door.tap(encode(verb, card.id), person=BOB, on=message_id)
    assert await snapshot(door.database) == before
    assert len(telegram.made("answerCallbackQuery")) == 1
    assert not any("VPS-2" in text for text in telegram.texts(BOB["id"]))


async def test_somebody_elses_device_is_unknown_rather_than_forbidden(door: Door, telegram: OfflineTelegram) -> None:
    device = await give_device(door)
    await door.say(f"/revoke {device.id}", person=BOB)
    theirs = telegram.texts(BOB["id"])[-1]
    await door.say(f"/revoke {uuid.uuid4()}", person=BOB)
    nobodys = telegram.texts(BOB["id"])[-1]
    assert theirs.partition("<code>")[0] == nobodys.partition("<code>")[0]
    assert "VPS-1" not in theirs


async def test_a_name_that_somebody_else_uses_is_free_for_me(door: Door, telegram: OfflineTelegram) -> None:
    await give_device(door)
    await door.say("/register VPS-1", person=BOB)
    assert "almost ready" in telegram.texts(BOB["id"])[-1]


# ── admins ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_was_an_admin_when_a_button_was_made_and_is_none_now_does_nothing_with_it(
    door: Door, telegram: OfflineTelegram, build_door: Any, clock: FakeClock
) -> None:
    device = await give_device(door)
    await door.say(f"/revoke {str(device.id)[:8]} lost", person=OLGA)
    later = await build_door(clock, admin_ids=())
    await later.press("Yes, revoke", person=OLGA)
    assert not (await later.services.devices.get_device(device.id)).revoked


async def test_an_admins_command_in_a_traders_chat_is_a_traders_command(door: Door, telegram: OfflineTelegram) -> None:
    device = await give_device(door, BOB)
    for typed in (f"/revoke {device.id} why not", f"/revoke {str(device.id)[:8]}", f"/revoke {device.fingerprint}"):
        await door.say(typed)
        assert "You have no device with the ID" in telegram.texts(CHAT)[-1]
    assert not (await door.services.devices.get_device(device.id)).revoked


async def test_an_admin_revokes_anybodys_device(door: Door, telegram: OfflineTelegram) -> None:
    device = await give_device(door)
    await door.say(f"/revoke {device.id} Laptop stolen", person=OLGA)
    assert (await door.services.devices.get_device(device.id)).revoke_reason == "Laptop stolen"
    assert "is revoked since" in telegram.texts(OLGA["id"])[-1]


async def known_to_all(door: Door) -> None:
    """Let there be one person of each kind that a tap may be about."""
    await door.enter(OLGA)
    await door.enter(BOB)
    await rows.set_role(door.database, BOB["id"], "admin")
    await rows.add_newcomer(door.database, 505, "Eve", door.services.clock.now())


async def test_a_suspended_admin_does_nothing_either(door: Door, telegram: OfflineTelegram) -> None:
    await known_to_all(door)
    bob = await door.enter(BOB)
    await rows.suspend(door.database, bob.client_id)
    before = await snapshot(door.database)
    for verb in (*ADMIN_VERBS, Verb.INVITE, Verb.MAKE_INVITE):
        await door.tap(encode(verb, bob.client_id, extra="505"), person=BOB)
        assert all(text.startswith("Your access is paused") for text in telegram.texts(BOB["id"]))
    assert await snapshot(door.database) == before


async def test_a_second_chat_user_does_with_the_devices_what_the_first_one_can(
    door: Door, telegram: OfflineTelegram
) -> None:
    device = await give_device(door)
    anna = await door.enter()
    await door.enter(BOB)
    await rows.move(door.database, BOB["id"], anna.client_id)
    await door.say("/devices", person=BOB)
    await door.press("VPS-1", person=BOB)
    await door.press("Revoke", person=BOB)
    await door.press("Yes, revoke", person=BOB)
    assert (await door.services.devices.get_device(device.id)).revoked


async def test_a_second_chat_user_does_nothing_with_the_card_of_the_first(
    door: Door, telegram: OfflineTelegram
) -> None:
    card, message_id = await give_card(door)
    anna = await door.enter()
    await door.enter(BOB)
    await rows.move(door.database, BOB["id"], anna.client_id)
    before = await snapshot(door.database)
    for verb in (Verb.SHOW_SECRET, Verb.SAVED, Verb.CANCEL_CARD, Verb.TRY_AGAIN):
        await door.tap(encode(verb, card.id), person=BOB, on=message_id)
    assert await snapshot(door.database) == before


async def test_nobody_takes_back_an_invite_that_somebody_else_made(door: Door, telegram: OfflineTelegram) -> None:
    await door.say("/invite", person=OLGA)
    await door.press("New client", person=OLGA)
    _, data = telegram.find_button(OLGA["id"], "Take it back")
    await door.say("/start")
    before = await snapshot(door.database)
    await door.tap(data, on=telegram.screen(CHAT)[-1]["message_id"])
    await door.tap(encode(Verb.WITHDRAW_INVITES), on=telegram.screen(CHAT)[-1]["message_id"])
    assert await snapshot(door.database) == before


# ── chats ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

WRONG_CHATS = {
    "a group": {"id": -71, "type": "group"},
    "a supergroup": {"id": -10071, "type": "supergroup"},
    "a channel": {"id": -10072, "type": "channel"},
    "a private chat that is not the sender's": {"id": BOB["id"], "type": "private"},
    "a chat of no known type": {"id": CHAT, "type": "sender"},
    "a group that has the sender's number": {"id": CHAT, "type": "group"},
}


@pytest.mark.parametrize("chat", WRONG_CHATS.values(), ids=WRONG_CHATS.keys())
async def test_nothing_happens_outside_a_persons_own_private_chat(
    door: Door, telegram: OfflineTelegram, chat: dict[str, Any]
) -> None:
    device = await give_device(door)
    card, message_id = await give_card(door, ANNA)
    before = await snapshot(door.database)
    telegram.forget()
    await door.receive(
        message("VPS-2", chat=chat),
        tap(encode(Verb.DEVICE, device.id), chat=chat),
        tap(encode(Verb.SHOW_SECRET, card.id), chat=chat, on=message_id),
        tap(encode(Verb.REVOKE_NOW, device.id, "9999999999"), chat=chat),
        membership("kicked", chat=chat) if chat["type"] != "private" else message("x", chat=chat),
    )
    assert await snapshot(door.database) == before
    assert telegram.counted() == []
    assert len(telegram.made("answerCallbackQuery")) == 3, "every tap is answered, wherever it came from"


async def test_in_a_group_a_command_is_answered_with_the_way_to_the_private_chat(
    door: Door, telegram: OfflineTelegram
) -> None:
    before = await snapshot(door.database)
    (call,) = await door.say("/register VPS-1", chat=group(-72))
    assert call.chat == -72
    assert call.buttons[0]["url"] == f"https://t.me/{BOT_NAME}?start=group"
    assert await snapshot(door.database) == before


async def test_a_group_is_answered_once_a_minute(door: Door, clock: FakeClock) -> None:
    from datetime import timedelta  # noqa: PLC0415 - for this one step

    assert len(await door.say("/start", chat=group(-73))) == 1
    assert await door.say("/start", chat=group(-73), person=BOB) == []
    assert len(await door.say("/start", chat=group(-74))) == 1
    clock.advance(timedelta(seconds=60))
    assert len(await door.say("/start", chat=group(-73))) == 1


@pytest.mark.parametrize("text", ["hello", "/register@another_bot", "12 / 3", "/"])
async def test_what_is_not_for_the_bot_is_not_answered_in_a_group(door: Door, text: str) -> None:
    assert await door.say(text, chat=group(-75)) == []


async def test_a_command_that_names_the_bot_is_answered_in_a_group(door: Door) -> None:
    assert len(await door.say(f"/start@{BOT_NAME}", chat=group(-76))) == 1


async def test_groups_that_need_not_wait_any_more_are_forgotten(door: Door, clock: FakeClock) -> None:
    from datetime import timedelta  # noqa: PLC0415 - for this one step

    from bot.chat import general  # noqa: PLC0415 - to look inside

    for number in range(5):
        await door.say("/start", chat=group(-100 - number))
    clock.advance(timedelta(seconds=61))
    await door.say("/start", chat=group(-99))
    assert len(general._answered_groups) == 1


async def test_bots_are_not_let_in(door: Door, telegram: OfflineTelegram) -> None:
    before = await snapshot(door.database)
    await door.receive(message("/start", person=ROBOT), tap(encode(Verb.HELP), person=ROBOT))
    assert telegram.counted() == []
    assert await snapshot(door.database) == before


# ── suspended people ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_suspended_person_does_nothing_by_command_text_or_tap(door: Door, telegram: OfflineTelegram) -> None:
    device = await give_device(door)
    card, message_id = await give_card(door)
    anna = await door.enter()
    await rows.suspend(door.database, anna.client_id)
    before = await snapshot(door.database)
    for update in (
        message("/register Laptop"),
        message("hello"),
        tap(encode(Verb.REVOKE, device.id)),
        tap(encode(Verb.SHOW_SECRET, card.id), on=message_id),
    ):
        telegram.forget()
        await door.receive(update)
        assert "paused" in telegram.counted()[0].text
        assert telegram.counted()[0].buttons == []
    assert await snapshot(door.database) == before


# ── forged buttons ────────────────────────────────────────────────────────────────────────────────────────────────────

ids = st.none() | st.uuids() | st.sampled_from(["a device", "a card", "their device", "their card"])
extras = st.text("0123456789abcxyzABCXYZ_-", max_size=MAX_EXTRA) | st.sampled_from([*Asked, *Reason, *Listing])
taps = st.tuples(st.sampled_from(Verb), ids, extras)
garbage = st.text(max_size=64) | st.text(":0123456789abcdefmlonsrquhkcvtp", max_size=64)
EFFECTS = {Verb.REVOKE_NOW, Verb.CANCEL_CARD, Verb.SHOW_SECRET, Verb.SAVED, Verb.TRY_AGAIN, Verb.ADMIN_REVOKE}
"""What a person may do with their own buttons; everything else asks or shows."""


class Forger:
    """Somebody who sends whatever they like as a button's data."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.known: dict[object, uuid.UUID] = {}
        self.message_id = 0

    async def prepare(self) -> None:
        """Give Anna and Bob a device and a card each."""
        self.known["a device"] = (await give_device(self.door)).id
        self.known["their device"] = (await give_device(self.door, BOB)).id
        await self.door.say("/register VPS-2")
        card = await self.door.program.handouts.find_latest_card(CHAT)
        await self.door.say("/register VPS-2", person=BOB)
        theirs = await self.door.program.handouts.find_latest_card(BOB["id"])
        assert card is not None
        assert theirs is not None
        assert card.message_id is not None
        self.known["a card"], self.known["their card"] = card.id, theirs.id
        self.message_id = card.message_id

    def resolve(self, name: object) -> uuid.UUID | None:
        return name if isinstance(name, uuid.UUID) else self.known.get(name)

    async def send(self, data: str, *, whose: dict[str, Any] = ANNA) -> None:
        """Send it, and check what holds for every tap."""
        telegram = self.door.telegram
        telegram.forget()
        await self.door.tap(data, on=self.message_id, person=whose)
        answers = telegram.made("answerCallbackQuery")
        assert len(answers) == 1
        assert "number" not in answers[0].text, f"{data!r} was apologised for"
        assert not any("tell the admin" in call.text for call in telegram.counted())
        assert await self.door.unhandled() == []


@pytest.mark.parametrize("stage", ["nothing", "a question"])
async def test_no_forged_data_is_apologised_for_left_unanswered_or_obeyed(door: Door, stage: str) -> None:
    forger = Forger(door)
    await forger.prepare()
    if stage == "a question":
        await door.say("/register")
    before = await snapshot(door.database)

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(garbage)
    def collect(data: str) -> None:
        if decode(data) is None:
            collected.add(data)

    collected: set[str] = set()
    collect()
    for data in sorted(collected)[:20]:
        await forger.send(data)
        assert await snapshot(door.database) == before, f"{data!r} was obeyed"


async def test_well_formed_taps_that_nobody_offered_touch_nothing_of_others_and_are_answered(door: Door) -> None:
    forger = Forger(door)
    await forger.prepare()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(taps)
    def collect(forged: tuple[Verb, object, str]) -> None:
        collected.append(forged)

    collected: list[tuple[Verb, object, str]] = []
    collect()
    bob = await rows.read_device(door.database, forger.known["their device"])
    for verb, name, extra in collected:
        given_id = forger.resolve(name)
        before = await snapshot(door.database)
        await forger.send(encode(verb, given_id, extra))
        if given_id != forger.known["a device"] and given_id != forger.known["a card"]:
            assert (await snapshot(door.database))["devices"] == before["devices"]
        theirs = await rows.read_handout(door.database, forger.known["their card"])
        assert theirs.state == HandoutState.OFFERED
    after = await rows.read_device(door.database, forger.known["their device"])
    assert bob is not None
    assert after is not None
    assert (after.revoked, after.device_name, after.secret_hash) == (bob.revoked, bob.device_name, bob.secret_hash)


@pytest.mark.parametrize("verb", Verb)
async def test_every_verb_bears_every_kind_of_id(door: Door, verb: Verb) -> None:
    forger = Forger(door)
    await forger.prepare()
    forger.known["nobody's"] = uuid.uuid4()
    for name in (None, "their device", "their card", "nobody's", "a card", "a device"):
        await forger.send(encode(verb, forger.resolve(name)))
    for name, extra in ((None, "a"), ("their device", "9" * 26), ("a card", "r"), ("a device", "9" * 26)):
        await forger.send(encode(verb, forger.resolve(name), extra))


async def test_a_stale_cancel_leads_back_to_where_its_question_was_asked(door: Door, telegram: OfflineTelegram) -> None:
    await give_device(door)
    await door.say("/devices")
    await door.press("Search")
    on, data = telegram.find_button(CHAT, "Cancel")
    tapped = decode(data)
    assert tapped == Tap(Verb.CANCEL_QUESTION, None, Asked.SEARCH)
    await door.say("/id")
    telegram.messages[CHAT, on] = {**telegram.screen(CHAT)[-1], "message_id": on}
    await door.tap(data, on=on)
    assert "Nothing was registered" not in telegram.messages[CHAT, on]["text"]
    assert "Your devices" in telegram.messages[CHAT, on]["text"]


async def test_an_offer_that_cannot_be_made_takes_no_message_away(door: Door, telegram: OfflineTelegram) -> None:
    device = await give_device(door)
    await rows.set_device(door.database, device.id, last_seen=door.services.clock.now())
    questions = []
    for _ in range(2):
        await door.say("/devices")
        await door.press("VPS-1")
        await door.press("New secret")
        questions.append(telegram.find_button(CHAT, "Stop at once"))
    (first, data), (again, _) = questions
    await door.tap(data, on=first)
    await door.press("Show secret")
    await door.tap(data, on=again)
    assert "Another secret" in telegram.made("answerCallbackQuery")[-1].text
    assert (CHAT, first) not in telegram.messages, "the question that was answered goes"
    assert (CHAT, again) in telegram.messages, "the one that was not stays"


async def test_the_same_person_with_another_name_is_the_same_person(door: Door, telegram: OfflineTelegram) -> None:
    await give_device(door)
    renamed = person(CHAT, "Annabel", username="somebody_else")
    calls = await door.say("/devices", person=renamed)
    assert methods(calls) == ["sendMessage"]
    assert "VPS-1" in telegram.texts(CHAT)[-1]


async def test_another_person_with_the_same_username_is_another_person(door: Door, telegram: OfflineTelegram) -> None:
    await give_device(door)
    await door.say("/devices", person=person(404, "Anna", username="anna_fx"))
    assert "no devices" in telegram.texts(404)[-1]
