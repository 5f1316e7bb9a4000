"""Rows for every table there is, with values of every kind that its columns can hold."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Boolean, LargeBinary, String, Table, Uuid, select

from storage import moves
from storage.models import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column

    from storage.database import Database

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LETTERS = "aZ09 -_'\"\\%$;\t\nßéÅ漢字עבר👩‍💻🏳️‍🌈\u202f\u00a0"
ODD_JSON: tuple[dict[str, Any], ...] = (
    {},
    {"a": None, "ä": [1, 2.5, True, "\u2028"]},
    {"deep": {"er": [{"": "👩‍💻"}, -(2**53), 1e-9]}},
    {"nul": "\x00"},
)


async def fill(database: Database, count: int, seed: int = 1) -> None:
    """Put rows into every table that moves."""
    dice = random.Random(seed)  # noqa: S311 - dice
    made: dict[str, list[dict[str, Any]]] = {}
    for table in moves.list_tables():
        made[table.name] = [make_row(table, dice, made) for _ in range(count)]
        async with database.begin() as session:
            await session.execute(table.insert(), made[table.name])


def make_row(table: Table, dice: random.Random, made: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return a row; what it refers to is one of those that were made."""
    return {column.name: make_value(column, dice, made) for column in table.columns}


def make_value(column: Column[Any], dice: random.Random, made: dict[str, list[dict[str, Any]]]) -> Any:
    """Return a value that the column can hold."""
    if column.nullable and dice.random() < 0.3:
        return None
    for key in column.foreign_keys:
        return dice.choice(made[key.column.table.name])[key.column.name]
    make = next(make for kind, make in MAKERS if isinstance(column.type, kind))
    return make(column.type, dice)


def _make_text(kind: Any, dice: random.Random) -> str:
    return "".join(dice.choices(LETTERS, k=kind.length))


def _make_time(_kind: Any, dice: random.Random) -> datetime:
    return FIRST + timedelta(days=dice.randrange(40_000), microseconds=dice.randrange(86_400_000_000))


MAKERS: tuple[tuple[type, Callable[[Any, random.Random], Any]], ...] = (
    (Uuid, lambda _, dice: uuid.UUID(int=dice.getrandbits(128))),
    (BigInteger, lambda _, dice: dice.choice((dice.randrange(2**40), dice.randrange(-(2**63), 2**63)))),
    (Boolean, lambda _, dice: dice.random() < 0.5),
    (UtcDateTime, _make_time),
    (LargeBinary, lambda kind, dice: dice.randbytes(kind.length)),
    (String, _make_text),
    (JSON, lambda _, dice: dice.choice(ODD_JSON)),
)


async def read_all(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table that moves, through a session of its own, in the order of the keys."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in moves.list_tables():
        async with database.read() as session:
            rows = [dict(row) for row in (await session.execute(select(table))).mappings()]
        names = [column.name for column in table.primary_key.columns]
        found[table.name] = sorted(rows, key=lambda row: [str(row[name]) for name in names])
    return found
