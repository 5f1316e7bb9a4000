"""What is over is kept as long as the operator says, then forgotten in small steps; a duty is kept until it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import audit, conversations, handouts, invites, notices

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clock import Clock
    from storage.database import Database

STEP = 200
"""Rows that one transaction forgets: nobody waits long for it."""
MOST_OWED = 2000
"""With more notices owed than these, handouts are left for a quieter hour: each may be what a notice tells of."""


class RetentionService:
    """Forgets finished handouts, notices that were sent or dropped, audit events, unanswered questions, old invites."""

    def __init__(self, database: Database, clock: Clock, kept_for: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._kept_for = kept_for

    async def clean(self) -> None:
        """Forget what is old. Others write between two steps."""
        for delete in (_delete_handouts, _delete_notices, _delete_events, _delete_questions, _delete_invites):
            gone = STEP
            while gone == STEP:
                gone = await self._step(delete)

    async def _step(self, delete: Callable[[AsyncSession, datetime], Awaitable[int]]) -> int:
        async with self._database.begin() as session:
            return await delete(session, self._clock.now() - self._kept_for)


async def _delete_handouts(session: AsyncSession, before: datetime) -> int:
    if await notices.count_owed(session) > MOST_OWED:
        return 0
    owed = await notices.list_owed_handouts(session)
    return await handouts.delete_finished(session, before, except_ids=owed, most=STEP)


async def _delete_notices(session: AsyncSession, before: datetime) -> int:
    return await notices.delete_ended(session, before, STEP)


async def _delete_events(session: AsyncSession, before: datetime) -> int:
    return await audit.delete_old(session, before, STEP)


async def _delete_questions(session: AsyncSession, before: datetime) -> int:
    return await conversations.delete_old(session, before, STEP)


async def _delete_invites(session: AsyncSession, before: datetime) -> int:
    return await invites.delete_over(session, before, STEP)
