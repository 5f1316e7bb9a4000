"""Queries about received updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from storage.models import InboxUpdate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

KEEP = insert(InboxUpdate)
"""Many at once: to make an object of each would take longer than to insert them all."""


async def list_known(session: AsyncSession, sources: Iterable[str]) -> set[str]:
    """Return which of the sources were received before."""
    return set(await session.scalars(select(InboxUpdate.source).where(InboxUpdate.source.in_(list(sources)))))


async def keep(session: AsyncSession, updates: Iterable[Mapping[str, Any]]) -> None:
    """Keep updates that were not known before; each is its row's values by the names of the columns."""
    await session.execute(KEEP, list(updates))


async def list_unhandled(session: AsyncSession) -> list[InboxUpdate]:
    """Return what was received and not handled, in the order it came."""
    query = select(InboxUpdate).where(InboxUpdate.handled_at.is_(None))
    return list(await session.scalars(query.order_by(InboxUpdate.received_at, InboxUpdate.position)))


async def claim_effect(session: AsyncSession, source: str, now: datetime) -> bool:
    """Note that the update's effect happens in this transaction. False: it happened in an earlier one."""
    claimed = await session.scalar(
        update(InboxUpdate)
        .where(InboxUpdate.source == source, InboxUpdate.effect_at.is_(None))
        .values(effect_at=now)
        .returning(InboxUpdate.source)
    )
    return claimed is not None


async def find_effect(session: AsyncSession, source: str) -> datetime | None:
    """Return when the update had its effect, None when it had none or is not known."""
    return await session.scalar(select(InboxUpdate.effect_at).where(InboxUpdate.source == source))


async def mark_handled(session: AsyncSession, sources: Iterable[str], now: datetime) -> None:
    """Note that updates need nothing more; their bodies are no longer kept."""
    ended = update(InboxUpdate).where(InboxUpdate.source.in_(list(sources)))
    await session.execute(ended.values(handled_at=now, body={}))


async def delete_handled(session: AsyncSession, before: datetime, most: int) -> int:
    """Forget up to `most` updates that were handled before a moment; return how many went."""
    old = select(InboxUpdate.source).where(InboxUpdate.handled_at < before).limit(most)
    gone = await session.scalars(delete(InboxUpdate).where(InboxUpdate.source.in_(old)).returning(InboxUpdate.source))
    return len(gone.all())
