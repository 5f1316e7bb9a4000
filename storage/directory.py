"""Queries that find clients for admins: pages of all, searches by beginnings, and one by what an admin typed.

A search looks at several columns at once. Each is read along its own index, from a key on, a window at most: what it
costs depends on the window, and not on how many clients or devices there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Uuid, cast, literal_column, null, select, text, tuple_, union_all

from storage.models import SUSPENDED_CLIENT, ChatUser, Client, Device

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
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
) -> list[Client]:
    """Return up to `size` clients next to a key on one side or the other, the nearest to it first, else the newest."""
    key = tuple_(Client.created_at, Client.id)
    query = select(Client).limit(size)
    if only_suspended:
        query = query.where(text(SUSPENDED_CLIENT))
    if newer_than is not None:
        return list(await session.scalars(query.where(key > newer_than).order_by(Client.created_at, Client.id)))
    if older_than is not None:
        query = query.where(key < older_than)
    return list(await session.scalars(query.order_by(Client.created_at.desc(), Client.id.desc())))


async def list_hits(
    session: AsyncSession,
    terms: Mapping[Field, str],
    *,
    window: int,
    after: HitKey | None = None,
    before: HitKey | None = None,
) -> list[Hit]:
    """Return up to `window` texts, in their order, that begin with the folded term of their field.

    After a key, or before one; then the nearest come first.
    """
    branches = [_branch(field, term, window, after, before) for field, term in terms.items()]
    rows = await session.execute(union_all(*(select(branch.subquery()) for branch in branches)))
    hits = [
        Hit(Field(row.field), row.term, row.client_id, row.id if row.number is None else row.number, row.shown)
        for row in rows
    ]
    return sorted(hits, key=lambda hit: hit.key, reverse=before is not None)[:window]


async def find_hit_key(session: AsyncSession, field: Field, row: uuid.UUID | int) -> HitKey | None:
    """Return where the text of a client, person or device stands now, None when it is gone."""
    column = COLUMNS[field]
    found = (await session.execute(select(column.term, column.client_id).where(column.row == row))).first()
    return None if found is None or None in found else (found[0], found[1])


async def read_clients(session: AsyncSession, client_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Client]:
    """Return those of the clients that exist, by id."""
    found = await session.scalars(select(Client).where(Client.id.in_(client_ids)))
    return {client.id: client for client in found}


async def list_people(session: AsyncSession, client_ids: Collection[uuid.UUID]) -> list[ChatUser]:
    """Return everybody who chats for any of the clients."""
    return list(await session.scalars(select(ChatUser).where(ChatUser.client_id.in_(client_ids))))


async def read_first_names(session: AsyncSession, telegram_ids: Collection[int]) -> dict[int, str]:
    """Return the first names of the people who are known."""
    query = select(ChatUser.telegram_id, ChatUser.first_name).where(ChatUser.telegram_id.in_(telegram_ids))
    return {row.telegram_id: row.first_name for row in await session.execute(query)}


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


def _branch(field: Field, term: str, window: int, after: HitKey | None, before: HitKey | None) -> Select[Any]:
    column = COLUMNS[field]
    is_number = column.row is ChatUser.telegram_id
    query = select(
        literal_column(f"'{field}'").label("field"),
        column.term.label("term"),
        column.client_id.label("client_id"),
        (cast(null(), Uuid) if is_number else column.row).label("id"),
        (column.row if is_number else cast(null(), BigInteger)).label("number"),
        column.shown.label("shown"),
    )
    if column.condition is not None:
        query = query.where(column.condition)
    key = tuple_(column.term, column.client_id)
    query = query.where(key > after if after is not None else column.term >= term)
    query = query.where(key < before if before is not None else column.term < term + LAST)
    if before is not None:
        return query.order_by(column.term.desc(), column.client_id.desc()).limit(window)
    return query.order_by(column.term, column.client_id).limit(window)
