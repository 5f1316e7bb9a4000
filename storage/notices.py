"""Queries about messages that are owed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, text, update

from storage.models import CLAIMED_NOTICE, ENDED_NOTICE, Notice, NoticeSwitch

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

CLAIM_LOCK = 0x6465766E6F746963
"""Key of the PostgreSQL advisory lock that lets one process claim at a time."""


@dataclass(frozen=True)
class Claim:
    """Who claims notices, when, and until when nobody else may have them."""

    token: uuid.UUID
    now: datetime
    until: datetime


async def has_due(session: AsyncSession, claim: Claim, *, except_people: Collection[int]) -> bool:
    """Tell whether a claim would find something to send now."""
    query = select(Notice.id).where(*_claimable(claim, except_people)).limit(1)
    return await session.scalar(query) is not None


async def claim_due(session: AsyncSession, claim: Claim, *, except_people: Collection[int], most: int) -> list[Notice]:
    """Claim up to `most` notices to send now, one a person, the longest owed first."""
    if session.get_bind().dialect.name == "postgresql":
        # two processes that look at once would each give the same person another notice
        await session.execute(select(func.pg_advisory_xact_lock(CLAIM_LOCK)))
    query = select(Notice.id, Notice.telegram_id).where(*_claimable(claim, except_people))
    # what somebody is just marking is no longer due: nobody waits for it
    found = await session.execute(query.order_by(Notice.next_attempt_at).limit(most).with_for_update(skip_locked=True))
    firsts: dict[int, uuid.UUID] = {}
    for notice_id, person in found:
        firsts.setdefault(person, notice_id)
    claimed = await session.scalars(
        update(Notice)
        .where(Notice.id.in_(list(firsts.values())))
        .values(claim_token=claim.token, claimed_until=claim.until)
        .returning(Notice)
    )
    return sorted(claimed, key=_due_at)


async def mark_claimed(session: AsyncSession, notice_id: uuid.UUID, token: uuid.UUID, **values: object) -> bool:
    """Set columns of a notice and end its claim; tell whether the claim still was this one's."""
    found = await session.scalar(
        update(Notice)
        .where(Notice.id == notice_id, Notice.claim_token == token)
        .values(claim_token=None, claimed_until=None, **values)
        .returning(Notice.id)
    )
    return found is not None


async def free_claims(session: AsyncSession, token: uuid.UUID) -> None:
    """End every claim but those with this token."""
    await session.execute(
        update(Notice)
        .where(text(CLAIMED_NOTICE), Notice.claim_token != token)
        .values(claim_token=None, claimed_until=None)
    )


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


def _claimable(claim: Claim, except_people: Collection[int]) -> list[ColumnElement[bool]]:
    """Return what makes a notice one to claim. A person whom another process is writing to has none."""
    taken = select(Notice.telegram_id).where(
        text(CLAIMED_NOTICE), Notice.claimed_until > claim.now, Notice.claim_token != claim.token
    )
    return [
        Notice.next_attempt_at <= claim.now,
        Notice.telegram_id.not_in(except_people),
        Notice.telegram_id.not_in(taken),
    ]


def _due_at(notice: Notice) -> datetime:
    assert notice.next_attempt_at is not None  # noqa: S101 - only what is due is claimed
    return notice.next_attempt_at
