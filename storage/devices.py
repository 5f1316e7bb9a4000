"""Queries about devices. Those called live leave out what is only reserved."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, or_, select, tuple_, update

from storage.clients import lock_first
from storage.models import Client, Device, UtcDateTime
from storage.prepared import Prepared
from storage.shortcut import read_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

LOGIN = """
    SELECT secret_hash, secret_tag, previous_hash, previous_tag, previous_valid_until
    FROM devices WHERE id = $1 AND live_at IS NOT NULL
"""
COUNTS = select(
    func.count().filter(Device.revoked.is_(False)),
    func.count().filter(Device.revoked.is_(False), Device.last_seen > bindparam("seen_since", type_=UtcDateTime())),
    func.count().filter(Device.revoked.is_(False), Device.last_seen.is_(None)),
    func.count().filter(Device.revoked.is_(True)),
).where(Device.client_id == bindparam("client_id"), Device.live_at.is_not(None))
"""Made once: to make such a question takes longer than to answer it."""
WITH_CLIENT = (
    select(Device, Client)
    .join(Client, Client.id == Device.client_id)
    .where(Device.id == bindparam("id"), Device.live_at.is_not(None))
    .with_for_update(of=Device)
)
AS_KEPT = Prepared(
    select(*Device.__table__.columns, Client.status)
    .join(Client, Client.id == Device.client_id)
    .where(Device.id == bindparam("device_id"), Device.live_at.is_not(None))
)
SEEN = Prepared(
    update(Device)
    .where(
        Device.id == bindparam("device_id"),
        or_(Device.last_seen.is_(None), Device.last_seen < bindparam("at", type_=UtcDateTime())),
    )
    .values(last_seen=bindparam("at", type_=UtcDateTime()), last_ip=bindparam("address"))
)
"""Sets when and from where a device was last seen; a time that is earlier than the one kept changes nothing."""
Key = tuple["datetime", "uuid.UUID"]
"""Where a page begins or ends: a device's `created_at` and `id`."""


@dataclass(frozen=True, slots=True)
class Login:
    """All that is kept of a device's secret, and of its previous one during an overlap."""

    secret_hash: str
    secret_tag: bytes
    previous_hash: str | None
    previous_tag: bytes | None
    previous_valid_until: datetime | None


@dataclass(frozen=True)
class Counts:
    """How many devices a client has: not revoked, and of those seen after a moment and never; and revoked."""

    active: int
    seen: int
    never: int
    revoked: int


async def find_login(database: Database, device_id: uuid.UUID) -> Login | None:
    """Return what a login at a live device is compared with. It takes the shortcut: floods come this way."""
    row = await database.shortcut.fetch_row(LOGIN, device_id)
    if row is None:
        return None
    secret_hash, secret_tag, previous_hash, previous_tag, previous_valid_until = row
    return Login(secret_hash, secret_tag, previous_hash, previous_tag, read_time(previous_valid_until))


async def find_as_kept(database: Database, device_id: uuid.UUID) -> tuple[Device, str] | None:
    """Return a live device, which no session follows, and its client's status: every login that proved right asks."""
    rows = await database.look_up(AS_KEPT, device_id=device_id)
    if not rows:
        return None
    *columns, client_status = rows[0]
    return Device(**dict(zip(Device.__table__.columns.keys(), columns, strict=True))), client_status


async def find_live(session: AsyncSession, device_id: uuid.UUID) -> Device | None:
    """Return the device, or None when there is none or it is only reserved."""
    return await session.scalar(select(Device).where(Device.id == device_id, Device.live_at.is_not(None)))


async def find_with_client(session: AsyncSession, device_id: uuid.UUID) -> tuple[Device, Client] | None:
    """Return the live device and its client, and hold the device's row until the transaction ends."""
    row = (await session.execute(WITH_CLIENT, {"id": device_id})).first()
    return None if row is None else (row[0], row[1])


async def lock(session: AsyncSession, device_id: uuid.UUID) -> Device | None:
    """Return the device, reserved or live, and hold its client's row and its own until the transaction ends."""
    owner = select(Device.client_id).where(Device.id == device_id).scalar_subquery()
    await lock_first(session, owner)
    return await session.scalar(select(Device).where(Device.id == device_id).with_for_update())


async def list_all(session: AsyncSession, client_id: uuid.UUID) -> list[Device]:
    """Return all of a client's live devices, active and revoked, newest first."""
    query = _live_of(client_id).order_by(Device.created_at.desc(), Device.id.desc())
    return list(await session.scalars(query))


async def list_unrevoked(session: AsyncSession, client_id: uuid.UUID) -> list[Device]:
    """Return a client's live devices that are not revoked, and hold their rows until the transaction ends."""
    query = _live_of(client_id).where(Device.revoked.is_(False)).order_by(Device.created_at, Device.id)
    return list(await session.scalars(query.with_for_update()))


async def list_revoked(session: AsyncSession, client_id: uuid.UUID, *, by: str, at: datetime) -> list[Device]:
    """Return a client's devices that somebody revoked at one moment."""
    query = _live_of(client_id).where(Device.revoked.is_(True), Device.revoked_by == by, Device.revoked_at == at)
    return list(await session.scalars(query.order_by(Device.created_at, Device.id)))


async def list_page(
    session: AsyncSession, client_id: uuid.UUID, *, size: int, older_than: Key | None = None
) -> list[Device]:
    """Return up to `size` live devices, newest first; those behind a key, if there is one."""
    query = _live_of(client_id).limit(size)
    if older_than is not None:
        query = query.where(tuple_(Device.created_at, Device.id) < older_than)
    return list(await session.scalars(query.order_by(Device.created_at.desc(), Device.id.desc())))


async def count_matching(session: AsyncSession, client_id: uuid.UUID, matching: ColumnElement[bool]) -> int:
    """Count a client's live devices that match."""
    return await session.scalar(select(func.count()).select_from(_live_of(client_id).where(matching).subquery())) or 0


def is_revoked(revoked: bool) -> ColumnElement[bool]:  # noqa: FBT001 - the name reads with its value
    """Match devices by whether they are revoked."""
    return Device.revoked.is_(revoked)


async def find_by_prefix(session: AsyncSession, prefix: str, *, client_id: uuid.UUID | None, most: int) -> list[Device]:
    """Return up to `most` live devices whose id or fingerprint begins with 8 hex digits, of all clients or one."""
    # ids are compared as ranges, so that one query serves both databases' ways to keep a UUID
    lowest, highest = _id_range(prefix)
    query = select(Device).where(
        Device.live_at.is_not(None),
        or_(Device.id.between(lowest, highest), Device.fingerprint == prefix),
    )
    if client_id is not None:
        query = query.where(Device.client_id == client_id)
    return list(await session.scalars(query.order_by(Device.created_at.desc(), Device.id.desc()).limit(most)))


async def count_held(session: AsyncSession, client_id: uuid.UUID) -> int:
    """Count what fills a client's limit: devices not revoked, reserved ones too."""
    query = select(func.count()).select_from(Device).where(Device.client_id == client_id, Device.revoked.is_(False))
    return await session.scalar(query) or 0


async def count_states(session: AsyncSession, client_id: uuid.UUID, seen_since: datetime) -> Counts:
    """Count a client's live devices by state."""
    row = (await session.execute(COUNTS, {"client_id": client_id, "seen_since": seen_since})).one()
    return Counts(*(int(number) for number in row))


async def find_holder(session: AsyncSession, client_id: uuid.UUID, device_name: str) -> Device | None:
    """Return the client's device that holds the name: not revoked, perhaps only reserved."""
    return await session.scalar(
        select(Device).where(
            Device.client_id == client_id, Device.device_name == device_name, Device.revoked.is_(False)
        )
    )


async def list_some(session: AsyncSession, client_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> list[Device]:
    """Return those of the devices that are the client's and live, newest first."""
    query = _live_of(client_id).where(Device.id.in_(list(ids)))
    return list(await session.scalars(query.order_by(Device.created_at.desc(), Device.id.desc())))


async def lock_several(session: AsyncSession, client_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> list[Device]:
    """Return those of the devices that are the client's and live, newest first, and hold its row and theirs."""
    await session.execute(select(Client.id).where(Client.id == client_id).with_for_update())
    query = _live_of(client_id).where(Device.id.in_(list(ids)))
    query = query.order_by(Device.created_at.desc(), Device.id.desc()).with_for_update()
    return list(await session.scalars(query, execution_options={"populate_existing": True}))


async def list_by_tags(session: AsyncSession, tags: Iterable[bytes], now: datetime) -> list[Device]:
    """Return the live devices whose secret, or whose previous one within an overlap, has one of the keyed tags."""
    wanted = list(tags)
    by_current = select(Device).where(Device.secret_tag.in_(wanted), Device.live_at.is_not(None))
    by_previous = select(Device).where(
        Device.previous_tag.in_(wanted), Device.previous_valid_until > now, Device.live_at.is_not(None)
    )
    # two questions, because one with OR would look through all devices
    found = {device.id: device for query in (by_current, by_previous) for device in await session.scalars(query)}
    return list(found.values())


async def drop_reserved(session: AsyncSession, device_id: uuid.UUID) -> None:
    """Forget a device that never became live; a live one stays."""
    await session.execute(delete(Device).where(Device.id == device_id, Device.live_at.is_(None)))


def _live_of(client_id: uuid.UUID) -> Select[Device]:
    return select(Device).where(Device.client_id == client_id, Device.live_at.is_not(None))


def _id_range(prefix: str) -> tuple[uuid.UUID, uuid.UUID]:
    return uuid.UUID(prefix.ljust(32, "0")), uuid.UUID(prefix.ljust(32, "f"))
