"""Moving a SQLite installation to PostgreSQL, and what a program does that finds records which are on the way.

A copy that is made while a bot may run is a backup. This is a move: of two databases never both can be used.

    source   target
    open     empty      as before
    open     begun      no program starts on the target. One that starts on the source gives the move up: what was
                        copied is of the past, and the next try begins anew
    ended    begun      everything was compared. No program starts on either; to try again ends it
    ended    ended      the target is the registry, the source is history

So a crash between two steps costs time, never a row. Whoever needs the source again makes a backup of it, which asks
an admin before it lets anybody in.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.services.handouts import find_known_time
from storage import moves, schema
from storage.database import APPLICATION
from storage.models import Move, MoveRole

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Table

    from bot.services.clock import Clock
    from storage.database import Database

    Report = Callable[[str, int, int], None]

BATCH = 2000


class MoveRefused(Exception):
    """Nothing was changed. The message tells a person why, and what to do."""


class CountsDiffer(Exception):
    """The target does not have as many rows as the source; the message tells where. The move has not ended."""


@dataclass(frozen=True)
class Moved:
    """What a move came to: rows by table, and whether an earlier try had ended it already."""

    counts: dict[str, int]
    was_ended: bool


async def explain_refusal(database: Database) -> str | None:
    """Return why no program may work with these records, None when one may."""
    async with database.read() as session:
        left, arrived = await moves.find_source_mark(session), await moves.find_target_mark(session)
    if left is not None and left.ended_at is not None:
        return f"these records were moved to {left.place} at {left.ended_at:%Y-%m-%d %H:%M} UTC; use those."
    if arrived is not None and arrived.ended_at is None:
        return f"these records are a part of those in {arrived.place}; run the same python -m bot copy again."
    return None


async def enter(database: Database, clock: Clock) -> str | None:
    """Begin to use the records, which gives up a move that somebody began; return why not, if they may not be used."""
    refusal = await explain_refusal(database)
    if refusal is None and database.path is not None:
        async with database.read() as session:
            mark = await moves.find_source_mark(session)
        if mark is not None:
            async with database.begin() as session:
                await moves.abandon(session, clock.now())
    return refusal


async def find_arrival(database: Database) -> datetime | None:
    """Return when these records came from another database, which remembered nonces that this one does not."""
    async with database.read() as session:
        mark = await moves.find_target_mark(session)
    return None if mark is None else mark.ended_at


class Mover:
    """Moves one SQLite database to one PostgreSQL. Whoever makes one holds both, so that nobody else does the same."""

    def __init__(self, source: Database, target: Database, clock: Clock, report: Report) -> None:
        """`report` is told a table, how many of its rows have moved and how many there are."""
        self._source = source
        self._target = target
        self._clock = clock
        self._report = report

    async def move(self) -> Moved:
        """Move everything, or what an earlier try left. Raises `MoveRefused` and `CountsDiffer`."""
        await self._check_shapes()
        mark = await self._find_mark() or await self._begin()
        if mark.ended_at is not None:
            return Moved(await self._count(self._source), was_ended=True)
        await self._check_users()
        await self._copy(mark)
        return Moved(await self._end(mark), was_ended=False)

    async def _check_shapes(self) -> None:
        if await schema.read_revision(self._source) != schema.HEAD:
            raise MoveRefused("FROM_URL: the tables are not this release's; migrate them with DATABASE_URL set to it.")
        revision = await schema.read_revision(self._target)
        if revision is None:
            if await moves.has_tables(self._target):
                raise MoveRefused("TO_URL: it holds something else; give the registry an empty database.")
            from storage import migrations  # noqa: PLC0415 - Alembic is large

            await migrations.upgrade(self._target)
        elif revision != schema.HEAD:
            raise MoveRefused("TO_URL: the tables are not this release's; give the registry an empty database.")

    async def _find_mark(self) -> Move | None:
        """Return the target's mark of a move to go on with, or that has ended, None when one is to begin."""
        async with self._source.read() as session:
            left = await moves.find_source_mark(session)
        async with self._target.read() as session:
            arrived, is_empty = await moves.find_target_mark(session), await moves.is_empty(session)
        if left is not None and arrived is not None and left.id == arrived.id:
            return arrived
        if (refusal := await explain_refusal(self._source)) is not None:
            raise MoveRefused(f"FROM_URL: {refusal}")
        if not is_empty and not await self._is_of_the_past(arrived):
            raise MoveRefused("TO_URL: it is neither empty nor a part of these records; give them an empty database.")
        return None

    async def _is_of_the_past(self, arrived: Move | None) -> bool:
        """Tell whether the target has a part of these records as they were before somebody went on with them."""
        if arrived is None or arrived.ended_at is not None:
            return False
        async with self._source.read() as session:
            return await moves.is_known(session, arrived.id)

    async def _begin(self) -> Move:
        """Mark both sides, the source first: it knows what the target then says. Return the target's mark."""
        await self._check_users()
        now, move_id = self._clock.now(), uuid.uuid4()
        async with self._source.begin() as session:
            await moves.abandon(session, now)
            session.add(Move(id=move_id, role=MoveRole.SOURCE, place=describe(self._target), began_at=now))
        mark = Move(id=move_id, role=MoveRole.TARGET, place=describe(self._source), began_at=now)
        async with self._target.begin() as session:
            if await moves.find_target_mark(session) is not None:
                await moves.empty(session)
            session.add(mark)
        try:
            # a program that started before there was a mark to read is connected by now
            await self._check_users()
        except MoveRefused:
            async with self._target.begin() as session:
                await moves.forget(session, move_id)
            raise
        return mark

    async def _check_users(self) -> None:
        if await moves.is_used(self._target, APPLICATION):
            raise MoveRefused("TO_URL: a program is connected to it; stop every run and api there, and try again.")

    async def _copy(self, mark: Move) -> None:
        totals, done = await self._count(self._source), await self._count(self._target)
        tables = moves.list_tables()
        position = mark.position or {"table": tables[0].name, "after": None}
        first = [table.name for table in tables].index(position["table"])
        for table in tables[first:]:
            after = position["after"] if table.name == position["table"] else None
            await self._copy_table(mark.id, table, after, done[table.name], totals[table.name])

    async def _copy_table(
        self, move_id: uuid.UUID, table: Table, after: list[Any] | None, done: int, total: int
    ) -> None:
        self._report(table.name, done, total)
        while True:
            async with self._source.read(is_long=True) as session:
                rows = await moves.read_batch(session, table, after, BATCH)
            if not rows:
                return
            after = moves.note_key(table, rows[-1])
            async with self._target.begin() as session:
                await moves.add_batch(session, table, rows)
                await moves.note_position(session, move_id, {"table": table.name, "after": after})
            done += len(rows)
            self._report(table.name, done, total)

    async def _end(self, mark: Move) -> dict[str, int]:
        """Compare, then close the source, then open the target. Return what was compared."""
        there, here = await self._count(self._source), await self._count(self._target)
        if there != here:
            wrong = [f"{name}: {there[name]} there, {here[name]} here" for name in there if there[name] != here[name]]
            raise CountsDiffer("; ".join(wrong))
        await moves.analyse(self._target)
        now = self._clock.now()
        ended_at = max(now, await find_known_time(self._source) or now)
        for database in (self._source, self._target):
            async with database.begin() as session:
                await moves.end(session, mark.id, ended_at)
        return here

    @staticmethod
    async def _count(database: Database) -> dict[str, int]:
        async with database.read(is_long=True) as session:
            return await moves.count_rows(session)


def describe(database: Database) -> str:
    """Return where a database is, without who may open it."""
    if database.path is not None:
        return str(database.path)
    url = database.url
    host = url.host or url.query.get("host") or "this machine"
    return f"PostgreSQL, database {url.database} at {host}"[:400]
