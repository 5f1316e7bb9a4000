"""Queries about records that move to another database, row by row, in steps that a crash never tears.

Each step is a transaction of the target's that adds some rows and notes the key of the last one, so that whoever goes
on knows where.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Table, Uuid, delete, func, literal, select, text, tuple_, update

from storage.models import Base, Device, Move, MoveRole, Nonce, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

STAY = frozenset({Nonce.__tablename__, Move.__tablename__})
"""Tables that do not move: nonces live in the process on SQLite, and each side has marks of its own."""
ANOTHER_PROGRAM = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name LIMIT 1
"""


def list_tables() -> list[Table]:
    """Return the tables that move; what a row refers to comes before it."""
    return [table for table in Base.metadata.sorted_tables if table.name not in STAY]


async def find_source_mark(session: AsyncSession) -> Move | None:
    """Return the mark of a move from here that goes on or has ended, None when there is none."""
    return await session.scalar(select(Move).where(Move.role == MoveRole.SOURCE, Move.abandoned_at.is_(None)))


async def find_target_mark(session: AsyncSession) -> Move | None:
    """Return the mark of the move that brought these records here, or is bringing them."""
    return await session.scalar(select(Move).where(Move.role == MoveRole.TARGET))


async def is_known(session: AsyncSession, move_id: uuid.UUID) -> bool:
    """Tell whether these records were ever about to move under this id."""
    return await session.get(Move, move_id) is not None


async def abandon(session: AsyncSession, now: datetime) -> None:
    """Give up a move from here that has not ended: the records are used, and what was copied is of the past."""
    await session.execute(
        update(Move)
        .where(Move.role == MoveRole.SOURCE, Move.ended_at.is_(None), Move.abandoned_at.is_(None))
        .values(abandoned_at=now)
    )


async def end(session: AsyncSession, move_id: uuid.UUID, at: datetime) -> None:
    """Note that everything has moved, once."""
    await session.execute(update(Move).where(Move.id == move_id, Move.ended_at.is_(None)).values(ended_at=at))


async def forget(session: AsyncSession, move_id: uuid.UUID) -> None:
    """Take a mark away."""
    await session.execute(delete(Move).where(Move.id == move_id))


async def note_position(session: AsyncSession, move_id: uuid.UUID, position: dict[str, Any]) -> None:
    """Note how far the target is."""
    await session.execute(update(Move).where(Move.id == move_id).values(position=position))


async def is_empty(session: AsyncSession) -> bool:
    """Tell whether no table has a row, a mark included."""
    for table in Base.metadata.sorted_tables:
        if table.name != Nonce.__tablename__ and (await session.execute(select(table).limit(1))).first() is not None:
            return False
    return True


async def empty(session: AsyncSession) -> None:
    """Take every row out, marks included."""
    for table in reversed(Base.metadata.sorted_tables):
        await session.execute(delete(table))


async def count_rows(session: AsyncSession) -> dict[str, int]:
    """Count the rows of each table that moves."""
    return {table.name: await session.scalar(select(func.count()).select_from(table)) or 0 for table in list_tables()}


async def read_batch(session: AsyncSession, table: Table, after: Sequence[Any] | None, most: int) -> list[Any]:
    """Return up to `most` rows in the order of their keys, those after a noted key."""
    keys = _keys(table)
    query = select(table).order_by(*keys).limit(most)
    if after is not None:
        noted = [literal(_read_key(key, value), key.type) for key, value in zip(keys, after, strict=True)]
        query = query.where(tuple_(*keys) > tuple_(*noted))
    return list((await session.execute(query)).mappings())


async def add_batch(session: AsyncSession, table: Table, rows: Sequence[Any]) -> None:
    """Add rows as they are."""
    await session.execute(table.insert(), [dict(row) for row in rows])


def note_key(table: Table, row: Any) -> list[Any]:
    """Return a row's key as JSON keeps it."""
    return [_note(row[key]) for key in _keys(table)]


async def has_tables(database: Database) -> bool:
    """Tell whether there is any table, whoever made it."""
    async with database.read() as session:
        query = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"
        return await session.scalar(text(query)) is not None


async def is_used(database: Database, name: str) -> bool:
    """Tell whether a program that calls itself by this name is connected."""
    async with database.read() as session:
        return await session.scalar(text(ANOTHER_PROGRAM), {"name": name}) is not None


async def analyse(database: Database) -> None:
    """Have PostgreSQL look at what is in the tables, or it would plan as if they were empty."""
    async with database.begin() as session:
        await session.execute(text("ANALYZE"))


def _keys(table: Table) -> list[Column[Any]]:
    """Return the columns in whose order the rows of a table move: they are unique together, and an index has them."""
    if table is Device.__table__:
        # a client's devices side by side: a list then reads a page or two of PostgreSQL's, not one for each device
        return [table.c.client_id, table.c.created_at, table.c.id]
    return list(table.primary_key.columns)


def _note(value: Any) -> Any:
    match value:
        case uuid.UUID():
            return value.hex
        case datetime():
            return value.isoformat()
    return value


def _read_key(column: Column[Any], noted: Any) -> Any:
    match column.type:
        case Uuid():
            return uuid.UUID(noted)
        case UtcDateTime():
            return datetime.fromisoformat(noted)
    return noted
