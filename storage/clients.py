"""Queries about clients and the people who chat for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sqlalchemy import bindparam, delete, select, text, update

from storage.models import ChatUser, Client
from storage.prepared import Prepared

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy import ScalarSelect
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database

MEMBER = Prepared(
    select(
        Client.id,
        Client.status,
        ChatUser.status,
        ChatUser.first_name,
        ChatUser.username,
        ChatUser.language,
        ChatUser.chosen_language,
        ChatUser.role,
    )
    .join(ChatUser, ChatUser.client_id == Client.id)
    .where(ChatUser.telegram_id == bindparam("telegram_id"))
)

LANGUAGES = Prepared(
    select(ChatUser.chosen_language, ChatUser.language).where(ChatUser.telegram_id == bindparam("telegram_id"))
)


@dataclass(frozen=True, slots=True)
class Member:
    """A person who was let in, and their client."""

    client_id: uuid.UUID
    client_status: str
    status: str
    first_name: str
    username: str | None
    language: str | None
    chosen_language: str | None
    role: str

    @classmethod
    def of(cls, client: Client, user: ChatUser) -> Self:
        """Return the same from the rows."""
        told = (user.status, user.first_name, user.username, user.language, user.chosen_language, user.role)
        return cls(client.id, client.status, *told)


async def find_member(database: Database, telegram_id: int) -> Member | None:
    """Return who was let in, or None. It takes the shortcut: every update begins with it."""
    rows = await database.look_up(MEMBER, telegram_id=telegram_id)
    return Member(*rows[0]) if rows else None


async def find_language(database: Database, telegram_id: int) -> str | None:
    """Return the language a person chose or their app has, None when unknown."""
    rows = await database.look_up(LANGUAGES, telegram_id=telegram_id)
    return next((chosen or told for chosen, told in rows), None)


async def find_client(session: AsyncSession, client_id: uuid.UUID | None) -> Client | None:
    """Return the client, or None."""
    return None if client_id is None else await session.get(Client, client_id)


async def lock_client(session: AsyncSession, client_id: uuid.UUID) -> Client | None:
    """Return the client and hold its row, so that nobody else counts its devices meanwhile."""
    return await session.get(Client, client_id, with_for_update=True)


async def lock_first(session: AsyncSession, client_id: ScalarSelect[uuid.UUID]) -> None:
    """Hold a client's row: the first step of every transaction that holds several rows of a client.

    Whoever is second waits there, before it holds anything, so that nobody ever waits in a circle. A writer on SQLite
    has all rows to itself.
    """
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(select(Client.id).where(Client.id == client_id).with_for_update())


async def find_chat_user(session: AsyncSession, telegram_id: int) -> ChatUser | None:
    """Return the person, or None."""
    return await session.get(ChatUser, telegram_id)


async def lock_clients(session: AsyncSession, *client_ids: uuid.UUID | None) -> None:
    """Hold the rows of several clients, always in one order, so that nobody ever waits in a circle."""
    for client_id in sorted({client_id for client_id in client_ids if client_id is not None}):
        await lock_client(session, client_id)


async def lock_chat_user(session: AsyncSession, telegram_id: int) -> ChatUser | None:
    """Return the person as they are now, and hold their row; behind the rows of clients, if those are held too."""
    return await session.get(ChatUser, telegram_id, with_for_update=True, populate_existing=True)


async def list_chat_users(session: AsyncSession, client_id: uuid.UUID) -> list[ChatUser]:
    """Return everybody who chats for the client."""
    return list(await session.scalars(select(ChatUser).where(ChatUser.client_id == client_id)))


async def set_chat_status(session: AsyncSession, telegram_id: int, *, old: str, new: str) -> bool:
    """Change a person's status if it is the old one; tell whether it was."""
    changed = await session.scalar(
        update(ChatUser)
        .where(ChatUser.telegram_id == telegram_id, ChatUser.status == old)
        .values(status=new)
        .returning(ChatUser.telegram_id)
    )
    return changed is not None


async def list_admins(session: AsyncSession) -> list[ChatUser]:
    """Return those who were named admins in chat, the longest known first."""
    query = select(ChatUser).where(text("role = 'admin'"))
    return list(await session.scalars(query.order_by(ChatUser.created_at, ChatUser.telegram_id)))


async def claim_role(session: AsyncSession, telegram_id: int, *, old: str, new: str) -> ChatUser | None:
    """Change the role of somebody who was let in. None when it is not the old one, or nobody has this id."""
    return await session.scalar(
        update(ChatUser)
        .where(ChatUser.telegram_id == telegram_id, ChatUser.role == old, ChatUser.client_id.is_not(None))
        .values(role=new)
        .returning(ChatUser),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def list_waiting(session: AsyncSession, *, most: int) -> list[ChatUser]:
    """Return up to `most` people who wait to be let in, the longest waiting first."""
    query = select(ChatUser).where(text("status = 'waiting'"))
    return list(await session.scalars(query.order_by(ChatUser.created_at, ChatUser.telegram_id).limit(most)))


async def claim_decision(
    session: AsyncSession, telegram_id: int, *, leaving: str, status: str, decided_by: str, now: datetime
) -> ChatUser | None:
    """Decide about somebody who asked for access and has the status `leaving`. None: somebody else was first."""
    return await session.scalar(
        update(ChatUser)
        .where(ChatUser.telegram_id == telegram_id, ChatUser.status == leaving, ChatUser.client_id.is_(None))
        .values(status=status, decided_by=decided_by, decided_at=now)
        .returning(ChatUser),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


async def delete_client(session: AsyncSession, client_id: uuid.UUID) -> None:
    """Delete the client; the database deletes its devices and people with it."""
    await session.execute(delete(Client).where(Client.id == client_id))
