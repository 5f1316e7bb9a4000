"""Many secrets that are due at once: begun in one step, noted as gone together, each with one receipt."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.services.clients import ClientService, Person, Profile
from bot.services.handouts import HandoutService, take_over
from storage.models import Handout, HandoutState
from tests import rows
from tests.conftest import BOT_ID, SECRET_TTL, start_bot
from tests.services.cards import offer, show

if TYPE_CHECKING:
    from bot.services.devices import DeviceService
    from storage.database import Database
    from tests.fakes import FakeClock

MANY = 6


@pytest.fixture
async def readers(clients: ClientService) -> list[Person]:
    """People who each have a secret on their screen soon."""
    return [await clients.enter(Profile(300 + number, "Anna")) for number in range(MANY)]


async def show_all(handouts: HandoutService, readers: list[Person]) -> list[Handout]:
    return [(await show(handouts, reader, await offer(handouts, reader)))[0] for reader in readers]


async def states(database: Database) -> list[tuple[str, str | None]]:
    async with database.read() as session:
        found = await session.execute(select(Handout.state, Handout.outcome).order_by(Handout.chat_id))
        return [(state, outcome) for state, outcome in found]


async def test_those_whose_time_is_up_begin_in_one_step_and_the_others_stay(
    handouts: HandoutService, readers: list[Person], clock: FakeClock, database: Database
) -> None:
    await show_all(handouts, readers[:-1])
    clock.advance(timedelta(seconds=1))
    await show_all(handouts, readers[-1:])
    clock.advance(SECRET_TTL - timedelta(seconds=1))
    await handouts.begin_due()
    assert await states(database) == [("destroying", "timer")] * (MANY - 1) + [("shown", None)]
    assert len(await handouts.list_due([])) == MANY - 1


async def test_what_a_restart_made_late_still_says_so(
    handouts: HandoutService, devices: DeviceService, readers: list[Person], clock: FakeClock, database: Database
) -> None:
    await show_all(handouts, readers)
    clock.advance(2 * SECRET_TTL)
    active = await start_bot(database, devices, clock)
    await active.begin_due()
    assert await states(database) == [("destroying", "restarted")] * MANY


async def test_a_bot_that_is_not_the_active_one_begins_and_ends_nothing(
    handouts: HandoutService, readers: list[Person], clock: FakeClock, database: Database
) -> None:
    shown = await show_all(handouts, readers)
    await take_over(database, clock, BOT_ID)
    clock.advance(2 * SECRET_TTL)
    await handouts.begin_due()
    await asyncio.gather(*(handouts.mark_destroyed(handout.id) for handout in shown))
    assert [state for state, _ in await states(database)] == ["shown"] * MANY
    assert await rows.list_notices(database) == []


async def test_all_that_went_at_once_are_noted_and_each_receipt_is_owed_once(
    handouts: HandoutService, readers: list[Person], clock: FakeClock, database: Database
) -> None:
    shown = await show_all(handouts, readers)
    clock.advance(SECRET_TTL)
    await handouts.begin_due()
    await asyncio.gather(*(handouts.mark_destroyed(handout.id) for handout in shown * 3))
    assert {state for state, _ in await states(database)} == {HandoutState.DESTROYED}
    assert len(await rows.list_notices(database, "handout_ended")) == MANY


async def test_one_that_was_gone_before_it_could_be_noted_keeps_its_time(
    handouts: HandoutService, readers: list[Person], clock: FakeClock, database: Database
) -> None:
    [shown] = await show_all(handouts, readers[:1])
    gone_at = clock.advance(SECRET_TTL)
    clock.advance(timedelta(minutes=5))
    await handouts.begin_due()
    await handouts.mark_destroyed(shown.id, at=gone_at)
    assert (await rows.read_handout(database, shown.id)).destroyed_at == gone_at
