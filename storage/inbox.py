"""Queries about received updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from storage.models import InboxUpdate
from storage.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

KEEP = Prepared(
    insert(InboxUpdate).values(
        {name: bindparam(name) for name in ("source", "position", "person", "body", "received_at")}
    )
)
"""Keeps updates, each its row as values by column. It raises `IntegrityError` if any of them was kept before."""
END = Prepared(
    update(InboxUpdate).where(InboxUpdate.source == bindparam("ended")).values(handled_at=bindparam("at"), body={})
)
"""Notes that updates, each by `ended`, need nothing more since `at`; their bodies are no longer kept."""


async def list_known(session: AsyncSession, sources: Iterable[str]) -> set[str]:
    """Return which of the sources were received before."""
    return set(await session.scalars(select(InboxUpdate.source).where(InboxUpdate.source.in_(list(sources)))))


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


async def delete_handled(session: AsyncSession, before: datetime, most: int) -> int:
    """Forget up to `most` updates that were handled before a moment; return how many went."""
    old = select(InboxUpdate.source).where(InboxUpdate.handled_at < before).limit(most)
    gone = await session.scalars(delete(InboxUpdate).where(InboxUpdate.source.in_(old)).returning(InboxUpdate.source))
    return len(gone.all())
