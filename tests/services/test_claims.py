"""Notices claimed by several processes: each is sent by one, one a person at a time, and none is left behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.services.notices import BATCH, CLAIM_LIFE, NoticeKind, NoticeService, owe
from storage.models import Notice
from tests import rows
from tests.chat.faults import overheard
from tests.conftest import ADMIN_ID
from tests.storage.test_query_plans import read_plan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.database import Database
    from tests.fakes import FakeClock

ANNA, BOB = 101, 202
MOMENT = timedelta(milliseconds=1)


async def owe_some(database: Database, clock: FakeClock, *people: int) -> None:
    """Owe each a notice, one after the other; whoever is named twice gets two."""
    async with database.begin() as session:
        for person in people:
            clock.advance(MOMENT)
            owe(session, person, NoticeKind.FIRST_LOGIN, str(clock.now()), clock.now(), told_by=ADMIN_ID)


@pytest.fixture
def others(database_url: str, open_database: Callable[[str], Database], clock: FakeClock) -> list[NoticeService]:
    """Other processes on the same database."""
    return [NoticeService(open_database(database_url), clock) for _ in range(4)]


@pytest.fixture
def other(others: list[NoticeService]) -> NoticeService:
    """Another process on the same database."""
    return others[0]


async def test_what_one_process_has_claimed_no_other_gets(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA)
    assert await other.has_due()
    assert len(await notices.claim_due()) == 1
    assert not await other.has_due()
    assert await other.claim_due() == []
    clock.advance(CLAIM_LIFE - MOMENT)
    assert await other.claim_due() == []


async def test_who_is_being_written_to_by_one_process_is_written_to_by_no_other(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA, ANNA, BOB)
    first, of_bob = await notices.claim_due()
    assert (first.telegram_id, of_bob.telegram_id) == (ANNA, BOB)
    assert await other.claim_due() == []
    await notices.mark_sent(first)
    [second] = await other.claim_due()
    assert second.telegram_id == ANNA
    assert second.created_at > first.created_at


async def test_one_batch_has_the_oldest_notice_of_each_person(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, BOB, ANNA, ANNA, BOB)
    claimed = await notices.claim_due()
    owed = await rows.list_notices(database)
    assert [notice.id for notice in claimed] == [owed[0].id, owed[1].id]


async def test_a_claim_whose_time_is_over_goes_to_whoever_comes_first(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA)
    await notices.claim_due()
    clock.advance(CLAIM_LIFE)
    assert len(await other.claim_due()) == 1
    assert await notices.claim_due() == []


MARKS: dict[str, Callable[[NoticeService, Notice], Awaitable[bool]]] = {
    "sent": lambda process, notice: process.mark_sent(notice, 7),
    "postponed": lambda process, notice: process.postpone(notice, "Telegram is away"),
    "dropped": lambda process, notice: process.drop(notice, "blocked"),
}


@pytest.mark.parametrize("how", MARKS)
async def test_who_finishes_after_another_has_claimed_marks_nothing(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock, how: str
) -> None:
    await owe_some(database, clock, ANNA)
    [notice] = await notices.claim_due()
    clock.advance(CLAIM_LIFE)
    [theirs] = await other.claim_due()
    assert not await MARKS[how](notices, notice)
    [after] = await rows.list_notices(database)
    assert (after.claim_token, after.next_attempt_at) == (theirs.claim_token, theirs.next_attempt_at)
    assert (after.sent_at, after.dropped_at, after.attempts) == (None, None, 0)
    assert await rows.list_audit(database) == []
    assert await other.mark_sent(theirs)


async def test_who_finishes_late_but_before_anybody_else_claimed_marks_what_it_did(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA)
    [notice] = await notices.claim_due()
    clock.advance(CLAIM_LIFE)
    assert await notices.mark_sent(notice)
    assert await other.claim_due() == []


async def test_a_process_has_again_what_it_claimed_and_could_not_mark(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA)
    [notice] = await notices.claim_due()
    assert await notices.claim_due([ANNA]) == []
    assert [again.id for again in await notices.claim_due()] == [notice.id]


async def test_whoever_becomes_the_active_bot_waits_for_no_claim_of_the_one_before(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA, BOB)
    left = await notices.claim_due()
    await other.take_over()
    assert [notice.id for notice in await other.claim_due()] == [notice.id for notice in left]
    await other.take_over()
    assert not await notices.mark_sent(left[0]), "to take over ends the claims of the others only"


async def test_a_finished_notice_is_claimed_by_nobody(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    await owe_some(database, clock, ANNA, BOB, 303)
    sent, dropped, postponed = await notices.claim_due()
    assert await notices.mark_sent(sent)
    assert await notices.drop(dropped, "blocked")
    assert await notices.postpone(postponed, "later")
    owed = await rows.list_notices(database)
    assert {(notice.claim_token, notice.claimed_until) for notice in owed} == {(None, None)}
    assert not await notices.mark_sent(sent), "once"


async def test_of_many_processes_that_claim_at_once_each_notice_goes_to_one_and_each_person_hears_from_one(
    others: list[NoticeService], database: Database, clock: FakeClock
) -> None:
    people = range(1, BATCH // 2)
    await owe_some(database, clock, *people, *people, *people)
    for _ in range(3):
        batches = await asyncio.gather(*(process.claim_due() for process in others))
        claimed = [notice for batch in batches for notice in batch]
        assert sorted(notice.telegram_id for notice in claimed) == list(people)
        marked = [[await process.mark_sent(notice) for process in others] for notice in claimed]
        assert all(sum(by_each) == 1 for by_each in marked)
        clock.advance(MOMENT)
    assert not any([await process.has_due() for process in others])
    for person in people:
        times = [notice.sent_at for notice in await rows.list_notices(database) if notice.telegram_id == person]
        assert times == [clock.now() - step * MOMENT for step in (3, 2, 1)]


async def test_nobody_waits_for_a_notice_that_another_process_is_just_marking(
    notices: NoticeService, other: NoticeService, database: Database, clock: FakeClock, backend: str
) -> None:
    if backend != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    await owe_some(database, clock, ANNA, BOB)
    [of_anna, _] = await rows.list_notices(database)
    async with database.begin() as session:
        await session.execute(update(Notice).where(Notice.id == of_anna.id).values(last_error="being marked"))
        async with asyncio.timeout(5):
            assert [notice.telegram_id for notice in await other.claim_due()] == [BOB]


async def test_to_look_and_to_claim_goes_along_an_index(
    notices: NoticeService, database: Database, clock: FakeClock, backend: str
) -> None:
    await owe_some(database, clock, ANNA, BOB)
    statements: list[tuple[str, Any]] = []

    def note(statement: str, values: object) -> None:
        if "notices" in statement:
            statements.append((statement, values))

    with overheard(database, note, note):
        assert await notices.has_due([BOB])
        assert len(await notices.claim_due([BOB])) == 1
    assert len(statements) == 3
    for statement, values in statements:
        plan = await read_plan(database, statement, values, backend)
        assert not [step for step in plan if step.startswith("SCAN notices") or "Seq Scan" in step], plan
