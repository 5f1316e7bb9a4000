"""What is owed to somebody arrives, in order, whatever Telegram or the database does meanwhile."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from bot.chat import notifier
from bot.services.clients import BLOCKED_BOT
from bot.services.notices import NoticeKind, NoticeService, owe
from storage.models import ChatUser
from tests import rows
from tests.chat.faults import records_away
from tests.chat.offline import Silence, Slow, bad_request, blocked, server_error, too_many
from tests.chat.speech import ANNA, BOB, OLGA
from tests.fakes import FakeClock, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.models import Notice
    from tests.chat.conftest import Door
    from tests.chat.offline import OfflineTelegram, Step

CHAT = ANNA["id"]


class Debt:
    """Notices, and the notifier at work."""

    def __init__(self, door: Door, clock: FakeClock) -> None:
        self.door = door
        self.telegram = door.telegram
        self.clock = clock
        self.count = 0

    async def owe(self, name: str, *, to: int = CHAT, kind: NoticeKind = NoticeKind.OWNER_UNREACHABLE) -> None:
        """Owe somebody a notice about a device of this name."""
        self.count += 1
        # in the order in which they are owed
        self.clock.advance(timedelta(milliseconds=1))
        async with self.door.database.begin() as session:
            owe(session, to, kind, f"cause {self.count}", self.clock.now(), device_name=name)
        self.door.program.notifier.wake()

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))
        self.door.program.notifier.wake()

    async def names(self, expected: int, *, chat: int = CHAT) -> list[str]:
        """Wait for so many notices, and return about what they are."""
        await until(lambda: len(self.telegram.texts(chat)) >= expected)
        return [text.partition("<code>")[2].partition("</code>")[0] for text in self.telegram.texts(chat)]

    async def find(self, name: str) -> Notice:
        """Return the notice about a device of this name."""
        found = await rows.list_notices(self.door.database)
        return next(notice for notice in found if notice.details.get("device_name") == name)

    async def attempted(self, name: str, times: int = 1) -> Notice:
        """Wait until sending it failed so many times."""
        async with asyncio.timeout(10):
            while (notice := await self.find(name)).attempts < times:  # noqa: ASYNC110 - it is in a database
                await asyncio.sleep(0.005)
        return notice


@pytest.fixture
async def debt(door: Door, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Debt]:
    monkeypatch.setattr(notifier, "LOOK_EVERY", 0.1)
    await door.enter()
    task = asyncio.create_task(door.program.notifier.run())
    yield Debt(door, clock)
    assert not task.done(), "the notifier never ends by itself"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await door.program.notifier.finish(0)


async def test_what_is_owed_is_sent_once_and_noted(debt: Debt) -> None:
    await debt.owe("VPS-1")
    assert await debt.names(1) == ["VPS-1"]
    await until(lambda: not debt.door.program.notifier._under_way)
    debt.later(3600)
    await asyncio.sleep(0.05)
    assert len(debt.telegram.sent) == 1
    notice = await debt.find("VPS-1")
    assert notice.sent_at is not None
    assert notice.next_attempt_at is None


async def test_one_persons_notices_arrive_in_the_order_in_which_they_were_owed(debt: Debt) -> None:
    debt.telegram.script("sendMessage", Slow(0.05), Slow(0.02))
    for name in ("one", "two", "three", "four"):
        await debt.owe(name)
    assert await debt.names(4) == ["one", "two", "three", "four"]


async def test_a_slow_chat_keeps_nobody_else_waiting(debt: Debt) -> None:
    gate = asyncio.Event()
    debt.telegram.script("sendMessage", Slow(gate=gate))
    await debt.owe("slow")
    await until(lambda: len(debt.telegram.made("sendMessage")) == 1)
    await debt.owe("quick", to=BOB["id"])
    assert await debt.names(1, chat=BOB["id"]) == ["quick"]
    gate.set()
    assert await debt.names(1) == ["slow"]


@pytest.mark.parametrize("step", [Silence(), server_error(), Silence(applied=True)])
async def test_what_could_not_be_sent_is_sent_later_with_growing_pauses(debt: Debt, step: Step) -> None:
    debt.telegram.script("sendMessage", *[step] * 3)
    await debt.owe("VPS-1")
    pauses = [0.0]
    for attempt in (1, 2, 3):
        debt.later(pauses[-1])
        notice = await debt.attempted("VPS-1", attempt)
        assert notice.next_attempt_at is not None
        pauses.append((notice.next_attempt_at - debt.clock.now()).total_seconds())
    assert pauses == sorted(set(pauses))
    debt.later(pauses[-1])
    assert (await debt.names(1))[-1] == "VPS-1"


async def test_a_notice_that_telegram_told_to_wait_is_sent_when_the_wait_is_over(debt: Debt) -> None:
    debt.telegram.script("sendMessage", too_many(30))
    await debt.owe("VPS-1")
    notice = await debt.attempted("VPS-1")
    assert notice.next_attempt_at == debt.clock.now() + timedelta(seconds=30)
    debt.later(30)
    assert await debt.names(1) == ["VPS-1"]


@pytest.mark.parametrize("step", [blocked(), bad_request("chat not found")])
async def test_a_notice_that_can_never_arrive_is_given_up_and_the_audit_says_so(debt: Debt, step: Step) -> None:
    debt.telegram.script("sendMessage", step)
    await debt.owe("VPS-1")
    async with asyncio.timeout(10):
        while (notice := await debt.find("VPS-1")).dropped_at is None:  # noqa: ASYNC110 - it is in a database
            await asyncio.sleep(0.005)
    assert notice.next_attempt_at is None
    assert len(await rows.list_audit(debt.door.database, "notice_dropped")) == 1


async def test_who_blocked_the_bot_is_known_to_have(debt: Debt) -> None:
    debt.telegram.script("sendMessage", blocked())
    await debt.owe("VPS-1")

    async def status() -> str:
        async with debt.door.database.read() as session:
            return (await session.get_one(ChatUser, CHAT)).status

    async with asyncio.timeout(10):
        while await status() != BLOCKED_BOT:  # noqa: ASYNC110 - it is in a database
            await asyncio.sleep(0.005)


async def test_an_admin_learns_that_the_owner_of_a_revoked_device_could_not_be_told(
    debt: Debt, telegram: OfflineTelegram
) -> None:
    anna = await debt.door.enter()
    device, _ = await debt.door.services.devices.create_device(anna.client_id, "VPS-1")

    async def block_anna(call: object) -> None:
        method, chat = getattr(call, "method", ""), getattr(call, "parameters", {}).get("chat_id")
        if method == "sendMessage" and chat == str(CHAT):
            telegram.script("sendMessage", blocked())

    telegram.before_call = block_anna
    await debt.door.say(f"/revoke {device.id} stolen", person=OLGA)
    await until(lambda: any("could not be told" in text for text in telegram.texts(OLGA["id"])))


async def test_a_notice_that_telegram_refuses_is_reported_and_keeps_no_other_waiting(
    debt: Debt, caplog: pytest.LogCaptureFixture
) -> None:
    debt.telegram.script("sendMessage", bad_request("can't parse entities"))
    await debt.owe("odd")
    await debt.attempted("odd")
    await debt.owe("fine")
    assert await debt.names(1) == ["fine"]
    assert any(record.levelno == logging.ERROR for record in caplog.records)


async def test_a_notice_that_cannot_be_drawn_is_reported_tried_again_later_and_keeps_no_other_waiting(
    debt: Debt, caplog: pytest.LogCaptureFixture
) -> None:
    await debt.owe("odd", kind=NoticeKind.FIRST_LOGIN)
    notice = await debt.attempted("odd")
    assert notice.next_attempt_at is not None
    assert notice.next_attempt_at > debt.clock.now()
    await debt.owe("fine")
    assert await debt.names(1) == ["fine"]
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 1


@pytest.mark.parametrize("error", [None, ConnectionRefusedError(111, "refused")])
async def test_notices_wait_for_a_database_that_is_away(debt: Debt, error: Exception | None) -> None:
    with records_away(debt.door.database, "FROM notices", times=2, error=error) as outage:
        await debt.owe("VPS-1")
        await until(lambda: outage.left == 0)
    assert await debt.names(1) == ["VPS-1"]


async def test_a_notice_that_could_not_be_claimed_is_sent_all_the_same(debt: Debt) -> None:
    with records_away(debt.door.database, "UPDATE notices SET claim_token", times=1) as outage:
        await debt.owe("VPS-1")
        assert await debt.names(1) == ["VPS-1"]
    assert outage.refused == 1


async def test_to_look_for_what_is_due_writes_nothing(debt: Debt) -> None:
    statements: list[str] = []
    engine = debt.door.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        await asyncio.sleep(3 * notifier.LOOK_EVERY)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(statements) >= 2
    assert all(statement == "BEGIN" or statement.startswith("SELECT") for statement in statements)


async def test_what_another_process_is_sending_is_left_to_it_until_that_is_no_longer_the_active_bot(
    debt: Debt,
) -> None:
    other = NoticeService(debt.door.database, debt.clock)
    async with debt.door.database.begin() as session:
        owe(session, CHAT, NoticeKind.OWNER_UNREACHABLE, "first", debt.clock.now(), device_name="first")
    [claimed] = await other.claim_due()
    await debt.owe("second")
    await debt.owe("of Bob", to=BOB["id"])
    assert await debt.names(1, chat=BOB["id"]) == ["of Bob"]
    assert debt.telegram.texts(CHAT) == []
    await debt.door.program.notifier.resume()
    debt.door.program.notifier.wake()
    assert await debt.names(2) == ["first", "second"]
    assert not await other.mark_sent(claimed)


async def test_a_notice_that_arrived_and_could_not_be_noted_is_sent_again(debt: Debt) -> None:
    with records_away(debt.door.database, "UPDATE notices SET next_attempt_at", times=1):
        await debt.owe("VPS-1")
        assert await debt.names(2) == ["VPS-1", "VPS-1"]
    await until(lambda: not debt.door.program.notifier._under_way)
    assert (await debt.find("VPS-1")).sent_at is not None
