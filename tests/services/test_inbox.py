"""Updates that were received: kept once, in order, until they are handled and then some."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.inbox import CLEANING_STEP, InboxService, Received
from storage import inbox as queries
from storage.models import InboxUpdate
from tests import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from tests.fakes import FakeClock


def update(number: int, source: str | None = None, person: int = 5) -> Received:
    return Received(source or f"7:{number}", number, person, {"text": f"message {number}"})


async def read(database: Database, source: str) -> InboxUpdate:
    async with database.read() as session:
        return await session.get_one(InboxUpdate, source)


async def claim(database: Database, source: str, clock: FakeClock) -> bool:
    async with database.begin() as session:
        return await queries.claim_effect(session, source, clock.now())


class TestReceiving:
    async def test_what_is_new_is_returned_in_order(self, inbox: InboxService) -> None:
        batch = [update(3), update(1), update(2)]
        assert await inbox.receive(batch) == batch
        assert await inbox.receive([]) == []

    async def test_what_was_received_before_is_kept_and_returned_once(
        self, inbox: InboxService, database: Database
    ) -> None:
        await inbox.receive([update(1), update(2)])
        assert await inbox.receive([update(2), update(3), update(1)]) == [update(3)]
        assert await rows.count(database, InboxUpdate) == 3

    async def test_a_source_that_is_twice_in_a_batch_is_kept_once(
        self, inbox: InboxService, database: Database
    ) -> None:
        assert len(await inbox.receive([update(1, "7:same"), update(2, "7:same")])) == 1
        assert await rows.count(database, InboxUpdate) == 1

    async def test_any_text_survives(self, inbox: InboxService, database: Database) -> None:
        body = {"text": "a\x00b \ud83d \u202e 🖥 \\ud800 ' \" %", "entities": [{"offset": 0}], "none": None}
        await inbox.receive([Received("7:1", 1, 5, body)])
        assert (await read(database, "7:1")).body == body

    async def test_a_whole_batch_of_telegram_fits(self, inbox: InboxService, database: Database) -> None:
        await inbox.receive([update(number) for number in range(100)])
        assert await inbox.receive([update(number) for number in range(100)]) == []
        assert await rows.count(database, InboxUpdate) == 100


class TestHandling:
    async def test_what_an_earlier_run_did_not_finish_comes_back_in_the_order_it_came(
        self, inbox: InboxService, database_url: str, open_database: Callable[[str], Database], clock: FakeClock
    ) -> None:
        await inbox.receive([update(9)])
        clock.advance(timedelta(seconds=1))
        # update ids may start anew, so the time of receiving goes first
        await inbox.receive([update(2), update(1), update(3)])
        await inbox.mark_handled("7:2")
        restarted = InboxService(open_database(database_url), clock)
        assert await restarted.list_unhandled() == [update(9), update(1), update(3)]

    async def test_the_body_of_a_handled_update_is_dropped(
        self, inbox: InboxService, database: Database, clock: FakeClock
    ) -> None:
        await inbox.receive([update(1)])
        await inbox.mark_handled("7:1")
        row = await read(database, "7:1")
        assert (row.handled_at, row.body) == (clock.now(), {})
        assert await inbox.list_unhandled() == []
        assert await inbox.receive([update(1)]) == []

    async def test_an_effect_is_claimed_once(self, inbox: InboxService, database: Database, clock: FakeClock) -> None:
        await inbox.receive([update(1)])
        assert [await claim(database, "7:1", clock) for _ in range(3)] == [True, False, False]

    async def test_an_effect_whose_transaction_failed_was_not_claimed(
        self, inbox: InboxService, database: Database, clock: FakeClock
    ) -> None:
        async def fail() -> None:
            async with database.begin() as session:
                assert await queries.claim_effect(session, "7:1", clock.now())
                raise RuntimeError("the use case failed")

        await inbox.receive([update(1)])
        with pytest.raises(RuntimeError):
            await fail()
        assert await claim(database, "7:1", clock)

    async def test_an_update_with_its_effect_is_still_to_be_answered(
        self, inbox: InboxService, database: Database, clock: FakeClock
    ) -> None:
        await inbox.receive([update(1)])
        await claim(database, "7:1", clock)
        assert await inbox.list_unhandled() == [update(1)]


class TestForgetting:
    async def test_a_handled_update_is_remembered_for_two_days(self, inbox: InboxService, clock: FakeClock) -> None:
        await inbox.receive([update(1)])
        await inbox.mark_handled("7:1")
        clock.advance(timedelta(days=2))
        await inbox.clean()
        assert await inbox.receive([update(1)]) == []
        clock.advance(timedelta(microseconds=1))
        await inbox.clean()
        assert await inbox.receive([update(1)]) == [update(1)]

    async def test_an_update_that_was_not_handled_is_never_forgotten(
        self, inbox: InboxService, clock: FakeClock
    ) -> None:
        await inbox.receive([update(1)])
        clock.advance(timedelta(days=100))
        await inbox.clean()
        assert await inbox.list_unhandled() == [update(1)]

    async def test_more_than_one_step_s_worth_is_forgotten(
        self, inbox: InboxService, database: Database, clock: FakeClock
    ) -> None:
        async with database.begin() as session:
            session.add_all(
                InboxUpdate(
                    source=f"7:{number}",
                    position=number,
                    person=5,
                    body={},
                    received_at=clock.now(),
                    handled_at=clock.now() - timedelta(days=3),
                )
                for number in range(CLEANING_STEP + 1)
            )
        await inbox.clean()
        assert await rows.count(database, InboxUpdate) == 0
