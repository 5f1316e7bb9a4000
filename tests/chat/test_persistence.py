"""A question that was asked stays asked, whatever happens to the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from telegram.ext import ConversationHandler

from bot.chat.persistence import QuestionPersistence
from bot.services.questions import NAME, Question, QuestionService
from storage.models import Conversation, Handout
from tests import rows
from tests.chat.faults import records_away
from tests.chat.offline import methods
from tests.chat.speech import ANNA, BOB, message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.database import Database
    from tests.chat.conftest import Door
    from tests.chat.offline import OfflineTelegram
    from tests.fakes import FakeClock

CHAT = ANNA["id"]


async def questions(database: Database) -> dict[int, str]:
    """Return which question is open in which chat."""
    async with database.read() as session:
        found = await session.scalars(select(Conversation).where(Conversation.name == NAME))
        return {row.chat_id: row.state for row in found}


def states(door: Door) -> dict[object, object]:
    """Return what PTB believes to be open."""
    (conversation,) = (
        handler
        for group in door.program.application.handlers.values()
        for handler in group
        if isinstance(handler, ConversationHandler)
    )
    return {key[0]: state for key, state in conversation._conversations.items()}


async def test_an_open_question_is_on_disk_when_its_update_is_done(door: Door) -> None:
    await door.say("/register")
    assert await questions(door.database) == {CHAT: "name"}
    assert states(door) == {CHAT: "name"}


async def test_a_closed_question_is_gone_when_its_update_is_done(door: Door) -> None:
    await door.say("/register")
    await door.say("VPS-1")
    assert await questions(door.database) == {}
    assert states(door) == {}


async def test_a_restart_goes_on_at_the_same_question(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    before = await build_door(clock)
    await before.say("/register")
    await before.say("/register", person=BOB)
    after = await build_door(clock)
    assert states(after) == {CHAT: "name", BOB["id"]: "name"}
    await after.say("VPS-1")
    assert "almost ready" in telegram.texts(CHAT)[-1]
    assert await questions(after.database) == {BOB["id"]: "name"}


async def test_a_restart_forgets_neither_what_a_question_is_about_nor_what_it_proposed(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    before = await build_door(clock)
    anna = await before.enter()
    device, _ = await before.services.devices.create_device(anna.client_id, "VPS-1")
    await before.services.devices.create_device(anna.client_id, "Laptop")
    await before.say("/devices")
    await before.press("VPS-1")
    await before.press("Rename")
    await before.say("Laptop")
    assert "already have a device" in telegram.texts(CHAT)[-1]
    after = await build_door(clock)
    await after.press("Use")
    assert (await after.services.devices.get_device(device.id)).device_name == "Laptop-2"


async def test_a_crash_before_the_next_update_loses_no_step(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock
) -> None:
    # PTB itself would write once a minute, and when it is shut down in order: here nothing is shut down
    before = await build_door(clock)
    await before.say("/register")
    after = await build_door(clock)
    assert states(after) == {CHAT: "name"}


async def test_one_question_at_most_is_open_in_a_chat(door: Door, telegram: OfflineTelegram) -> None:
    anna = await door.enter()
    await door.services.devices.create_device(anna.client_id, "VPS-1")
    await door.say("/register")
    asked = telegram.screen(CHAT)[-1]["message_id"]
    await door.say("/devices")
    assert await questions(door.database) == {}
    assert "Stopped" in telegram.messages[CHAT, asked]["text"]
    await door.say("/register")
    await door.say("/devices")
    await door.press("Search")
    assert await questions(door.database) == {CHAT: "term"}
    await door.say("/register")
    assert await questions(door.database) == {CHAT: "name"}
    assert states(door) == {CHAT: "name"}


async def test_a_stale_button_of_an_earlier_question_does_not_touch_the_open_one(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.say("/register")
    on, data = telegram.find_button(CHAT, "Cancel")
    await door.say("/id")
    await door.say("/register")
    await door.tap(data, on=on)
    assert await questions(door.database) == {CHAT: "name"}
    await door.say("VPS-1")
    assert "almost ready" in telegram.texts(CHAT)[-1]


async def test_a_state_that_cannot_be_written_is_written_when_the_database_is_back(
    door: Door, telegram: OfflineTelegram
) -> None:
    with records_away(door.database, "conversations", times=3) as outage:
        await door.say("/register")
    assert outage.refused == 3
    assert await questions(door.database) == {CHAT: "name"}
    assert states(door) == {CHAT: "name"}
    await door.say("VPS-1")
    assert "almost ready" in telegram.texts(CHAT)[-1]
    assert await door.unhandled() == []


@pytest.mark.parametrize("outages", range(1, 10))
async def test_wherever_the_database_fails_for_a_moment_memory_and_disk_agree_afterwards(
    door: Door, telegram: OfflineTelegram, outages: int
) -> None:
    await door.say("/register")
    with records_away(door.database, "conversations") as outage:
        outage.left = 0

        async def fail_once_later(_call: object) -> None:
            outage.left = 1 if outage.refused == 0 else 0

        if outages == 1:
            outage.left = 1
        else:
            telegram.before_call = fail_once_later
        await door.say("VPS-1")
    telegram.before_call = None
    assert await questions(door.database) == states(door) == {}
    assert await rows.count(door.database, Handout) == 1


async def test_a_failed_write_surfaces_where_the_update_is_handled(door: Door) -> None:
    persistence = door.receiver._persistence
    with records_away(door.database, "conversations"):
        with pytest.raises(Exception, match="locked"):
            await persistence.update_conversation(NAME, (CHAT, CHAT), "name")
        with pytest.raises(Exception, match="locked"):
            persistence.raise_failure()
    persistence.raise_failure()


async def test_a_question_that_only_disk_or_only_memory_knows_is_settled(database: Database, clock: FakeClock) -> None:
    service = QuestionService(database, clock)
    persistence = QuestionPersistence(service)
    await service.ask(Question(CHAT, "name", 5, {"a": "b"}))
    await persistence.update_conversation(NAME, (CHAT, CHAT), "name")
    assert await service.find_open(CHAT) == Question(CHAT, "name", 5, {"a": "b"}), "what is known better is kept"
    await persistence.update_conversation(NAME, (CHAT, CHAT), None)
    assert await service.find_open(CHAT) is None
    await persistence.update_conversation(NAME, (CHAT, CHAT), "term")
    assert await service.find_open(CHAT) == Question(CHAT, "term")
    await persistence.update_conversation("another", (CHAT, CHAT), None)
    assert await service.find_open(CHAT) == Question(CHAT, "term")


async def test_nothing_but_questions_is_kept_of_ptbs(door: Door, database: Database) -> None:
    context_types = door.program.application.persistence
    assert context_types is not None
    kept = context_types.store_data
    assert (kept.bot_data, kept.chat_data, kept.user_data, kept.callback_data) == (False, False, False, False)


async def test_a_refused_answer_is_asked_again_below_and_stays_one_question(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.say("/register")
    first = telegram.screen(CHAT)[-1]["message_id"]
    calls = await door.say("x" * 101)
    assert methods(calls) == ["sendMessage", "deleteMessage"]
    assert (CHAT, first) not in telegram.messages
    assert await questions(door.database) == {CHAT: "name"}
    await door.receive(message(None, sticker={"emoji": "x"}))
    assert "as text" in telegram.texts(CHAT)[-1]
    assert len(telegram.screen(CHAT)) == 1
