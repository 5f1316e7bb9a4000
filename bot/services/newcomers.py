"""Newcomers who ask for access: admins approve or refuse, the first of them decides, and everybody is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.clients import ACTIVE, REFUSED, WAITING, found_client, request_of
from bot.services.errors import AlreadyDecided, NewcomerNotFound
from bot.services.notices import NoticeKind, owe
from storage import audit, clients, inbox, notices

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.admins import Admins
    from bot.services.clients import Person
    from bot.services.clock import Clock
    from storage.database import Database
    from storage.models import ChatUser

LISTED = 20
"""How many of those who wait are listed at once, the longest waiting first."""
BY_INVITE = "invite:"
"""Beginning of `decided_by` for somebody who asked and then came by an invite; behind it stands who made it."""


@dataclass(frozen=True)
class Decision:
    """What became of a request: by whom it was decided (by whose invite, if that is how they came in)."""

    newcomer: ChatUser
    admin_name: str | None
    is_by_invite: bool


class NewcomerService:
    """Decides about those who wait."""

    def __init__(self, database: Database, clock: Clock, admins: Admins) -> None:
        self._database = database
        self._clock = clock
        self._admins = admins

    async def list_waiting(self) -> list[ChatUser]:
        """Return those who wait, the longest waiting first, up to 20."""
        async with self._database.read() as session:
            return await clients.list_waiting(session, most=LISTED)

    async def find_decision(self, telegram_id: int) -> Decision | None:
        """Return how things are with somebody who asked, None when nobody of this id ever did."""
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, telegram_id)
            if user is None or (user.status != WAITING and user.decided_by is None):
                return None
            is_by_invite = (user.decided_by or "").startswith(BY_INVITE)
            decided_by = (user.decided_by or "").rpartition(":")[2]
            admin = await clients.find_chat_user(session, int(decided_by)) if decided_by else None
        return Decision(user, None if admin is None else admin.first_name, is_by_invite)

    async def approve(
        self,
        admin: Person,
        telegram_id: int,
        *,
        after_all: bool = False,
        in_message: int | None = None,
        source: str | None = None,
    ) -> ChatUser:
        """Let somebody in who waits or, after all, who was refused; they get a client of their own.

        `in_message` is the message that the admin tapped and that will be redrawn anyhow. The same source decides once.
        Raises `NotAnAdmin`, `NewcomerNotFound`, `AlreadyDecided`.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            leaving = REFUSED if after_all else WAITING
            newcomer, is_news = await self._claim(
                session, admin, telegram_id, leaving=leaving, status=ACTIVE, source=source, now=now
            )
            if is_news:
                found_client(session, newcomer, now)
                await session.flush()
                await self._tell(session, newcomer, admin, NoticeKind.ACCESS_APPROVED, now, in_message=in_message)
        return newcomer

    async def refuse(
        self, admin: Person, telegram_id: int, *, in_message: int | None = None, source: str | None = None
    ) -> ChatUser:
        """Turn away somebody who waits. Raises as `approve` does."""
        now = self._clock.now()
        async with self._database.begin() as session:
            newcomer, is_news = await self._claim(
                session, admin, telegram_id, leaving=WAITING, status=REFUSED, source=source, now=now
            )
            if is_news:
                await self._tell(session, newcomer, admin, NoticeKind.ACCESS_REFUSED, now, in_message=in_message)
        return newcomer

    async def _claim(
        self,
        session: AsyncSession,
        admin: Person,
        telegram_id: int,
        *,
        leaving: str,
        status: str,
        source: str | None,
        now: datetime,
    ) -> tuple[ChatUser, bool]:
        """Decide, if nobody has; return the newcomer and whether it was decided just now."""
        await self._admins.require(session, admin.telegram_id)
        if source is not None and not await inbox.claim_effect(session, source, now):
            return await _get(session, telegram_id), False
        decided = await clients.claim_decision(
            session, telegram_id, leaving=leaving, status=status, decided_by=admin.actor, now=now
        )
        if decided is None:
            raise AlreadyDecided(await _get(session, telegram_id))
        return decided, True

    async def _tell(
        self,
        session: AsyncSession,
        newcomer: ChatUser,
        admin: Person,
        kind: NoticeKind,
        now: datetime,
        *,
        in_message: int | None,
    ) -> None:
        owe(session, newcomer.telegram_id, kind, f"{request_of(newcomer)}:{now.timestamp():.0f}", now)
        audit.append(
            session,
            at=now,
            actor=admin.actor,
            action=kind,
            client_id=newcomer.client_id,
            telegram_id=newcomer.telegram_id,
        )
        tapped = None if in_message is None else (admin.telegram_id, in_message)
        await owe_redrawing(session, newcomer, now, except_message=tapped)


async def owe_redrawing(
    session: AsyncSession, newcomer: ChatUser, now: datetime, *, except_message: tuple[int, int] | None = None
) -> None:
    """Owe every admin who was asked about a newcomer that the message which asked tells what was decided."""
    for asked in await notices.list_caused(session, NoticeKind.NEWCOMER_WAITING, request_of(newcomer)):
        if (asked.telegram_id, asked.message_id) != except_message:
            owe(
                session,
                asked.telegram_id,
                NoticeKind.NEWCOMER_DECIDED,
                f"{asked.id}:{newcomer.status}",
                now,
                newcomer=newcomer.telegram_id,
                redraws=str(asked.id),
            )


async def _get(session: AsyncSession, telegram_id: int) -> ChatUser:
    user = await clients.find_chat_user(session, telegram_id)
    if user is None or (user.status != WAITING and user.decided_by is None):
        raise NewcomerNotFound("nobody of this id asked for access")
    return user
