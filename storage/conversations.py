"""Queries about the open question of each chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, tuple_

from storage.models import Conversation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


async def find(session: AsyncSession, name: str, chat_id: int) -> Conversation | None:
    """Return the chat's open question, or None."""
    return await session.get(Conversation, (name, chat_id))


async def list_named(session: AsyncSession, name: str) -> list[Conversation]:
    """Return the open questions of all chats."""
    return list(await session.scalars(select(Conversation).where(Conversation.name == name)))


async def save(session: AsyncSession, conversation: Conversation) -> None:
    """Keep the question in place of the chat's earlier one."""
    await session.merge(conversation)


async def remove(session: AsyncSession, name: str, chat_id: int) -> None:
    """Forget the chat's question."""
    await session.execute(delete(Conversation).where(Conversation.name == name, Conversation.chat_id == chat_id))


async def delete_old(session: AsyncSession, before: datetime, most: int) -> int:
    """Forget up to `most` questions that nobody answered since a moment, the oldest first; return how many went."""
    key = tuple_(Conversation.name, Conversation.chat_id)
    old = select(Conversation.name, Conversation.chat_id).where(Conversation.updated_at < before)
    old = old.order_by(Conversation.updated_at).limit(most)
    gone = await session.scalars(delete(Conversation).where(key.in_(old)).returning(Conversation.chat_id))
    return len(gone.all())
