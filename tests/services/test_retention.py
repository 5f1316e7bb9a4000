"""What is over is forgotten when its time has passed, in small steps; what is still a duty never is."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.services.notices import NoticeKind, owe
from bot.services.questions import Question, QuestionService
from bot.services.retention import MOST_OWED, STEP, RetentionService
from storage import audit
from storage.models import FINISHED_HANDOUT, AuditEvent, Conversation, Handout, HandoutState, Invite, Notice
from tests import rows
from tests.conftest import SQLITE
from tests.services.cards import lead_to

if TYPE_CHECKING:
    from bot.services.clients import Person
    from bot.services.handouts import HandoutService
    from bot.services.notices import NoticeService
    from storage.database import Database
    from tests.fakes import FakeClock

KEPT = timedelta(days=90)
OVER = (HandoutState.DESTROYED, HandoutState.CANCELLED, HandoutState.EXPIRED, HandoutState.FAILED)
NOT_OVER = (
    HandoutState.OFFERING,
    HandoutState.OFFERED,
    HandoutState.ARMED,
    HandoutState.SHOWN,
    HandoutState.DESTROYING,
)


@pytest.fixture
def retention(database: Database, clock: FakeClock) -> RetentionService:
    return RetentionService(database, clock, KEPT)


async def send_all(notices: NoticeService) -> None:
    while owed := await notices.claim_due():
        for notice in owed:
            await notices.mark_sent(notice)


@pytest.mark.parametrize("state", OVER)
async def test_a_secret_message_that_is_over_is_forgotten_after_its_time_and_not_before(
    retention: RetentionService,
    handouts: HandoutService,
    notices: NoticeService,
    anna: Person,
    clock: FakeClock,
    database: Database,
    state: HandoutState,
) -> None:
    handout = await lead_to(state, handouts, anna, clock)
    await handouts.close_card(handout.id)
    await send_all(notices)
    over_at = clock.now()
    clock.advance(KEPT - timedelta(hours=2))
    await retention.clean()
    assert await rows.count(database, Handout) == 1
    clock.advance(over_at + KEPT + timedelta(seconds=1) - clock.now())
    await retention.clean()
    assert await rows.count(database, Handout) == 0
    assert await rows.count(database, Notice) == 0


@pytest.mark.parametrize("state", NOT_OVER)
async def test_the_duty_to_destroy_is_kept_for_ever(
    retention: RetentionService,
    handouts: HandoutService,
    anna: Person,
    clock: FakeClock,
    database: Database,
    state: HandoutState,
) -> None:
    await lead_to(state, handouts, anna, clock)
    clock.advance(10 * KEPT)
    await retention.clean()
    assert await rows.count(database, Handout) == 1


async def test_a_card_that_is_still_to_be_taken_away_is_kept(
    retention: RetentionService, handouts: HandoutService, anna: Person, clock: FakeClock, database: Database
) -> None:
    card = await lead_to(HandoutState.EXPIRED, handouts, anna, clock)
    clock.advance(10 * KEPT)
    await retention.clean()
    assert (await rows.read_handout(database, card.id)).next_attempt_at is not None


async def test_a_secret_message_is_kept_as_long_as_its_receipt_is_owed(
    retention: RetentionService,
    handouts: HandoutService,
    notices: NoticeService,
    anna: Person,
    clock: FakeClock,
    database: Database,
) -> None:
    await lead_to(HandoutState.DESTROYED, handouts, anna, clock)
    clock.advance(10 * KEPT)
    await retention.clean()
    assert (await rows.count(database, Handout), await rows.count(database, Notice)) == (1, 1)
    await send_all(notices)
    await retention.clean()
    assert (await rows.count(database, Handout), await rows.count(database, Notice)) == (0, 1)


async def test_a_message_that_was_destroyed_late_is_kept_from_then_on(
    retention: RetentionService,
    handouts: HandoutService,
    notices: NoticeService,
    anna: Person,
    clock: FakeClock,
    database: Database,
) -> None:
    card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
    clock.advance(KEPT - timedelta(days=1))
    await handouts.mark_destroyed(card.id)
    await send_all(notices)
    clock.advance(KEPT - timedelta(days=1))
    await retention.clean()
    assert await rows.count(database, Handout) == 1


async def test_with_very_much_owed_secret_messages_are_left_for_later(
    retention: RetentionService,
    handouts: HandoutService,
    notices: NoticeService,
    anna: Person,
    clock: FakeClock,
    database: Database,
) -> None:
    await lead_to(HandoutState.DESTROYED, handouts, anna, clock)
    await send_all(notices)
    async with database.begin() as session:
        for number in range(MOST_OWED + 1):
            owe(session, 7, NoticeKind.FIRST_LOGIN, str(number), clock.now(), device_name="VPS-1")
    clock.advance(2 * KEPT)
    await retention.clean()
    assert await rows.count(database, Handout) == 1


async def test_notices_that_were_sent_or_dropped_go_and_owed_ones_stay(
    retention: RetentionService, notices: NoticeService, clock: FakeClock, database: Database
) -> None:
    async with database.begin() as session:
        for telegram_id in (1, 2, 3):
            owe(session, telegram_id, NoticeKind.OWNER_UNREACHABLE, "x", clock.now(), device_name="VPS-1")
    sent, dropped, owed = sorted(await notices.claim_due(), key=lambda notice: notice.telegram_id)
    await notices.mark_sent(sent)
    await notices.drop(dropped, "blocked")
    await notices.postpone(owed, "later")
    clock.advance(KEPT + timedelta(seconds=1))
    await retention.clean()
    assert [notice.telegram_id for notice in await rows.list_notices(database)] == [3]


async def test_the_audit_is_forgotten_in_steps_that_leave_nothing_old(
    retention: RetentionService, clock: FakeClock, database: Database
) -> None:
    async with database.begin() as session:
        for _ in range(2 * STEP + 1):
            audit.append(session, at=clock.now(), actor="system", action="tested")
    clock.advance(KEPT)
    async with database.begin() as session:
        audit.append(session, at=clock.now(), actor="system", action="new")
    await retention.clean()
    assert await rows.count(database, AuditEvent) == 2 * STEP + 2, "its time is not over yet"
    clock.advance(timedelta(seconds=1))
    await retention.clean()
    assert [event.action for event in await rows.list_audit(database)] == ["new"]


async def test_questions_that_nobody_answered_and_searches_are_forgotten(
    retention: RetentionService, clock: FakeClock, database: Database
) -> None:
    questions = QuestionService(database, clock)
    await questions.ask(Question(5, "name"))
    await questions.remember(5, "search", {"term": "VPS"})
    clock.advance(KEPT)
    await questions.ask(Question(6, "name"))
    clock.advance(timedelta(seconds=1))
    await retention.clean()
    assert await questions.find_open(5) is None
    assert await questions.find_open(6) is not None
    assert await rows.count(database, Conversation) == 1


async def test_invites_are_forgotten_when_their_time_is_long_over(
    retention: RetentionService, clock: FakeClock, database: Database
) -> None:
    for life in (timedelta(days=1), timedelta(days=2)):
        invite = Invite(
            id=uuid.uuid4(),
            token_hash=uuid.uuid4().bytes * 2,
            kind="client",
            made_by=9,
            source=str(life),
            created_at=clock.now(),
            expires_at=clock.now() + life,
        )
        async with database.begin() as session:
            session.add(invite)
    clock.advance(KEPT + timedelta(days=1.5))
    await retention.clean()
    assert await rows.count(database, Invite) == 1


async def test_two_that_clean_at_once_do_not_disturb_each_other(
    retention: RetentionService, clock: FakeClock, database: Database
) -> None:
    async with database.begin() as session:
        for _ in range(2 * STEP):
            audit.append(session, at=clock.now(), actor="system", action="tested")
    clock.advance(2 * KEPT)
    await asyncio.gather(*(retention.clean() for _ in range(4)))
    assert await rows.count(database, AuditEvent) == 0


QUERIES = {
    "ix_handouts_finished": "SELECT id FROM handouts WHERE {finished} AND created_at < '2026-01-01' "
    "ORDER BY created_at LIMIT 200",
    "ix_notices_ended": "SELECT id FROM notices WHERE next_attempt_at IS NULL AND created_at < '2026-01-01' "
    "ORDER BY created_at LIMIT 200",
    "ix_audit_events_newest": "SELECT id FROM audit_events WHERE at < '2026-01-01' ORDER BY at LIMIT 200",
    "ix_conversations_updated_at": "SELECT name FROM conversations WHERE updated_at < '2026-01-01' "
    "ORDER BY updated_at LIMIT 200",
    "ix_invites_expires_at": "SELECT id FROM invites WHERE expires_at < '2026-01-01' ORDER BY expires_at LIMIT 200",
    "ix_inbox_handled_at": "SELECT source FROM inbox WHERE handled_at < '2026-01-01' LIMIT 200",
}


@pytest.mark.parametrize("index", QUERIES)
async def test_what_is_old_is_found_by_an_index(database: Database, backend: str, index: str) -> None:
    explain = "EXPLAIN QUERY PLAN" if backend == SQLITE else "EXPLAIN"
    async with database.read() as session:
        if backend != SQLITE:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.execute(text(f"{explain} {QUERIES[index].format(finished=FINISHED_HANDOUT)}"))
        assert index in str(plan.all())
