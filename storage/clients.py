"""Queries about clients and the people who chat for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from storage.models import ChatUser, Client

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import ScalarSelect, Select
    from sqlalchemy.ext.asyncio import AsyncSession


async def find_client(session: AsyncSession, client_id: uuid.UUID | None) -> Client | None:
    """Return the client, or None."""
    return None if client_id is None else await session.get(Client, client_id)


async def lock_client(session: AsyncSession, client_id: uuid.UUID) -> Client | None:
    """Return the client and hold its row, so that nobody else counts its devices meanwhile."""
    return await session.get(Client, client_id, with_for_update=True)


def lock_first(client_id: ScalarSelect[uuid.UUID]) -> Select[uuid.UUID]:
    """Return the query that holds a client's row: the first of every transaction that holds several rows of a client.

    Whoever is second waits there, before it holds anything, so that nobody ever waits in a circle.
    """
    return select(Client.id).where(Client.id == client_id).with_for_update()


async def find_chat_user(session: AsyncSession, telegram_id: int) -> ChatUser | None:
    """Return the person, or None."""
    return await session.get(ChatUser, telegram_id)


async def list_chat_users(session: AsyncSession, client_id: uuid.UUID) -> list[ChatUser]:
    """Return everybody who chats for the client."""
    return list(await session.scalars(select(ChatUser).where(ChatUser.client_id == client_id)))


async def list_admin_ids(session: AsyncSession) -> list[int]:
    """Return the people who were made admins in chat."""
    return list(await session.scalars(select(ChatUser.telegram_id).where(ChatUser.role == "admin")))


async def set_chat_status(session: AsyncSession, telegram_id: int, *, old: str, new: str) -> bool:
    """Change a person's status if it is the old one; tell whether it was."""
    changed = await session.scalar(
        update(ChatUser)
        .where(ChatUser.telegram_id == telegram_id, ChatUser.status == old)
        .values(status=new)
        .returning(ChatUser.telegram_id)
    )
    return changed is not None


async def delete_client(session: AsyncSession, client_id: uuid.UUID) -> None:
    """Delete the client; the database deletes its devices and people with it."""
    await session.execute(delete(Client).where(Client.id == client_id))
