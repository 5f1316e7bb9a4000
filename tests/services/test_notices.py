"""Messages owed to somebody: written with their cause, sent later, once each, or given up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from bot.services.notices import BATCH, LAST_RETRY, NoticeKind, NoticeService, owe
from storage.models import Notice
from tests import rows
from tests.conftest import ADMIN_ID

if TYPE_CHECKING:
    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from storage.database import Database
    from tests.fakes import FakeClock


async def make_one(database: Database, clock: FakeClock, cause: str = "cause", telegram_id: int = 101) -> Notice:
    async with database.begin() as session:
        owe(session, telegram_id, NoticeKind.FIRST_LOGIN, cause, clock.now(), device_name="VPS-1")
    return (await rows.list_notices(database))[-1]


async def read(database: Database, notice: Notice) -> Notice:
    async with database.read() as session:
        return await session.get_one(Notice, notice.id)


async def test_a_notice_is_owed_only_when_its_cause_is_committed(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    async def fail() -> None:
        async with database.begin() as session:
            owe(session, 101, NoticeKind.FIRST_LOGIN, "cause", clock.now())
            await session.flush()
            raise RuntimeError("the cause did not come to be")

    with pytest.raises(RuntimeError):
        await fail()
    assert await notices.claim_due() == []


async def test_one_cause_owes_one_notice_a_person(database: Database, clock: FakeClock) -> None:
    await make_one(database, clock)
    with pytest.raises(IntegrityError):
        await make_one(database, clock)
    await make_one(database, clock, telegram_id=202)
    assert await rows.count(database, Notice) == 2


async def test_the_longest_owed_comes_first_and_who_is_being_written_to_is_left_out(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    first = await make_one(database, clock, "first", telegram_id=202)
    clock.advance(timedelta(seconds=1))
    second = await make_one(database, clock, "second", telegram_id=101)
    assert [notice.id for notice in await notices.claim_due([202])] == [second.id]
    assert [notice.id for notice in await notices.claim_due()] == [first.id, second.id]


async def test_no_more_than_a_batch_is_taken_at_once(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    async with database.begin() as session:
        for number in range(BATCH + 1):
            owe(session, 101 + number, NoticeKind.FIRST_LOGIN, str(number), clock.now())
    assert len(await notices.claim_due()) == BATCH


async def test_a_sent_notice_is_never_due_again(notices: NoticeService, database: Database, clock: FakeClock) -> None:
    notice = await make_one(database, clock)
    await notices.claim_due()
    await notices.mark_sent(notice)
    clock.advance(timedelta(days=1))
    assert await notices.claim_due() == []
    assert await notices.find_next_attempt() is None
    assert (await read(database, notice)).sent_at == clock.now() - timedelta(days=1)


async def test_the_pause_doubles_from_two_seconds_to_ten_minutes(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    notice = await make_one(database, clock)
    pauses = []
    await notices.claim_due()
    for _ in range(14):
        await notices.postpone(await read(database, notice), "x" * 300)
        next_attempt = await notices.find_next_attempt()
        assert next_attempt is not None
        assert await notices.claim_due() == []
        pauses.append((next_attempt - clock.now()).total_seconds())
        clock.advance(next_attempt - clock.now())
        assert len(await notices.claim_due()) == 1
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, *[LAST_RETRY.total_seconds()] * 5]
    row = await read(database, notice)
    assert (row.attempts, row.last_error) == (14, "x" * 200)


async def test_a_pause_that_telegram_asks_for_is_kept(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    notice = await make_one(database, clock)
    await notices.claim_due()
    await notices.postpone(notice, "Too Many Requests", timedelta(seconds=37))
    assert await notices.find_next_attempt() == clock.now() + timedelta(seconds=37)


async def test_a_pause_stays_short_however_often_it_failed(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    notice = await make_one(database, clock)
    await notices.claim_due()
    notice.attempts = 10_000
    await notices.postpone(notice, "still away")
    assert await notices.find_next_attempt() == clock.now() + LAST_RETRY


async def test_a_notice_that_was_given_up_is_in_the_audit(
    notices: NoticeService, database: Database, clock: FakeClock
) -> None:
    notice = await make_one(database, clock)
    await notices.claim_due()
    await notices.drop(notice, "Forbidden: bot was blocked by the user")
    assert await notices.claim_due() == []
    assert (await read(database, notice)).dropped_at == clock.now()
    [event] = await rows.list_audit(database, "notice_dropped")
    assert event.details["telegram_id"] == 101
    assert await rows.count(database, Notice) == 1


async def test_the_admin_who_revoked_is_told_that_the_owner_could_not_be(
    notices: NoticeService, devices: DeviceService, anna: Person, database: Database
) -> None:
    device, _ = await devices.create_device(anna.client_id, "VPS-1")
    await devices.revoke_device(device.id, actor=f"chat:{ADMIN_ID}")
    [notice] = await notices.claim_due()
    await notices.drop(notice, "Forbidden: bot was blocked by the user")
    [told] = await notices.claim_due()
    assert (told.kind, told.telegram_id) == ("owner_unreachable", ADMIN_ID)
    assert told.details["device_name"] == "VPS-1"
