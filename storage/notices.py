"""Queries about messages that are owed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, text, update

from storage.models import ENDED_NOTICE, Notice, NoticeSwitch

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


async def list_due(session: AsyncSession, now: datetime, *, except_people: Collection[int], most: int) -> list[Notice]:
    """Return up to `most` notices to send now, the longest owed first."""
    query = select(Notice).where(Notice.next_attempt_at <= now, Notice.telegram_id.not_in(except_people))
    return list(await session.scalars(query.order_by(Notice.next_attempt_at).limit(most)))


async def find_next_attempt(session: AsyncSession) -> datetime | None:
    """Return when the next notice is due."""
    query = select(Notice.next_attempt_at).where(Notice.next_attempt_at.is_not(None))
    return await session.scalar(query.order_by(Notice.next_attempt_at).limit(1))


async def count_owed(session: AsyncSession) -> int:
    """Count the notices that are still to be sent."""
    query = select(func.count()).select_from(Notice).where(Notice.next_attempt_at.is_not(None))
    return await session.scalar(query) or 0


async def has_cause(session: AsyncSession, cause: str) -> bool:
    """Tell whether there is or was a notice of this cause."""
    return await session.scalar(select(Notice.id).where(Notice.cause == cause)) is not None


async def find(session: AsyncSession, notice_id: uuid.UUID) -> Notice | None:
    """Return the notice, or None."""
    return await session.get(Notice, notice_id)


async def list_caused(session: AsyncSession, kind: str, cause: str) -> list[Notice]:
    """Return the notices of a kind that one cause owed, whoever they are for."""
    query = select(Notice).where(Notice.kind == kind, Notice.cause.startswith(f"{kind}:{cause}:", autoescape=True))
    return list(await session.scalars(query.order_by(Notice.created_at, Notice.telegram_id)))


async def find_switch(session: AsyncSession, telegram_id: int, kind: str) -> NoticeSwitch | None:
    """Return how a person wants a kind of notice, None when they never said."""
    return await session.get(NoticeSwitch, (telegram_id, kind))


async def list_switches(session: AsyncSession, telegram_id: int) -> list[NoticeSwitch]:
    """Return what a person said about kinds of notices."""
    return list(await session.scalars(select(NoticeSwitch).where(NoticeSwitch.telegram_id == telegram_id)))


async def set_switch(session: AsyncSession, telegram_id: int, kind: str, choice: str) -> None:
    """Keep how a person wants a kind of notice."""
    await session.merge(NoticeSwitch(telegram_id=telegram_id, kind=kind, choice=choice))


async def mark(session: AsyncSession, notice_id: uuid.UUID, **values: object) -> None:
    """Set columns of a notice."""
    await session.execute(update(Notice).where(Notice.id == notice_id).values(**values))


async def list_owed_handouts(session: AsyncSession) -> set[uuid.UUID]:
    """Return the handouts that owed notices are about."""
    details = await session.scalars(select(Notice.details).where(Notice.next_attempt_at.is_not(None)))
    return {uuid.UUID(told["handout_id"]) for told in details if "handout_id" in told}


async def delete_ended(session: AsyncSession, before: datetime, most: int) -> int:
    """Forget up to `most` notices that were sent or dropped before a moment, the oldest first; return how many went."""
    ended_at = func.coalesce(Notice.sent_at, Notice.dropped_at, Notice.created_at)
    old = select(Notice.id).where(text(ENDED_NOTICE), Notice.created_at < before, ended_at < before)
    old = old.order_by(Notice.created_at).limit(most)
    gone = await session.scalars(delete(Notice).where(Notice.id.in_(old)).returning(Notice.id))
    return len(gone.all())
