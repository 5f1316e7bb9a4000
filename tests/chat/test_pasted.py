"""A secret in a message to the bot: deleted first, whoever sent it, then answered and told to whom it concerns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.services.hashing import create_secret
from bot.services.notices import NoticeKind
from storage.models import HandoutState, InboxUpdate
from tests import rows
from tests.chat.offline import NOT_THERE, TOO_OLD, Silence, methods
from tests.chat.speech import ANNA, BOB, message

if TYPE_CHECKING:
    from storage.models import Device
    from tests.chat.conftest import Door
    from tests.chat.offline import Call, OfflineTelegram, Step
    from tests.fakes import FakeClock

CHAT = ANNA["id"]
OWN = "it contained the secret of <b>"
NOBODYS = "it contained a device secret. Please never send one in a chat"


async def give(door: Door, somebody: dict[str, Any] = ANNA, name: str = "VPS-1") -> tuple[Device, str]:
    """Let somebody have a device; return it with its secret."""
    owner = await door.enter(somebody)
    return await door.services.devices.create_device(owner.client_id, name)


@pytest.mark.parametrize("how", ["text", "in a sentence", "argument", "caption", "/revoke"])
async def test_it_is_deleted_before_anything_else_and_offered_to_be_replaced(
    door: Door, telegram: OfflineTelegram, how: str
) -> None:
    _, secret = await give(door)
    told: dict[str, tuple[str | None, dict[str, Any]]] = {
        "text": (secret, {}),
        "in a sentence": (f"my secret is {secret}, right?", {}),
        "argument": (f"/register {secret}", {}),
        "caption": (None, {"caption": secret, "photo": []}),
        "/revoke": (f"/revoke {secret} lost", {}),
    }
    text, more = told[how]
    calls = await door.say(text, **more)
    assert methods(calls) == ["deleteMessage", "sendMessage"], "one counted call"
    assert OWN in calls[-1].text
    assert [button["text"] for button in calls[-1].buttons] == ["🔄 New secret", "🚫 Revoke"]


async def test_new_secret_leads_straight_to_the_card_and_stops_the_old_one_at_once(
    door: Door, telegram: OfflineTelegram, clock: FakeClock
) -> None:
    device, secret = await give(door)
    await door.services.devices.authenticate_device(device.id, secret)
    await door.say(secret)
    await door.press("New secret")
    assert "A new secret for <b>\u2068VPS-1\u2069</b> is waiting." in telegram.texts(CHAT)[-1]
    assert "The old one then stops working at once." in telegram.texts(CHAT)[-1]
    card = await door.program.handouts.find_latest_card(CHAT)
    assert card is not None
    assert (card.state, card.pending_overlap) == (HandoutState.OFFERED, 0)


async def test_revoke_asks_first(door: Door, telegram: OfflineTelegram) -> None:
    _, secret = await give(door)
    await door.say(secret)
    await door.press("Revoke")
    assert telegram.texts(CHAT)[-1].startswith("<b>Revoke \u2068VPS-1\u2069?</b>")


async def test_somebody_elses_secret_and_nobodys_are_told_in_the_same_words(
    door: Door, telegram: OfflineTelegram
) -> None:
    _, secret = await give(door)
    theirs = (await door.say(secret, person=BOB))[-1]
    nobodys = (await door.say(create_secret().reveal(), person=BOB))[-1]
    assert NOBODYS in theirs.text
    assert theirs.parameters == nobodys.parameters
    kinds = [notice.kind for notice in await rows.list_notices(door.database)]
    assert sorted(kinds) == [NoticeKind.SECRET_LEAKED, NoticeKind.SECRET_LEAKED_ADMIN]


async def test_the_secret_of_a_revoked_device_is_offered_nothing_to_replace(door: Door) -> None:
    device, secret = await give(door)
    await door.services.devices.revoke_device(device.id)
    answer = (await door.say(secret))[-1]
    assert OWN in answer.text
    assert "That device is revoked" in answer.text
    assert [button["text"] for button in answer.buttons] == ["📟 My devices"]


async def test_several_secrets_are_handled_each(door: Door, telegram: OfflineTelegram) -> None:
    (_, one), (_, two) = await give(door), await give(door, name="VPS-2")
    _, his = await give(door, BOB)
    calls = await door.say(f"{one}\n{two}\n{his}")
    assert methods(calls) == ["deleteMessage", "sendMessage"]
    assert "VPS-1" in calls[-1].text
    assert "VPS-2" in calls[-1].text
    assert [notice.telegram_id for notice in await rows.list_notices(door.database, NoticeKind.SECRET_LEAKED)] == [
        BOB["id"]
    ]
    await door.press("New secret · VPS-2")
    assert "A new secret for <b>\u2068VPS-2\u2069</b>" in telegram.texts(CHAT)[-1]


@pytest.mark.parametrize(
    ("step", "was_deleted"),
    [
        (TOO_OLD, False),
        # its sender was faster, or we were before a crash
        (NOT_THERE, True),
    ],
)
async def test_a_message_that_cannot_be_deleted_is_told_with_the_same_buttons(
    door: Door, telegram: OfflineTelegram, step: Step, *, was_deleted: bool
) -> None:
    _, secret = await give(door)
    telegram.script("deleteMessage", step)
    answer = (await door.say(secret))[-1]
    assert (OWN in answer.text) is was_deleted
    assert ("I could not delete it. Please delete it yourself now." in answer.text) is not was_deleted
    assert [button["text"] for button in answer.buttons] == ["🔄 New secret", "🚫 Revoke"]


async def test_deleting_is_tried_again_when_telegram_does_not_answer(door: Door, telegram: OfflineTelegram) -> None:
    _, secret = await give(door)
    telegram.script("deleteMessage", Silence(), Silence())
    calls = await door.say(secret)
    assert methods(calls) == ["deleteMessage"] * 3 + ["sendMessage"]
    assert OWN in calls[-1].text


@pytest.mark.parametrize(
    ("question", "waiting"),
    [
        ("/register", "I am still waiting for the name."),
        ("Rename", "I am still waiting for the name."),
        ("Search", "I am still waiting for what to search for."),
        ("🗂 Group", "I am still waiting for the name of the group."),
    ],
)
async def test_an_open_question_stays_open_and_the_answer_says_so(
    door: Door, telegram: OfflineTelegram, question: str, waiting: str
) -> None:
    _, secret = await give(door)
    await door.say("/devices")
    if question.startswith("/"):
        await door.say(question)
    else:
        if question != "Search":
            await door.press("VPS-1")
        await door.press(question)
    before = await door.services.questions.find_open(CHAT)
    answer = (await door.say(f"is it {secret}?"))[-1]
    assert answer.text.splitlines()[-1] == waiting
    assert await door.services.questions.find_open(CHAT) == before


async def test_a_paused_persons_message_is_deleted_too_and_its_owner_is_warned(
    door: Door, telegram: OfflineTelegram
) -> None:
    _, own = await give(door, BOB)
    _, secret = await give(door)
    bob = await door.enter(BOB)
    await rows.suspend(door.database, bob.client_id)
    for text, words in ((own, OWN), (secret, NOBODYS)):
        calls = await door.say(text, person=BOB)
        assert methods(calls) == ["deleteMessage", "sendMessage"]
        assert words in calls[-1].text
        assert "Your access is paused" in calls[-1].text
        assert calls[-1].buttons == []
    assert [notice.telegram_id for notice in await rows.list_notices(door.database, NoticeKind.SECRET_LEAKED)] == [CHAT]


async def test_no_secret_is_kept_while_its_message_waits(door: Door) -> None:
    _, secret = await give(door)
    kept: list[str] = []

    async def look(_: Call) -> None:
        async with door.database.read() as session:
            kept.extend(json.dumps(row.body) for row in await session.scalars(select(InboxUpdate)))

    door.telegram.before_call = look
    await door.say(f"/register {secret}")
    assert any("tags" in body for body in kept)
    assert not any(secret[5:20] in body for body in kept)


async def test_a_message_that_comes_twice_is_answered_twice_at_most_and_warned_of_once(
    door: Door, telegram: OfflineTelegram
) -> None:
    _, secret = await give(door)
    update = message(secret, person=BOB)
    await door.receive(update)
    await door.receive(update)
    assert len(telegram.made("deleteMessage")) == 1
    assert len(await rows.list_notices(door.database, NoticeKind.SECRET_LEAKED)) == 1


async def test_a_first_message_of_all_that_holds_a_secret_is_deleted(door: Door) -> None:
    calls = await door.say(create_secret().reveal(), person=BOB)
    assert methods(calls) == ["deleteMessage", "sendMessage"]
