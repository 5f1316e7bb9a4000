"""Queries that find clients for admins: pages of all, searches by beginnings, and one by what an admin typed.

A search looks at several columns at once. Each is read along its own index, from a key on, a window at most: what it
costs depends on the window, and not on how many clients or devices there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, Uuid, bindparam, cast, literal_column, null, select, text, tuple_, union_all

from storage.models import SUSPENDED_CLIENT, ChatUser, Client, Device

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, Select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import InstrumentedAttribute

LAST = "\U0010ffff"
"""The highest code point, which no name has: where the texts with one beginning end."""
Key = tuple["datetime", "uuid.UUID"]
"""Where a page of all clients begins or ends: `created_at` and `id`."""
HitKey = tuple[str, "uuid.UUID"]
"""Where a page of a search begins or ends: the folded text that fits, and the client it leads to."""


class Field(StrEnum):
    """What of a client is searched."""

    NAME = "n"
    FIRST_NAME = "f"
    USERNAME = "u"
    TELEGRAM_ID = "t"
    DEVICE = "d"


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that begins with what was searched, and whose it is. `row` is that of its client, person or device."""

    field: Field
    term: str
    client_id: uuid.UUID
    row: uuid.UUID | int
    shown: str

    @property
    def key(self) -> HitKey:
        """Return where the hit stands among all."""
        return self.term, self.client_id


@dataclass(frozen=True)
class _Column:
    """One searched column: the folded text, whose it is, and as it was written."""

    term: InstrumentedAttribute[Any]
    client_id: InstrumentedAttribute[Any]
    row: InstrumentedAttribute[Any]
    shown: InstrumentedAttribute[Any]
    condition: ColumnElement[bool] | None = None


_IN_A_CLIENT = ChatUser.client_id.is_not(None)
COLUMNS: Mapping[Field, _Column] = {
    Field.NAME: _Column(Client.folded_name, Client.id, Client.id, Client.name),
    Field.FIRST_NAME: _Column(
        ChatUser.folded_first_name, ChatUser.client_id, ChatUser.telegram_id, ChatUser.first_name, _IN_A_CLIENT
    ),
    Field.USERNAME: _Column(
        ChatUser.folded_username, ChatUser.client_id, ChatUser.telegram_id, ChatUser.username, _IN_A_CLIENT
    ),
    Field.TELEGRAM_ID: _Column(
        ChatUser.digits, ChatUser.client_id, ChatUser.telegram_id, ChatUser.digits, _IN_A_CLIENT
    ),
    Field.DEVICE: _Column(
        Device.folded_name, Device.client_id, Device.id, Device.device_name, Device.live_at.is_not(None)
    ),
}


async def list_clients(
    session: AsyncSession,
    *,
    size: int,
    only_suspended: bool = False,
    older_than: Key | None = None,
    newer_than: Key | None = None,
) -> list[tuple[Client, list[ChatUser]]]:
    """Return up to `size` clients and their people, next to a key on one side or the other, else the newest.

    The nearest to the key come first.
    """
    key = tuple_(Client.created_at, Client.id)
    chosen = select(Client.id).limit(size)
    if only_suspended:
        chosen = chosen.where(text(SUSPENDED_CLIENT))
    if newer_than is not None:
        chosen = chosen.where(key > newer_than).order_by(Client.created_at, Client.id)
    else:
        chosen = chosen if older_than is None else chosen.where(key < older_than)
        chosen = chosen.order_by(Client.created_at.desc(), Client.id.desc())
    found = await _read_with_people(session, Client.id.in_(chosen.scalar_subquery()))
    return sorted(found, key=lambda pair: (pair[0].created_at, pair[0].id), reverse=newer_than is None)


async def read_clients(session: AsyncSession, client_ids: Collection[uuid.UUID]) -> list[tuple[Client, list[ChatUser]]]:
    """Return those of the clients that exist, with their people, in any order."""
    return await _read_with_people(session, Client.id.in_(client_ids))


async def list_hits(
    session: AsyncSession,
    fields: Collection[Field],
    term: str,
    *,
    window: int,
    after: HitKey | None = None,
    before: HitKey | None = None,
) -> list[Hit]:
    """Return up to `window` texts, in their order, that begin with the folded term in one of the fields.

    After a key, or before one; then the nearest come first.
    """
    key = after or before
    query = _search(tuple(fields), "after" if after else "before" if before else None)
    values = {"term": term, "end": term + LAST, "window": window}
    if key is not None:
        values |= {"key_term": key[0], "key_client": key[1]}
    hits = [
        Hit(Field(row.field), row.term, row.client_id, row.id if row.number is None else row.number, row.shown)
        for row in await session.execute(query, values)
    ]
    return sorted(hits, key=lambda hit: hit.key, reverse=before is not None)[:window]


async def find_hit_key(session: AsyncSession, field: Field, row: uuid.UUID | int) -> HitKey | None:
    """Return where the text of a client, person or device stands now, None when it is gone."""
    column = COLUMNS[field]
    found = (await session.execute(select(column.term, column.client_id).where(column.row == row))).first()
    return None if found is None or None in found else (found[0], found[1])


async def read_names(
    session: AsyncSession, client_ids: Collection[uuid.UUID], telegram_ids: Collection[int]
) -> tuple[dict[uuid.UUID, str], dict[int, str]]:
    """Return the names of those of the clients, and the first names of those of the people, who are known."""
    of_clients = select(Client.id, cast(null(), BigInteger).label("number"), Client.name)
    of_people = select(cast(null(), Uuid), ChatUser.telegram_id, ChatUser.first_name)
    query = union_all(
        of_clients.where(Client.id.in_(client_ids)), of_people.where(ChatUser.telegram_id.in_(telegram_ids))
    )
    rows = (await session.execute(query)).all()
    clients = {row.id: row.name for row in rows if row.number is None}
    return clients, {row.number: row.name for row in rows if row.number is not None}


async def list_by_prefix(session: AsyncSession, lowest: uuid.UUID, highest: uuid.UUID, most: int) -> list[Client]:
    """Return up to `most` clients whose ids lie between the two."""
    return list(await session.scalars(select(Client).where(Client.id.between(lowest, highest)).limit(most)))


async def list_by_person(
    session: AsyncSession, *, telegram_id: int | None = None, username: str | None = None, most: int
) -> list[Client]:
    """Return up to `most` clients for which the person with this Telegram id, or people of this folded name, chat."""
    whose = ChatUser.telegram_id == telegram_id if username is None else ChatUser.folded_username == username
    query = select(Client).join(ChatUser, ChatUser.client_id == Client.id).where(whose).limit(most)
    return list(await session.scalars(query))


async def _read_with_people(
    session: AsyncSession, condition: ColumnElement[bool]
) -> list[tuple[Client, list[ChatUser]]]:
    query = select(Client, ChatUser).outerjoin(ChatUser, ChatUser.client_id == Client.id).where(condition)
    people: dict[Client, list[ChatUser]] = {}
    for client, person in await session.execute(query):
        people.setdefault(client, []).extend([] if person is None else [person])
    return list(people.items())


@cache
def _search(fields: tuple[Field, ...], side: str | None) -> CompoundSelect[Any]:
    """Return the query for one side of a key, or from the beginning on; it is put together once."""
    return union_all(*(select(_branch(COLUMNS[field], field, side).subquery()) for field in fields))


def _branch(column: _Column, field: Field, side: str | None) -> Select[Any]:
    is_number = column.row is ChatUser.telegram_id
    query = select(
        literal_column(f"'{field}'").label("field"),
        column.term.label("term"),
        column.client_id.label("client_id"),
        (cast(null(), Uuid) if is_number else column.row).label("id"),
        (column.row if is_number else cast(null(), BigInteger)).label("number"),
        column.shown.label("shown"),
    ).limit(bindparam("window", type_=BigInteger))
    if column.condition is not None:
        query = query.where(column.condition)
    here = tuple_(column.term, column.client_id)
    key = tuple_(bindparam("key_term", type_=String), bindparam("key_client", type_=Uuid))
    query = query.where(here > key if side == "after" else column.term >= bindparam("term", type_=String))
    query = query.where(here < key if side == "before" else column.term < bindparam("end", type_=String))
    if side == "before":
        return query.order_by(column.term.desc(), column.client_id.desc())
    return query.order_by(column.term, column.client_id)
