"""A client's devices as lists show them, page by page. They take the shortcut: people leaf through lists all day."""

from __future__ import annotations

import functools
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, Uuid, and_, bindparam, func, or_, select, tuple_

from storage.devices import COUNTS, Counts
from storage.models import Client, Device, UtcDateTime
from storage.prepared import Prepared

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storage.database import Database
    from storage.devices import Key

ESCAPE = "/"


class Shelf(StrEnum):
    """Which of a client's devices a list shows."""

    ACTIVE = "active"
    REVOKED = "revoked"
    FOUND = "found"


class Side(Enum):
    """On which side of a key a page lies. Lists are newest first."""

    OLDER = "older"
    NEWER = "newer"
    FROM = "from"


class ListedDevice(NamedTuple):
    """What a list shows of a device."""

    id: uuid.UUID
    device_name: str
    group_name: str | None
    revoked: bool
    revoked_at: datetime | None
    created_at: datetime
    last_seen: datetime | None


SHOWN = [getattr(Device, name) for name in ListedDevice._fields]
STATES = Prepared(COUNTS)
STATES_AND_LIMIT = Prepared(
    COUNTS.add_columns(
        select(Client.device_limit).where(Client.id == bindparam("client_id", type_=Uuid())).scalar_subquery()
    )
)


async def list_page(
    database: Database,
    client_id: uuid.UUID,
    shelf: Shelf,
    *,
    size: int,
    search: str | None = None,
    side: Side | None = None,
    key: Key | None = None,
) -> list[ListedDevice]:
    """Return up to `size` devices, newest first, on one side of a key; without a key the newest ones."""
    at, device_id = key or (None, None)
    placed = {} if side is None else {"at": at, "id": device_id}
    rows = await database.look_up(
        _page_of(shelf, side), client_id=client_id, size=size, **placed, **_pattern_of(shelf, search)
    )
    found = [ListedDevice(*row) for row in rows]
    return found[::-1] if side is Side.NEWER else found


async def count_found(database: Database, client_id: uuid.UUID, search: str | None) -> int:
    """Count the devices that a search finds."""
    rows = await database.look_up(_count_of_found(), client_id=client_id, **_pattern_of(Shelf.FOUND, search))
    return int(rows[0][0])


async def count_states(database: Database, client_id: uuid.UUID, seen_since: datetime) -> Counts:
    """Count a client's live devices by state."""
    rows = await database.look_up(STATES, client_id=client_id, seen_since=seen_since)
    return Counts(*rows[0])


async def read_states_and_limit(
    database: Database, client_id: uuid.UUID, seen_since: datetime
) -> tuple[Counts, int | None]:
    """Count a client's live devices by state, and return its own limit if it has one."""
    rows = await database.look_up(STATES_AND_LIMIT, client_id=client_id, seen_since=seen_since)
    *counts, limit = rows[0]
    return Counts(*counts), limit


@functools.cache
def _page_of(shelf: Shelf, side: Side | None) -> Prepared:
    ours, given = tuple_(Device.created_at, Device.id), tuple_(bindparam("at", type_=UtcDateTime()), _bound_id("id"))
    query = select(*SHOWN).where(_belongs(shelf)).limit(bindparam("size", type_=Integer()))
    if side is Side.NEWER:
        return Prepared(query.where(ours > given).order_by(Device.created_at, Device.id))
    if side is Side.OLDER:
        query = query.where(ours < given)
    if side is Side.FROM:
        query = query.where(ours <= given)
    return Prepared(query.order_by(Device.created_at.desc(), Device.id.desc()))


@functools.cache
def _count_of_found() -> Prepared:
    return Prepared(select(func.count()).select_from(Device).where(_belongs(Shelf.FOUND)))


def _belongs(shelf: Shelf) -> ColumnElement[bool]:
    is_shown: ColumnElement[bool] = Device.revoked.is_(shelf is Shelf.REVOKED)
    if shelf is Shelf.FOUND:
        name = Device.folded_name.like(bindparam("name"), escape=ESCAPE)
        is_shown = and_(is_shown, or_(name, Device.fingerprint.like(bindparam("fingerprint"), escape=ESCAPE)))
    return and_(Device.client_id == _bound_id("client_id"), Device.live_at.is_not(None), is_shown)


def _bound_id(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=Uuid())


def _pattern_of(shelf: Shelf, search: str | None) -> dict[str, str]:
    """Return what names, case-folded, and fingerprints begin with."""
    if shelf is not Shelf.FOUND:
        return {}
    text = search or ""
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return {"name": f"{text.casefold()}%", "fingerprint": f"{text.lower()}%"}
