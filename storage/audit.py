"""The record of what was done: nothing in it changes, and what is old is forgotten."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, tuple_

from storage.models import AuditEvent

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

Key = tuple["datetime", "uuid.UUID"]
"""Where a page begins or ends: an event's `at` and `id`."""


def append(
    session: AsyncSession,
    *,
    at: datetime,
    actor: str,
    action: str,
    client_id: uuid.UUID | None = None,
    device_id: uuid.UUID | None = None,
    **details: Any,
) -> None:
    """Add one event to the transaction. `details` are JSON values and hold no secret."""
    session.add(
        AuditEvent(
            id=uuid.uuid4(),
            at=at,
            actor=actor,
            action=action,
            client_id=client_id,
            device_id=device_id,
            details=details,
        )
    )


def about_client(client_id: uuid.UUID) -> ColumnElement[bool]:
    """Match what was done with a client and its devices."""
    return AuditEvent.client_id == client_id


def about_device(device_id: uuid.UUID) -> ColumnElement[bool]:
    """Match what was done with a device."""
    return AuditEvent.device_id == device_id


async def find(session: AsyncSession, event_id: uuid.UUID) -> AuditEvent | None:
    """Return the event, or None."""
    return await session.get(AuditEvent, event_id)


async def list_events(
    session: AsyncSession,
    *,
    size: int,
    about: ColumnElement[bool] | None = None,
    older_than: Key | None = None,
    newer_than: Key | None = None,
) -> list[AuditEvent]:
    """Return up to `size` events next to a key on one side or the other, the nearest to it first, else the newest."""
    key = tuple_(AuditEvent.at, AuditEvent.id)
    query = select(AuditEvent).limit(size)
    if about is not None:
        query = query.where(about)
    if newer_than is not None:
        return list(await session.scalars(query.where(key > newer_than).order_by(AuditEvent.at, AuditEvent.id)))
    if older_than is not None:
        query = query.where(key < older_than)
    return list(await session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc())))


async def find_latest(session: AsyncSession, client_id: uuid.UUID, action: str) -> AuditEvent | None:
    """Return the newest event of a kind about a client, or None."""
    query = select(AuditEvent).where(about_client(client_id), AuditEvent.action == action)
    return await session.scalar(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(1))


async def delete_old(session: AsyncSession, before: datetime, most: int) -> int:
    """Forget up to `most` events from before a moment, the oldest first; return how many went."""
    old = select(AuditEvent.id).where(AuditEvent.at < before).order_by(AuditEvent.at).limit(most)
    gone = await session.scalars(delete(AuditEvent).where(AuditEvent.id.in_(old)).returning(AuditEvent.id))
    return len(gone.all())
