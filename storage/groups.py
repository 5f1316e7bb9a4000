"""Queries about groups, which are nothing but the names that devices carry, and about devices picked in a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Uuid, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import Batch, Device, Pick

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect, Select
    from sqlalchemy.ext.asyncio import AsyncSession


async def list_names(
    session: AsyncSession,
    client_id: uuid.UUID,
    *,
    size: int,
    after: str | None = None,
    before: str | None = None,
) -> list[str]:
    """Return up to `size` names of a client's groups, in order, next to a name on one side or the other.

    Each is found by one step in the index from the one before: it costs the same however many devices there are.
    """
    ascends = before is None
    edge = after if ascends else before
    first = _next_name(client_id, None if edge is None else literal(edge), ascends=ascends)
    walk = select(first.label("name")).cte("walk", recursive=True)
    following = _next_name(client_id, walk.c.name, ascends=ascends)
    walk = walk.union_all(select(following).where(walk.c.name.is_not(None)))
    names = [name for name in await session.scalars(select(walk.c.name).limit(size)) if name is not None]
    return names if ascends else names[::-1]


async def add_picks(session: AsyncSession, chat_id: int, ids: Iterable[uuid.UUID]) -> None:
    """Pick devices; those that are picked already stay so."""
    rows = [{"chat_id": chat_id, "device_id": device_id} for device_id in ids]
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(insert(Pick).values(rows).on_conflict_do_nothing())


async def remove_picks(session: AsyncSession, chat_id: int, ids: Collection[uuid.UUID] | None = None) -> None:
    """Pick devices no longer: some, or all."""
    query = delete(Pick).where(Pick.chat_id == chat_id)
    await session.execute(query if ids is None else query.where(Pick.device_id.in_(ids)))


async def count_picks(session: AsyncSession, chat_id: int, client_id: uuid.UUID) -> int:
    """Count the picked devices that still can be changed: the client's, and not revoked."""
    return await session.scalar(select(func.count()).select_from(_picked(chat_id, client_id).subquery())) or 0


async def list_picks(
    session: AsyncSession, chat_id: int, client_id: uuid.UUID, among: Collection[uuid.UUID] | None = None
) -> list[uuid.UUID]:
    """Return the picked devices that still can be changed, newest first: all, or those among some."""
    query = _picked(chat_id, client_id).order_by(Device.created_at.desc(), Device.id.desc())
    if among is not None:
        query = query.where(Device.id.in_(among))
    return list(await session.scalars(query))


async def list_group_ids(session: AsyncSession, client_id: uuid.UUID, group_name: str, most: int) -> list[uuid.UUID]:
    """Return up to `most` devices of a group that are not revoked."""
    return list(await session.scalars(_in_group(client_id, group_name).limit(most)))


async def claim_batch(session: AsyncSession, batch_id: uuid.UUID, chat_id: int, now: datetime) -> Batch | None:
    """Note that the batch is being carried out, in this transaction. None when it was before, or is not of the chat."""
    return await session.scalar(
        update(Batch)
        .where(Batch.id == batch_id, Batch.chat_id == chat_id, Batch.done_at.is_(None))
        .values(done_at=now)
        .returning(Batch),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def forget_batches(session: AsyncSession, chat_id: int, before: datetime) -> None:
    """Forget what was asked in a chat before a moment, done or not."""
    await session.execute(delete(Batch).where(Batch.chat_id == chat_id, Batch.created_at < before))


def _next_name(client_id: uuid.UUID, edge: ColumnElement[str] | None, *, ascends: bool) -> ScalarSelect[str]:
    device = Device.__table__.alias()
    nearest = func.min if ascends else func.max
    query = select(nearest(device.c.group_name)).where(
        device.c.client_id == literal(client_id, Uuid()), device.c.revoked.is_(False), device.c.live_at.is_not(None)
    )
    if edge is not None:
        query = query.where(device.c.group_name > edge if ascends else device.c.group_name < edge)
    return query.scalar_subquery()


def _in_group(client_id: uuid.UUID, group_name: str) -> Select[uuid.UUID]:
    return select(Device.id).where(
        Device.client_id == client_id,
        Device.revoked.is_(False),
        Device.group_name == group_name,
        Device.live_at.is_not(None),
    )


def _picked(chat_id: int, client_id: uuid.UUID) -> Select[uuid.UUID]:
    return (
        select(Device.id)
        .join(Pick, Pick.device_id == Device.id)
        .where(Pick.chat_id == chat_id, Device.client_id == client_id, Device.revoked.is_(False))
    )
