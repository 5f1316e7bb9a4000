"""The tables seen, and changed, behind the services' back: always through a fresh session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from storage.models import AuditEvent, Base, ChatUser, Client, Device, Handout, Invite, Notice

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from storage.database import Database


async def read_device(database: Database, device_id: uuid.UUID) -> Device | None:
    """Return the row, reserved or live."""
    async with database.read() as session:
        return await session.get(Device, device_id)


async def list_devices(database: Database, client_id: uuid.UUID) -> list[Device]:
    """Return all rows of a client, reserved ones too."""
    async with database.read() as session:
        return list(await session.scalars(select(Device).where(Device.client_id == client_id)))


async def read_handout(database: Database, handout_id: uuid.UUID) -> Handout:
    """Return the row."""
    async with database.read() as session:
        return await session.get_one(Handout, handout_id)


async def list_notices(database: Database, kind: str | None = None) -> list[Notice]:
    """Return what is or was owed, of one kind or of all."""
    async with database.read() as session:
        found = await session.scalars(select(Notice).order_by(Notice.created_at, Notice.telegram_id))
        return [notice for notice in found if kind in {None, notice.kind}]


async def list_audit(database: Database, action: str | None = None) -> list[AuditEvent]:
    """Return what was written down, of one action or of all."""
    async with database.read() as session:
        found = await session.scalars(select(AuditEvent).order_by(AuditEvent.at))
        return [event for event in found if action in {None, event.action}]


async def count(database: Database, table: type[Base]) -> int:
    """Count a table's rows."""
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def suspend(database: Database, client_id: uuid.UUID, status: str = "suspended") -> None:
    """Pause a client, or let it go on with another status."""
    async with database.begin() as session:
        await session.execute(update(Client).where(Client.id == client_id).values(status=status))


async def set_role(database: Database, telegram_id: int, role: str) -> None:
    """Make somebody an admin, or a trader again."""
    async with database.begin() as session:
        await session.execute(update(ChatUser).where(ChatUser.telegram_id == telegram_id).values(role=role))


async def set_status(database: Database, telegram_id: int, status: str) -> None:
    """Let somebody be waiting, refused or active."""
    async with database.begin() as session:
        await session.execute(update(ChatUser).where(ChatUser.telegram_id == telegram_id).values(status=status))


async def move(database: Database, telegram_id: int, client_id: uuid.UUID) -> None:
    """Make somebody one of a client's people."""
    async with database.begin() as session:
        await session.execute(update(ChatUser).where(ChatUser.telegram_id == telegram_id).values(client_id=client_id))


async def add_newcomer(database: Database, telegram_id: int, first_name: str, asked_at: datetime) -> None:
    """Let somebody wait to be let in."""
    facts = {"status": "waiting", "role": "trader", "first_name": first_name, "created_at": asked_at}
    async with database.begin() as session:
        session.add(ChatUser(telegram_id=telegram_id, **facts))


async def find_user(database: Database, telegram_id: int) -> ChatUser | None:
    """Return what is kept of a person."""
    async with database.read() as session:
        return await session.get(ChatUser, telegram_id)


async def read_user(database: Database, telegram_id: int) -> ChatUser:
    """Return what is kept of a person who is known."""
    async with database.read() as session:
        return await session.get_one(ChatUser, telegram_id)


async def list_invites(database: Database) -> list[Invite]:
    """Return all invites, the first made first."""
    async with database.read() as session:
        return list(await session.scalars(select(Invite).order_by(Invite.created_at)))


async def set_device(database: Database, device_id: uuid.UUID, **values: object) -> None:
    """Set columns of a device."""
    async with database.begin() as session:
        await session.execute(update(Device).where(Device.id == device_id).values(**values))
