"""Queries about invites. Only the hash of what a link carries is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, delete, func, select, update

from storage.models import Invite

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


async def find(session: AsyncSession, invite_id: uuid.UUID) -> Invite | None:
    """Return the invite as it is now, or None."""
    return await session.get(Invite, invite_id, populate_existing=True)


async def find_by_hash(session: AsyncSession, token_hash: bytes) -> Invite | None:
    """Return the invite whose link carries what has this hash, or None."""
    return await session.scalar(select(Invite).where(Invite.token_hash == token_hash))


async def find_by_source(session: AsyncSession, source: str) -> Invite | None:
    """Return the invite that an update led to, and hold it; or None."""
    return await session.scalar(select(Invite).where(Invite.source == source).with_for_update())


async def exists(session: AsyncSession, source: str) -> bool:
    """Tell whether an update led to an invite."""
    return await session.scalar(select(Invite.id).where(Invite.source == source)) is not None


async def claim(session: AsyncSession, invite_id: uuid.UUID, telegram_id: int, now: datetime) -> Invite | None:
    """Use the invite up for somebody. None when it is not good any more, or somebody else was first."""
    return await session.scalar(
        update(Invite)
        .where(Invite.id == invite_id, _is_open(now))
        .values(used_by=telegram_id, used_at=now)
        .returning(Invite),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def withdraw(session: AsyncSession, invite_id: uuid.UUID, made_by: int, now: datetime) -> Invite | None:
    """Take an open invite of a maker's back. None when it is not open, or not theirs."""
    return await session.scalar(
        update(Invite)
        .where(Invite.id == invite_id, Invite.made_by == made_by, _is_open(now))
        .values(withdrawn_at=now)
        .returning(Invite),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def withdraw_all(session: AsyncSession, made_by: int, now: datetime) -> int:
    """Take all open invites of a maker's back; return how many there were."""
    gone = await session.scalars(
        update(Invite).where(Invite.made_by == made_by, _is_open(now)).values(withdrawn_at=now).returning(Invite.id)
    )
    return len(gone.all())


async def withdraw_made_before(session: AsyncSession, moment: datetime, now: datetime) -> None:
    """Take back whatever was open already at a moment, whoever made it."""
    old = update(Invite).where(Invite.created_at <= moment, _is_open(now))
    await session.execute(old.values(withdrawn_at=now).execution_options(synchronize_session=False))


async def delete_over(session: AsyncSession, before: datetime, most: int) -> int:
    """Forget up to `most` invites whose time ended before a moment, the oldest first; return how many went."""
    old = select(Invite.id).where(Invite.expires_at < before).order_by(Invite.expires_at).limit(most)
    gone = await session.scalars(delete(Invite).where(Invite.id.in_(old)).returning(Invite.id))
    return len(gone.all())


async def count_open(session: AsyncSession, made_by: int, now: datetime) -> int:
    """Count a maker's open invites."""
    query = select(func.count()).select_from(Invite).where(Invite.made_by == made_by, _is_open(now))
    return await session.scalar(query) or 0


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(Invite.used_at.is_(None), Invite.withdrawn_at.is_(None), Invite.expires_at > now)
