"""Queries about copies: whether these records are one, and what ends when somebody confirms it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from storage.models import Client, CopyMark, Device

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import InstrumentedAttribute


async def find_unconfirmed(session: AsyncSession) -> CopyMark | None:
    """Return the mark that says that these records are a copy, None when they are none or somebody confirmed it."""
    return await session.scalar(select(CopyMark).where(CopyMark.confirmed_at.is_(None)).limit(1))


async def find(session: AsyncSession, mark_id: uuid.UUID) -> CopyMark | None:
    """Return a mark, confirmed or not."""
    return await session.get(CopyMark, mark_id, populate_existing=True)


async def claim_confirmation(session: AsyncSession, mark_id: uuid.UUID, actor: str, now: datetime) -> CopyMark | None:
    """Confirm a mark; None when somebody else was first."""
    return await session.scalar(
        update(CopyMark)
        .where(CopyMark.id == mark_id, CopyMark.confirmed_at.is_(None))
        .values(confirmed_at=now, confirmed_by=actor)
        .returning(CopyMark)
    )


async def end_sessions(session: AsyncSession, mask: int) -> None:
    """Give every secret another generation, mixed with a random mask of 63 bits: no session fits any more."""
    both = (Device.secret_generation, Device.previous_generation)
    changed = {column.key: _mixed(column, mask) for column in both}
    await session.execute(update(Device).values(**changed).execution_options(synchronize_session=False))


async def void_tokens(session: AsyncSession) -> None:
    """Count every client's token generation up: no API token fits any more."""
    await session.execute(
        update(Client).values(token_generation=Client.token_generation + 1).execution_options(synchronize_session=False)
    )


def _mixed(column: InstrumentedAttribute[Any], mask: int) -> ColumnElement[Any]:
    """Return the exclusive or of a column and a mask: different where they were different, and never negative."""
    return column.bitwise_or(mask) - column.bitwise_and(mask)
