"""Queries about secret messages. Every change of state is one UPDATE that names the state it leaves and the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, delete, func, or_, select, text, update

from storage.clients import lock_first
from storage.models import FINISHED_HANDOUT, OPEN_HANDOUT, VISIBLE_HANDOUT, Epoch, Handout, HandoutState
from storage.prepared import Prepared

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

EPOCH = Prepared(select(Epoch.number).where(Epoch.bot_id == bindparam("bot_id")))


async def find(session: AsyncSession, handout_id: uuid.UUID) -> Handout | None:
    """Return the handout as it is now, or None."""
    return await session.get(Handout, handout_id, populate_existing=True)


async def lock(session: AsyncSession, handout_id: uuid.UUID) -> Handout | None:
    """Hold the row of the handout's client until the transaction ends, and return the handout as it is then."""
    owner = select(Handout.client_id).where(Handout.id == handout_id).scalar_subquery()
    await lock_first(session, owner)
    return await find(session, handout_id)


async def find_by_source(session: AsyncSession, source: str) -> Handout | None:
    """Return the handout that an update led to, or None."""
    return await session.scalar(select(Handout).where(Handout.source == source))


async def find_visible(session: AsyncSession, bot_id: int, chat_id: int) -> Handout | None:
    """Return the handout that is armed or shown in a chat, or None."""
    return await session.scalar(
        select(Handout).where(Handout.bot_id == bot_id, Handout.chat_id == chat_id, text(VISIBLE_HANDOUT))
    )


async def find_latest_card(session: AsyncSession, bot_id: int, chat_id: int) -> Handout | None:
    """Return the newest card of a chat that was placed and neither used nor ended, or None."""
    query = select(Handout).where(
        Handout.bot_id == bot_id, Handout.chat_id == chat_id, Handout.state == HandoutState.OFFERED
    )
    return await session.scalar(query.order_by(Handout.created_at.desc()).limit(1))


async def list_open(
    session: AsyncSession,
    *,
    device_id: uuid.UUID | None = None,
    client_id: uuid.UUID | None = None,
    chat_id: int | None = None,
) -> list[Handout]:
    """Return the open handouts of a device or of a client; with a chat, those that were asked for there."""
    owner = Handout.device_id == device_id if client_id is None else Handout.client_id == client_id
    query = select(Handout).where(owner, text(OPEN_HANDOUT))
    if chat_id is not None:
        query = query.where(Handout.chat_id == chat_id)
    return list(await session.scalars(query.order_by(Handout.id)))


async def list_due(
    session: AsyncSession,
    *,
    bot_id: int,
    epoch: int,
    now: datetime,
    except_ids: Collection[uuid.UUID],
    most: int,
) -> list[Handout]:
    """Return up to `most` handouts that something is to be done about now, the most urgent first."""
    query = select(Handout).where(
        Handout.next_attempt_at <= now,
        Handout.bot_id == bot_id,
        Handout.epoch == epoch,
        Handout.id.not_in(except_ids),
    )
    return list(await session.scalars(query.order_by(Handout.next_attempt_at).limit(most)))


async def start_due(
    session: AsyncSession, *, bot_id: int, epoch: int, now: datetime, late: str, in_time: str, most: int
) -> None:
    """Begin to destroy up to `most` secrets whose time is up, in one statement, the most urgent first.

    A secret that is marked as `late` keeps that outcome; the others get the one for `in_time`.
    """
    due = select(Handout.id).where(
        Handout.next_attempt_at <= now,
        Handout.bot_id == bot_id,
        Handout.epoch == epoch,
        Handout.state == HandoutState.SHOWN,
    )
    due = due.order_by(Handout.next_attempt_at).limit(most)
    begun = update(Handout).where(Handout.id.in_(due), Handout.state == HandoutState.SHOWN, Handout.epoch == epoch)
    await session.execute(
        begun.values(
            state=HandoutState.DESTROYING,
            outcome=case((Handout.outcome == late, late), else_=in_time),
            pending_hash=None,
            pending_tag=None,
        ).execution_options(synchronize_session=False)
    )


async def mark_destroyed(
    session: AsyncSession, handout_ids: Collection[uuid.UUID], *, epoch: int, now: datetime
) -> list[Handout]:
    """Note that messages are gone, in one statement; return those whose destruction this ended."""
    gone = await session.scalars(
        update(Handout)
        .where(Handout.id.in_(handout_ids), Handout.state == HandoutState.DESTROYING, Handout.epoch == epoch)
        .values(state=HandoutState.DESTROYED, destroyed_at=now, next_attempt_at=None, last_error=None)
        .returning(Handout),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )
    return list(gone)


async def find_next_attempt(session: AsyncSession, *, bot_id: int, epoch: int, after: datetime) -> datetime | None:
    """Return when the next handout is due after a moment."""
    query = select(Handout.next_attempt_at).where(
        Handout.next_attempt_at > after, Handout.bot_id == bot_id, Handout.epoch == epoch
    )
    return await session.scalar(query.order_by(Handout.next_attempt_at).limit(1))


async def transition(
    session: AsyncSession,
    handout_id: uuid.UUID,
    *,
    leaving: Collection[str],
    epoch: int | None,
    in_message: int | None = None,
    **values: object,
) -> Handout | None:
    """Change a handout if it is in one of the states and, where named, of the epoch and in the message.

    Return it as it is afterwards, or None when somebody else was first.
    """
    query = update(Handout).where(Handout.id == handout_id, Handout.state.in_(leaving))
    if epoch is not None:
        query = query.where(Handout.epoch == epoch)
    if in_message is not None:
        query = query.where(Handout.message_id == in_message)
    return await session.scalar(
        query.values(**values).returning(Handout),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def advance_epoch(session: AsyncSession, bot_id: int, now: datetime) -> int:
    """Count the bot's epoch up and return it."""
    number: int | None = await session.scalar(
        update(Epoch)
        .where(Epoch.bot_id == bot_id)
        .values(number=Epoch.number + 1, activated_at=now, alive_at=_latest(now))
        .returning(Epoch.number)
    )
    if number is None:
        session.add(Epoch(bot_id=bot_id, number=1, activated_at=now, alive_at=now))
        return 1
    return number


async def read_epoch(database: Database, bot_id: int) -> int | None:
    """Return the epoch in force."""
    rows = await database.look_up(EPOCH, bot_id=bot_id)
    return rows[0][0] if rows else None


async def note_alive(session: AsyncSession, bot_id: int, now: datetime) -> None:
    """Note that it is at least this late. A clock that stepped back changes nothing."""
    await session.execute(update(Epoch).where(Epoch.bot_id == bot_id).values(alive_at=_latest(now)))


async def find_last_alive(session: AsyncSession) -> datetime | None:
    """Return the latest time at which any bot on this database is known to have run."""
    return await session.scalar(select(Epoch.alive_at).order_by(Epoch.alive_at.desc()).limit(1))


async def list_left_over(session: AsyncSession, bot_id: int, epoch: int) -> list[Handout]:
    """Return what earlier epochs left to do, and hold it: one of them may be about to change it."""
    unfinished = or_(text(OPEN_HANDOUT), Handout.state == HandoutState.DESTROYING, Handout.next_attempt_at.is_not(None))
    query = select(Handout).where(Handout.bot_id == bot_id, Handout.epoch < epoch, unfinished)
    return list(await session.scalars(query.order_by(Handout.id).with_for_update()))


async def hasten(session: AsyncSession, *, bot_id: int, chat_id: int, now: datetime) -> None:
    """Make what is to be destroyed in a chat due now."""
    await session.execute(
        update(Handout)
        .where(Handout.bot_id == bot_id, Handout.chat_id == chat_id, Handout.state == HandoutState.DESTROYING)
        .values(next_attempt_at=now)
    )


async def delete_finished(
    session: AsyncSession, before: datetime, *, except_ids: Collection[uuid.UUID], most: int
) -> int:
    """Forget up to `most` handouts that were over before a moment, the oldest first; return how many went."""
    over_at = func.coalesce(Handout.destroyed_at, Handout.created_at)
    old = select(Handout.id).where(
        text(FINISHED_HANDOUT), Handout.created_at < before, over_at < before, Handout.id.not_in(except_ids)
    )
    old = old.order_by(Handout.created_at).limit(most)
    gone = await session.scalars(delete(Handout).where(Handout.id.in_(old)).returning(Handout.id))
    return len(gone.all())


def _latest(now: datetime) -> ColumnElement[datetime]:
    return case((Epoch.alive_at > now, Epoch.alive_at), else_=now)
