"""Counts over all clients. They read whole tables, so that nothing else has to keep them up to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select, text

from storage.models import OPEN_HANDOUT, SUSPENDED_CLIENT, Client, Device, Handout, HandoutState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class DeviceFigures:
    """How many live devices there are: not revoked, of those seen lately; and revoked."""

    active: int
    seen: int
    revoked: int


@dataclass(frozen=True)
class HandoutFigures:
    """How many secrets were shown, were destroyed and could not be, since a moment; and how many handouts are open."""

    shown: int
    destroyed: int
    failed: int
    open: int


async def count_clients(session: AsyncSession) -> tuple[int, int]:
    """Return how many clients there are, and how many of them are suspended."""
    everybody = await session.scalar(select(func.count()).select_from(Client))
    suspended = await session.scalar(select(func.count()).select_from(Client).where(text(SUSPENDED_CLIENT)))
    return everybody or 0, suspended or 0


async def count_devices(session: AsyncSession, seen_since: datetime) -> DeviceFigures:
    """Count live devices by state, in one pass."""
    active = Device.revoked.is_(False)
    query = select(
        _count_if(active), _count_if(and_(active, Device.last_seen >= seen_since)), _count_if(Device.revoked.is_(True))
    ).where(Device.live_at.is_not(None))
    return DeviceFigures(*(int(number) for number in (await session.execute(query)).one()))


async def count_handouts(session: AsyncSession, since: datetime) -> HandoutFigures:
    """Count secret messages by what happened to them since a moment, in one pass.

    One that failed did so after its time was up.
    """
    failed = and_(Handout.state == HandoutState.FAILED, Handout.destroy_at >= since)
    destroyed = and_(Handout.destroyed_at >= since, Handout.armed_at.is_not(None))
    query = select(
        _count_if(Handout.shown_at >= since), _count_if(destroyed), _count_if(failed), _count_if(text(OPEN_HANDOUT))
    )
    return HandoutFigures(*(int(number) for number in (await session.execute(query)).one()))


def _count_if(condition: ColumnElement[bool] | object) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)  # type: ignore[arg-type]  # text is a condition too
