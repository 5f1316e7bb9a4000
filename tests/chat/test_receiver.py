"""Updates in: none is lost, none acts twice, nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.chat import receiver
from bot.chat.buttons import Listing, Verb, encode
from bot.chat.context import ANSWER_WITHIN
from bot.chat.pacing import Pacer
from bot.chat.reduction import reduce_update
from bot.services.clock import Clock
from bot.services.errors import Overloaded
from storage.models import Handout, InboxUpdate
from tests import rows
from tests.chat.faults import records_away
from tests.chat.offline import (
    OfflineTelegram,
    Silence,
    Slow,
    bad_request,
    blocked,
    conflict,
    refused,
    server_error,
    too_many,
    unauthorized,
)
from tests.chat.speech import ANNA, BOB, OLGA, group, membership, message, tap
from tests.conftest import BOT_ID
from tests.fakes import FakeClock, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.chat.conftest import Door
    from tests.chat.offline import Call, Step
    from tests.chat.speech import JSON

HELP = encode(Verb.HELP)
MENU = encode(Verb.MENU)
LIST = encode(Verb.LIST, extra=Listing.ACTIVE)
SLACK = 3.0
"""Seconds by which a busy machine may be late with a timer."""


@contextlib.asynccontextmanager
async def polling(door: Door) -> AsyncIterator[None]:
    """Let the bot poll meanwhile."""
    task = asyncio.create_task(door.receiver.poll())
    try:
        yield
    finally:
        assert not task.done(), "polling ended by itself"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await door.idle()


def offsets(telegram: OfflineTelegram) -> list[str | None]:
    return [call.parameters.get("offset") for call in telegram.made("getUpdates")]


def answers(telegram: OfflineTelegram) -> list[str]:
    return [call.parameters["callback_query_id"] for call in telegram.made("answerCallbackQuery")]


def query_id(update: JSON) -> str:
    return str(update["callback_query"]["id"])


# ── kept before confirmed ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_first_poll_comes_back_at_once_and_tells_that_updates_arrive(
    door: Door, telegram: OfflineTelegram
) -> None:
    telegram.deliver()
    async with polling(door):
        await until(lambda: len(telegram.made("getUpdates")) > 1)
    waits = [int(call.parameters.get("timeout", 0)) for call in telegram.made("getUpdates")]
    assert waits == [0, 30]
    assert door.receiver.is_healthy


async def test_a_batch_is_kept_before_the_next_poll_confirms_it(door: Door, telegram: OfflineTelegram) -> None:
    kept_at_confirmation: list[int] = []

    async def look(call: Call) -> None:
        if "offset" in call.parameters:
            kept_at_confirmation.append(await rows.count(door.database, InboxUpdate))

    telegram.before_call = look
    first, second = message("/id"), message("/id", person=BOB)
    telegram.deliver(first, second)
    async with polling(door):
        await until(lambda: len(kept_at_confirmation) > 0)
    assert kept_at_confirmation[0] == 2
    assert offsets(telegram) == [None, str(second["update_id"] + 1)]


async def test_an_update_is_confirmed_while_its_handler_still_runs(door: Door, telegram: OfflineTelegram) -> None:
    gate = asyncio.Event()
    telegram.script("sendMessage", Slow(gate=gate))
    telegram.deliver(message("/id"))
    async with polling(door):
        await until(lambda: len(offsets(telegram)) == 2)
        assert telegram.texts(ANNA["id"]) == []
        gate.set()


async def test_nothing_is_confirmed_when_it_could_not_be_kept(door: Door, telegram: OfflineTelegram) -> None:
    update = message("/id")
    with records_away(door.database, "INSERT INTO inbox"):
        telegram.deliver(update)
        async with polling(door):
            await until(lambda: len(offsets(telegram)) == 2)
    assert offsets(telegram) == [None, None]
    assert ["nothing is lost" in sent["text"] for sent in telegram.sent] == [True], "that it waits is all that was said"
    telegram.deliver(update)
    async with polling(door):
        await until(lambda: len(telegram.sent) == 2)
    assert offsets(telegram)[-1] == str(update["update_id"] + 1)


async def test_only_the_kinds_that_are_handled_are_asked_for(door: Door, telegram: OfflineTelegram) -> None:
    async with polling(door):
        await until(lambda: len(offsets(telegram)) == 1)
    asked = telegram.made("getUpdates")[0].parameters["allowed_updates"]
    assert asked == '["message", "callback_query", "my_chat_member"]'


async def test_update_ids_that_begin_again_lower_are_followed(door: Door, telegram: OfflineTelegram) -> None:
    late, restarted = message("/id") | {"update_id": 900_000}, message("/id") | {"update_id": 5}
    async with polling(door):
        telegram.deliver(late)
        await until(lambda: len(offsets(telegram)) == 2)
        telegram.deliver(restarted)
        await until(lambda: len(offsets(telegram)) == 3)
    assert offsets(telegram) == [None, "900001", "6"]
    assert len(telegram.sent) == 2


async def test_an_update_that_comes_twice_is_handled_once(door: Door, telegram: OfflineTelegram) -> None:
    update = message("/register VPS-1")
    await door.receive(update, update)
    await door.receive(update | {"update_id": 77})
    assert len(telegram.sent) == 1
    assert await rows.count(door.database, Handout) == 1


async def test_what_was_handled_leaves_no_text_behind(door: Door) -> None:
    await door.receive(message("/register Frankfurt"), tap(HELP))
    async with door.database.read() as session:
        kept = list(await session.scalars(select(InboxUpdate)))
    assert [update.body for update in kept] == [{}, {}]
    assert all(update.handled_at is not None for update in kept)


# ── in order per person, in parallel across people ────────────────────────────────────────────────────────────────────


async def test_a_slow_person_delays_nobody_else(door: Door, telegram: OfflineTelegram) -> None:
    gate = asyncio.Event()
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("/id"), message("/help"), message("/id", person=BOB)])
    await until(lambda: telegram.texts(BOB["id"]) != [])
    assert telegram.texts(ANNA["id"]) == []
    gate.set()
    await door.idle()
    assert len(telegram.texts(ANNA["id"])) == 2


async def test_one_persons_updates_are_handled_in_the_order_they_came(door: Door, telegram: OfflineTelegram) -> None:
    telegram.script("sendMessage", Slow(0.05), Slow(0.02), None, Slow(0.01))
    commands = ["/id", "/help", "/devices", "/nonsense"]
    await door.receive(*(message(command) for command in commands))
    beginnings = ["Your Telegram ID", "<b>What I do", "You have no devices", "I do not know"]
    texts = [sent["text"] for sent in telegram.sent]
    assert [text[: len(start)] for text, start in zip(texts, beginnings, strict=True)] == beginnings


async def test_a_step_of_a_conversation_never_overtakes_the_one_before(door: Door, telegram: OfflineTelegram) -> None:
    telegram.script("sendMessage", Slow(0.05))
    await door.receive(message("/register"), message("VPS-1"))
    assert "almost ready" in telegram.texts(ANNA["id"])[-1]


async def test_fifty_people_are_served_at_once(build_door: Callable[..., Awaitable[Door]]) -> None:
    door = await build_door(Clock(speed=1000))
    gate = asyncio.Event()
    door.telegram.always("sendMessage", Slow(gate=gate))
    people = [{**ANNA, "id": 10_000 + number} for number in range(50)]
    await door.receiver.accept([message("/id", person=somebody) for somebody in people])
    await until(lambda: len(door.telegram.made("sendMessage")) == 50)
    gate.set()
    await door.idle()
    assert all(len(door.telegram.texts(somebody["id"])) == 1 for somebody in people)


# ── too much at once ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_persons_21st_pending_update_is_told_to_slow_down_counted_and_dropped(
    build_door: Callable[..., Awaitable[Door]],
) -> None:
    door = await build_door(Clock())
    gate, telegram = asyncio.Event(), door.telegram
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("/cancel") for _ in range(20)])
    await until(lambda: len(telegram.made("sendMessage")) == 1)
    await door.receiver.accept([message("/id")])
    await until(lambda: telegram.texts(ANNA["id"]) != [])
    assert "slow" in telegram.texts(ANNA["id"])[0].lower() or "fast" in telegram.texts(ANNA["id"])[0].lower()
    assert door.receiver.dropped == 1
    gate.set()
    await door.idle()
    texts = telegram.texts(ANNA["id"])
    assert sum("nothing to cancel" in text for text in texts) == 20
    assert not any("Your Telegram ID" in text for text in texts)
    assert await door.unhandled() == []


async def test_who_sends_far_too_much_is_told_once(build_door: Callable[..., Awaitable[Door]]) -> None:
    door = await build_door(Clock())
    gate, telegram = asyncio.Event(), door.telegram
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("hello")])
    await until(lambda: len(telegram.made("sendMessage")) == 1)
    await door.receiver.accept([message("hello") for _ in range(59)])
    await until(lambda: door.receiver.dropped == 40)
    await until(lambda: len(telegram.made("sendMessage")) == 2)
    await asyncio.sleep(0.02)
    assert len(telegram.made("sendMessage")) == 2
    gate.set()
    await door.idle()


async def test_somebody_elses_flood_drops_nothing_of_mine(build_door: Callable[..., Awaitable[Door]]) -> None:
    door = await build_door(Clock())
    gate, telegram = asyncio.Event(), door.telegram
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("hello")])
    await until(lambda: len(telegram.made("sendMessage")) == 1)
    await door.receiver.accept([*(message("hello") for _ in range(39)), message("/id", person=BOB)])
    await until(lambda: telegram.texts(BOB["id"]) != [])
    assert "Your Telegram ID" in telegram.texts(BOB["id"])[0]
    gate.set()
    await door.idle()


async def test_a_flood_in_a_group_is_not_answered_in_private(build_door: Callable[..., Awaitable[Door]]) -> None:
    door = await build_door(Clock())
    gate, telegram = asyncio.Event(), door.telegram
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("/id", chat=group(-81)) for _ in range(30)])
    await until(lambda: door.receiver.dropped == 10)
    gate.set()
    await door.idle()
    assert {call.chat for call in telegram.made("sendMessage")} == {-81}


async def test_of_too_many_taps_every_one_is_answered(build_door: Callable[..., Awaitable[Door]]) -> None:
    door = await build_door(Clock())
    gate, telegram = asyncio.Event(), door.telegram
    telegram.script("sendMessage", Slow(gate=gate))
    taps = [tap(HELP, on=2000 + number) for number in range(30)]
    await door.receiver.accept([message("/id"), *taps])
    # not one of their handlers has run
    await until(lambda: len(answers(telegram)) == len(taps))
    assert set(answers(telegram)) == {query_id(update) for update in taps}
    assert door.receiver.dropped == 11
    gate.set()
    await door.idle()


# ── taps ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_tap_is_answered_within_a_second_however_slow_its_handler(
    door: Door, telegram: OfflineTelegram
) -> None:
    gate = asyncio.Event()
    await door.say("/start")
    telegram.script("editMessageText", Slow(gate=gate))
    assert ANSWER_WITHIN < 1
    began = time.monotonic()
    await door.receiver.accept([tap(HELP), tap(MENU)])
    await until(lambda: len(answers(telegram)) == 2)
    assert time.monotonic() - began < ANSWER_WITHIN + SLACK
    gate.set()
    await door.idle()
    assert len(answers(telegram)) == 2


async def test_a_tap_that_is_too_old_to_be_answered_is_obeyed_all_the_same(
    door: Door, telegram: OfflineTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    await door.say("/start")
    telegram.script(
        "answerCallbackQuery", bad_request("query is too old and response timeout expired or query ID is invalid")
    )
    await door.press("Help")
    assert "What I do" in telegram.texts(ANNA["id"])[0]
    assert await door.unhandled() == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_of_several_waiting_taps_that_leaf_through_one_list_only_the_last_edits(
    build_door: Callable[..., Awaitable[Door]],
) -> None:
    door = await build_door(Clock())
    telegram = door.telegram
    await door.say("/devices")
    await door.say("/devices")
    gate = asyncio.Event()
    telegram.script("sendMessage", Slow(gate=gate))
    first = [tap(LIST, on=1000) for _ in range(4)]
    other = [tap(LIST, on=1001) for _ in range(2)]
    telegram.forget()
    await door.receiver.accept([message("/id"), *first, *other])
    await until(lambda: len(telegram.made("sendMessage")) == 1)
    gate.set()
    await door.idle()
    assert [call.message_id for call in telegram.made("editMessageText")] == [1000, 1001]
    assert sorted(answers(telegram)) == sorted(query_id(update) for update in first + other)
    assert await door.unhandled() == []


async def test_taps_that_do_something_are_never_left_out(door: Door, telegram: OfflineTelegram) -> None:
    await door.say("/start")
    gate = asyncio.Event()
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("/id"), tap(HELP), tap(MENU), tap(HELP)])
    gate.set()
    await door.idle()
    assert len(telegram.made("editMessageText")) == 3


# ── what fails and may pass ───────────────────────────────────────────────────────────────────────────────────────────

PASSING: dict[str, list[Step]] = {
    "no answer": [Silence()],
    "applied but not answered": [Silence(applied=True)],
    "500": [server_error()],
    "502": [refused(502, "Bad Gateway")],
    "429": [too_many(2)],
    "three in a row": [Silence(), server_error(), Silence()],
}


@pytest.mark.parametrize("steps", PASSING.values(), ids=PASSING.keys())
async def test_what_fails_for_a_moment_is_tried_again_with_the_effect_of_one(
    door: Door, telegram: OfflineTelegram, steps: list[Step]
) -> None:
    telegram.script("sendMessage", *steps)
    await door.say("/register VPS-1")
    assert await rows.count(door.database, Handout) == 1
    assert "almost ready" in telegram.texts(ANNA["id"])[-1]
    assert await door.unhandled() == []
    assert not any("number" in text for text in telegram.texts(ANNA["id"]))


@pytest.mark.parametrize("steps", PASSING.values(), ids=PASSING.keys())
async def test_a_revocation_whose_answer_fails_for_a_moment_happens_once(
    door: Door, telegram: OfflineTelegram, steps: list[Step]
) -> None:
    anna = await door.enter()
    device, _ = await door.services.devices.create_device(anna.client_id, "VPS-1")
    await door.say("/devices")
    await door.press("VPS-1")
    await door.press("Revoke")
    telegram.script("editMessageText", *steps)
    await door.press("Yes, revoke")
    assert telegram.texts(ANNA["id"])[-1].startswith("⛔")
    assert "already" not in telegram.texts(ANNA["id"])[-1]
    assert len(await rows.list_audit(door.database, "device_revoked")) == 1
    assert (await door.services.devices.get_device(device.id)).revoked


@pytest.mark.parametrize("statement", ["INSERT INTO handouts", "INSERT INTO clients", "FROM chat_users", "BEGIN"])
async def test_a_database_that_is_locked_for_a_moment_costs_nothing(
    door: Door, telegram: OfflineTelegram, statement: str
) -> None:
    update = reduce_update(message("/register VPS-1"), BOT_ID)
    assert update is not None
    await door.program.inbox.receive([update])
    with records_away(door.database, statement, times=2) as outage:
        door.receiver._enqueue(update)
        await door.idle()
    assert outage.refused == 2
    assert await rows.count(door.database, Handout) == 1
    assert telegram.texts(ANNA["id"])[-1].startswith("<b>\u2068VPS-1\u2069</b> is almost ready")
    assert await door.unhandled() == []


async def test_when_the_database_stays_away_the_sender_is_told(door: Door, telegram: OfflineTelegram) -> None:
    await door.enter()
    with records_away(door.database, "chat_users"):
        await door.say("/devices")
        await door.tap(LIST)
    assert "cannot reach my records" in telegram.texts(ANNA["id"])[-1]
    alert = telegram.made("answerCallbackQuery")[-1]
    assert "cannot reach my records" in alert.text
    assert alert.parameters["show_alert"] == "true"


async def test_an_update_is_not_forgotten_while_the_database_cannot_note_that_it_was_handled(
    door: Door, telegram: OfflineTelegram
) -> None:
    with records_away(door.database, "UPDATE inbox", times=5) as outage:
        await door.receive(message("/id"), message("/help"))
    assert outage.refused == 5
    assert len(telegram.sent) == 2
    assert await door.unhandled() == []


async def test_a_database_that_refuses_connections_is_waited_for_too(door: Door, telegram: OfflineTelegram) -> None:
    # asyncpg lets the operating system's error through
    refusal = ConnectionRefusedError(111, "Connect call failed")
    with records_away(door.database, "UPDATE inbox", times=3, error=refusal):
        await door.receive(message("/id"), message("/help"))
    assert len(telegram.sent) == 2
    with records_away(door.database, "FROM chat_users", times=2, error=ConnectionRefusedError(111, "refused")):
        await door.say("/id")
    assert "Your Telegram ID" in telegram.texts(ANNA["id"])[-1]
    assert await door.unhandled() == []


# ── what fails for good ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_update_that_keeps_failing_is_logged_apologised_for_with_the_same_number_and_passed(
    door: Door, telegram: OfflineTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.script("sendMessage", *[server_error()] * 4)
    update = message("/help")
    await door.receive(update, message("/id"))
    apology, following = telegram.texts(ANNA["id"])
    number = apology.rpartition(": ")[2].rstrip(".")
    assert len(number) == 6
    record = next(record for record in caplog.records if number in record.getMessage())
    assert f"{BOT_ID}:{ANNA['id']}:{update['message']['message_id']}" in record.getMessage()
    assert "Your Telegram ID" in following
    assert await door.unhandled() == []


async def test_a_tap_that_keeps_failing_is_answered_with_an_alert(door: Door, telegram: OfflineTelegram) -> None:
    await door.say("/start")
    telegram.script("editMessageText", *[server_error()] * 4)
    await door.press("Help")
    answer = telegram.made("answerCallbackQuery")[-1]
    assert "tell the admin this number" in answer.text
    assert answer.parameters["show_alert"] == "true"
    assert len(telegram.sent) == 1


async def test_a_tap_that_was_answered_before_it_failed_is_apologised_for_in_a_message(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.say("/start")
    gate = asyncio.Event()
    telegram.script("editMessageText", Slow(gate=gate, then=server_error()), *[server_error()] * 3)
    pressing = asyncio.create_task(door.press("Help"))
    await until(lambda: telegram.made("answerCallbackQuery") != [])
    gate.set()
    await pressing
    assert telegram.made("answerCallbackQuery")[-1].text == ""
    assert "tell the admin this number" in telegram.texts(ANNA["id"])[-1]


async def test_somebody_who_blocked_the_bot_is_not_apologised_to(
    door: Door, telegram: OfflineTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.script("sendMessage", blocked())
    await door.say("/help")
    assert len(telegram.made("sendMessage")) == 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert await door.unhandled() == []


async def test_a_handler_that_takes_too_long_is_cut_off_and_the_next_update_handled(
    door: Door, telegram: OfflineTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receiver.HANDLER_TIME == 10
    monkeypatch.setattr(receiver, "HANDLER_TIME", 1.0)
    telegram.script("sendMessage", Slow(gate=asyncio.Event()))
    await door.receive(message("/help"), message("/id"))
    assert telegram.made("sendMessage")[0].was_cancelled
    apology, following = telegram.texts(ANNA["id"])
    assert "tell the admin this number" in apology
    assert "Your Telegram ID" in following


async def test_a_wait_at_the_rate_limit_is_not_the_handlers_own(
    door: Door, telegram: OfflineTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "HANDLER_TIME", 1.0)
    pacer = door.program.bot.rate_limiter
    assert isinstance(pacer, Pacer)
    # the next two seconds' calls are spent: these stand in line for longer than a handler may take
    pacer._tokens = -50.0
    await door.receive(*[message("/id") for _ in range(3)])
    assert [("Your Telegram ID" in text) for text in telegram.texts(ANNA["id"])] == [True] * 3


async def test_a_secret_that_stands_in_line_when_its_handler_is_done_is_shown(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.say("/register VPS-1")
    card, data = telegram.find_button(ANNA["id"], "Show secret")
    pacer = door.program.bot.rate_limiter
    assert isinstance(pacer, Pacer)
    pacer._tokens = 0.0
    await door.receive(tap(data, on=card))
    await until(lambda: any("The secret of" in call.text for call in telegram.made("editMessageText")))


async def test_a_handler_is_cut_off_after_its_wait_at_the_rate_limit_too(
    door: Door, telegram: OfflineTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "HANDLER_TIME", 0.2)
    pacer = door.program.bot.rate_limiter
    assert isinstance(pacer, Pacer)
    pacer._tokens = 5.0
    telegram.script("sendMessage", Slow(gate=asyncio.Event()))
    await door.say("/help")
    assert telegram.made("sendMessage")[0].was_cancelled
    assert "tell the admin this number" in telegram.texts(ANNA["id"])[-1]


async def test_an_apology_that_cannot_be_sent_stops_nothing(door: Door, telegram: OfflineTelegram) -> None:
    telegram.script("sendMessage", *[server_error()] * 5)
    await door.receive(message("/help"), message("/id"))
    assert len(telegram.texts(ANNA["id"])) == 1


async def test_what_fails_in_a_group_is_not_apologised_for_in_private(door: Door, telegram: OfflineTelegram) -> None:
    telegram.script("sendMessage", bad_request("not enough rights to send text messages to the chat"))
    await door.say("/start", chat=group(-82))
    assert [call.chat for call in telegram.made("sendMessage")] == [-82]


# ── updates that are not as they should be ────────────────────────────────────────────────────────────────────────────


def without(update: JSON, *path: str) -> JSON:
    """Return the update without one of its fields."""
    first, *rest = path
    changed = dict(update)
    if rest:
        changed[first] = without(changed[first], *rest)
    else:
        del changed[first]
    return changed


def with_(update: JSON, value: object, *path: str) -> JSON:
    """Return the update with another value in one of its fields."""
    first, *rest = path
    return update | {first: with_(update[first], value, *rest) if rest else value}


CREATOR: dict[str, Any] = {"is_anonymous": False}
ODD: dict[str, JSON] = {
    "nothing": {},
    "an unknown kind": {"update_id": 1, "purchased_paid_media": {"from": ANNA}},
    "an edited message": {"update_id": 2, "edited_message": message("/help")["message"]},
    "a channel post": {"update_id": 3, "channel_post": without(message("/help"), "message", "from")["message"]},
    "no id": without(message("/help", person=OLGA), "update_id"),
    "an id that is text": with_(message("/help", person=OLGA), "seven", "update_id"),
    "an id that is nothing": with_(message("/help", person=OLGA), None, "update_id"),
    "an endless id": with_(message("/help", person=OLGA), float("inf"), "update_id"),
    "a huge id": with_(message("/help", person=OLGA), 10**30, "update_id"),
    "an anonymous sender": without(message("/help", chat=group(-83)), "message", "from"),
    "a sender without id": without(message("/help"), "message", "from", "id"),
    "a sender that is text": with_(message("/help"), "Anna", "message", "from"),
    "a huge sender": with_(message("/help"), 10**30, "message", "from", "id"),
    "no chat": without(message("/help"), "message", "chat"),
    "a chat that is a list": with_(message("/help"), [1], "message", "chat"),
    "no message id": without(message("/help"), "message", "message_id"),
    "an endless message id": with_(message("/help"), float("inf"), "message", "message_id"),
    "an endless date": with_(message("/help"), float("inf"), "message", "date"),
    "a date beyond time": with_(message("/help"), 10**17, "message", "date"),
    "a date before time": with_(message("/help"), -(10**17), "message", "date"),
    "entities that are none": with_(message("/help"), [1, "x", None, {}], "message", "entities"),
    "entities that are text": with_(message("/help"), "bot_command", "message", "entities"),
    "an entity without a length": with_(message("/help"), [{"type": "bot_command"}], "message", "entities"),
    "text that is a number": with_(message("/help"), 5, "message", "text"),
    "text with half a character": message("half \ud800"),
    "a message that is text": {"update_id": 9, "message": "hello"},
    "a tap without sender": without(tap(HELP, on=7), "callback_query", "from"),
    "a tap without id": without(tap(HELP, on=7), "callback_query", "id"),
    "a tap with half a character in its id": with_(tap(HELP, on=7), "\ud800", "callback_query", "id"),
    "a tap on nothing": without(tap(HELP, on=7), "callback_query", "message"),
    "a tap on what is no longer accessible": with_(tap(HELP, on=7), 0, "callback_query", "message", "date"),
    "a tap that says nothing": without(tap(HELP, on=7), "callback_query", "data"),
    "a tap that says a list": with_(tap(HELP, on=7), [HELP], "callback_query", "data"),
    "made an admin": membership("administrator", chat=group(-84)),
    "made the owner": membership("creator", chat=group(-84), **CREATOR),
    "restricted": membership("restricted", chat=group(-84)),
    "restricted in private": membership("restricted"),
    "a status nobody knows": membership("enlightened"),
    "a membership without a date": without(membership("kicked"), "my_chat_member", "date"),
    "a membership with a date beyond time": with_(membership("kicked"), 10**17, "my_chat_member", "date"),
    "a membership without members": without(membership("kicked"), "my_chat_member", "new_chat_member"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
async def test_an_odd_update_stops_neither_the_others_of_its_batch_nor_the_next_of_its_sender(
    door: Door, telegram: OfflineTelegram, odd: JSON, caplog: pytest.LogCaptureFixture
) -> None:
    before, beside, after = message("/id"), message("/id", person=BOB), message("/id")
    async with polling(door):
        telegram.deliver(before, odd, beside, after)
        await until(lambda: len(telegram.made("getUpdates")) == 2)
        await door.idle()
    assert offsets(telegram)[1] is not None
    ids = [text for text in telegram.texts(ANNA["id"]) if "Your Telegram ID" in text]
    assert len(ids) == 2
    assert "Your Telegram ID" in telegram.texts(BOB["id"])[0]
    assert await door.unhandled() == []
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_a_row_that_an_older_release_left_malformed_is_passed(door: Door, telegram: OfflineTelegram) -> None:
    odd = reduce_update(message("/help"), BOT_ID)
    following = reduce_update(message("/id"), BOT_ID)
    assert odd is not None
    assert following is not None
    odd.body["message"]["date"] = "yesterday"
    await door.program.inbox.receive([odd, following])
    await door.receiver.resume()
    await door.idle()
    assert "Your Telegram ID" in telegram.texts(ANNA["id"])[-1]
    assert await door.unhandled() == []


# ── polling that goes wrong ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("out of nowhere"),
        KeyError("result"),
        OSError("no route to host"),
        b"<html>Bad Gateway</html>",
        b"",
        b"[]",
        {"ok": True},
        {"ok": True, "result": 5},
        {"ok": True, "result": None},
        {"ok": True, "result": "abc"},
        {"ok": True, "result": {"update_id": 1}},
        {"ok": True, "result": [None, 5, "x", []]},
        {"ok": False},
        refused(400, "Bad Request: offset is invalid"),
        refused(404, "Not Found"),
        refused(418, "I am a teapot"),
        too_many(3),
    ],
    ids=repr,
)
async def test_polling_survives_any_answer(door: Door, telegram: OfflineTelegram, answer: object) -> None:
    telegram.answer_poll(answer)
    telegram.deliver(message("/id"))
    async with polling(door):
        await until(lambda: len(telegram.sent) == 1)


async def test_an_update_of_a_bad_batch_is_not_confirmed_by_it(door: Door, telegram: OfflineTelegram) -> None:
    telegram.answer_poll({"ok": True, "result": [{"update_id": "x"}, {}]})
    async with polling(door):
        await until(lambda: len(offsets(telegram)) == 2)
    assert offsets(telegram) == [None, None]


TROUBLES: dict[str, tuple[object, str]] = {
    "409": (conflict(), "another program polls"),
    "401": (unauthorized(), "BOT_TOKEN"),
    "no network": (OSError("no route to host"), "cannot be reached"),
    "502": (refused(502, "Bad Gateway"), "cannot be reached"),
    "429": (too_many(2), "asks to wait"),
    "webhook": (conflict("can't use getUpdates method while webhook is active"), "webhook"),
}


@pytest.mark.parametrize(("answer", "words"), TROUBLES.values(), ids=TROUBLES.keys())
async def test_what_keeps_updates_from_coming_is_told_apart(
    door: Door, telegram: OfflineTelegram, answer: object, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.answer_poll(answer)
    telegram.answer_poll(answer)
    async with polling(door):
        await until(lambda: len(offsets(telegram)) == 3)
        assert words in (door.receiver.trouble or "")
        assert not door.receiver.is_healthy
        telegram.deliver()
        await until(lambda: len(offsets(telegram)) == 4)
        assert door.receiver.trouble is None
        assert door.receiver.is_healthy
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(said) == 1, "the same trouble is said once"
    assert words in said[0]


async def test_a_webhook_that_is_in_the_way_is_removed(door: Door, telegram: OfflineTelegram) -> None:
    telegram.answer_poll(conflict("can't use getUpdates method while webhook is active; use deleteWebhook"))
    async with polling(door):
        await until(lambda: len(offsets(telegram)) == 2)
    assert len(telegram.made("deleteWebhook")) == 1
    assert telegram.made("deleteWebhook")[0].parameters.get("drop_pending_updates") is None


async def test_another_poller_is_not_answered_with_the_removal_of_a_webhook(
    door: Door, telegram: OfflineTelegram
) -> None:
    telegram.answer_poll(conflict())
    async with polling(door):
        await until(lambda: len(offsets(telegram)) == 2)
    assert telegram.made("deleteWebhook") == []


async def test_a_bot_that_cannot_keep_what_it_fetches_is_not_healthy(door: Door, telegram: OfflineTelegram) -> None:
    with records_away(door.database, "INSERT INTO inbox"):
        async with polling(door):
            for attempt in range(3):
                telegram.deliver(message("/id"))
                await until(lambda attempt=attempt: len(offsets(telegram)) == attempt + 2)  # type: ignore[misc]
                assert "database" in (door.receiver.trouble or "")
                assert not door.receiver.is_healthy


async def test_a_bot_that_has_not_polled_for_long_is_not_healthy(door: Door, clock: FakeClock) -> None:
    assert not door.receiver.is_healthy
    assert door.receiver.trouble == "not started"
    door.telegram.deliver()
    async with polling(door):
        await until(lambda: door.receiver.is_healthy)
        clock.advance(timedelta(seconds=receiver.STALE_AFTER + 1))
        assert not door.receiver.is_healthy


async def test_what_telegram_delivers_while_too_much_waits_is_sent_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "PENDING_IN_ALL", 1)
    gate = asyncio.Event()
    door.telegram.always("sendMessage", Slow(gate=gate))
    await door.receiver.take_in([message("/id")])
    with pytest.raises(Overloaded):
        await door.receiver.take_in([message("/id")])
    assert len(await door.unhandled()) == 1, "what was sent back is not kept: it comes again"
    gate.set()
    await door.idle()
    await door.receiver.take_in([message("/id")])


# ── taking up what was left ───────────────────────────────────────────────────────────────────────────────────────────


async def test_what_a_previous_run_left_is_handled_first_thing_and_in_order(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    before = await build_door(clock)
    updates = [message("/register"), message("/id", person=BOB), message("VPS-1")]
    reduced = [reduce_update(update, BOT_ID) for update in updates]
    await before.program.inbox.receive([update for update in reduced[:2] if update])
    clock.advance(timedelta(seconds=1))
    await before.program.inbox.receive([update for update in reduced[2:] if update])
    after = await build_door(clock)
    await after.receiver.resume()
    await after.idle()
    assert "almost ready" in telegram.texts(ANNA["id"])[-1]
    assert "Your Telegram ID" in telegram.texts(BOB["id"])[0]
    assert await after.unhandled() == []


async def test_an_update_that_was_cut_off_by_a_stop_is_handled_by_the_next_run(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    before = await build_door(clock)
    telegram.script("sendMessage", Slow(gate=asyncio.Event()))
    await before.receiver.accept([message("/register VPS-1"), message("/id")])
    await until(lambda: len(telegram.made("sendMessage")) == 1)
    await before.receiver.finish(within=0.05)
    assert len(await before.unhandled()) == 2
    after = await build_door(clock)
    await after.receiver.resume()
    await after.idle()
    assert len(telegram.sent) == 2
    assert await rows.count(after.database, Handout) == 1


async def test_a_left_over_update_that_telegram_redelivers_is_handled_once(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    before = await build_door(clock)
    update = message("/id")
    reduced = reduce_update(update, BOT_ID)
    assert reduced is not None
    await before.program.inbox.receive([reduced])
    after = await build_door(clock)
    await after.receiver.resume()
    await after.receive(update)
    assert len(telegram.sent) == 1
