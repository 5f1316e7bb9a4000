"""Who the admins are, how they are named and removed, and which notices each of them wants."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.services.clients import ADMIN, TRADER
from bot.services.errors import AdminIsFixed, AlreadyAdmin, NotAnAdmin, PersonNotFound
from bot.services.notices import NoticeKind, owe
from storage import audit, clients, inbox, notices

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clients import Person
    from bot.services.clock import Clock
    from storage.clients import Member
    from storage.database import Database
    from storage.models import ChatUser

FOR_ALL = (NoticeKind.NEWCOMER_WAITING, NoticeKind.HANDOUT_FAILED_ADMIN, NoticeKind.SECRET_LEAKED_ADMIN)
"""What every admin is told, and who is none any more is not."""
SWITCHABLE = (*FOR_ALL, NoticeKind.OWNER_UNREACHABLE)
"""What admins are told because they are admins; each of them says of each kind how it shall come."""


class Choice(StrEnum):
    """How a kind of notice comes."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


@dataclass(frozen=True)
class NamedAdmin:
    """An admin as others see them; who never wrote to the bot has no name."""

    telegram_id: int
    first_name: str | None
    is_fixed: bool


class Admins:
    """The one answer to who is an admin: those of ADMIN_IDS, always, and those who were named in chat."""

    def __init__(self, admin_ids: Collection[int] = ()) -> None:
        self._fixed = frozenset(admin_ids)

    def are_fixed(self, telegram_id: int) -> bool:
        """Tell whether the settings make this person an admin."""
        return telegram_id in self._fixed

    def include(self, telegram_id: int, user: ChatUser | Member | None) -> bool:
        """Tell whether this person is an admin, by the settings or by the row that is kept of them."""
        return telegram_id in self._fixed or (user is not None and user.role == ADMIN)

    async def list_ids(self, session: AsyncSession) -> list[int]:
        """Return the Telegram ids of all admins."""
        named = await clients.list_admins(session)
        return sorted(self._fixed | {user.telegram_id for user in named})

    async def require(self, session: AsyncSession, telegram_id: int) -> None:
        """Raise `NotAnAdmin` unless this person is an admin now."""
        if not self.include(telegram_id, await clients.find_chat_user(session, telegram_id)):
            raise NotAnAdmin("only admins do this")

    async def owe(self, session: AsyncSession, kind: NoticeKind, cause: str, now: datetime, **details: Any) -> None:
        """Owe a notice to every admin, in the transaction of its cause."""
        for telegram_id in await self.list_ids(session):
            owe(session, telegram_id, kind, cause, now, **details)


class AdminService:
    """Names and removes admins, who are what they are from the next update on."""

    def __init__(self, database: Database, clock: Clock, admins: Admins) -> None:
        self._database = database
        self._clock = clock
        self.who = admins

    async def list_admins(self) -> list[NamedAdmin]:
        """Return all admins, those of the settings first."""
        async with self._database.read() as session:
            ids = await self.who.list_ids(session)
            known = [(telegram_id, await clients.find_chat_user(session, telegram_id)) for telegram_id in ids]
        found = [
            NamedAdmin(telegram_id, user.first_name if user else None, self.who.are_fixed(telegram_id))
            for telegram_id, user in known
        ]
        return sorted(found, key=lambda admin: not admin.is_fixed)

    async def list_ids(self) -> list[int]:
        """Return the Telegram ids of all admins."""
        async with self._database.read() as session:
            return await self.who.list_ids(session)

    async def get_candidate(self, telegram_id: int) -> ChatUser:
        """Return somebody who can be named. Raises `PersonNotFound`, `AlreadyAdmin`."""
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, telegram_id)
        return self._candidate(user)

    async def get_named(self, telegram_id: int) -> ChatUser:
        """Return an admin who can be removed. Raises `AdminIsFixed`, `NotAnAdmin`."""
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, telegram_id)
        return self._named(telegram_id, user)

    async def name_admin(self, actor: Person, telegram_id: int, *, source: str | None = None) -> ChatUser:
        """Make somebody who was let in an admin; they are told. The same source names once.

        Raises `NotAnAdmin` when the actor is none, `PersonNotFound`, `AlreadyAdmin`.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            await self.who.require(session, actor.telegram_id)
            if self.who.are_fixed(telegram_id):
                raise AlreadyAdmin("the settings name this admin")
            is_news = await _is_news(session, source, now)
            named = await clients.claim_role(session, telegram_id, old=TRADER, new=ADMIN) if is_news else None
            if named is None:
                user = await clients.find_chat_user(session, telegram_id)
                return self._candidate(user, may_be_admin=not is_news)
            self._note(session, actor, named, "admin_named", now)
            owe(session, telegram_id, NoticeKind.ADMIN_NAMED, _cause(now), now, by=actor.first_name)
        return named

    async def remove_admin(self, actor: Person, telegram_id: int, *, source: str | None = None) -> ChatUser:
        """Make an admin who was named in chat a trader again; they are told. The same source removes once.

        Raises `AdminIsFixed`, and `NotAnAdmin` when the actor or the other is none.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            is_news = await _is_news(session, source, now)
            if not is_news and (user := await clients.find_chat_user(session, telegram_id)) is not None:
                return user
            await self.who.require(session, actor.telegram_id)
            self._named(telegram_id, await clients.find_chat_user(session, telegram_id))
            removed = await clients.claim_role(session, telegram_id, old=ADMIN, new=TRADER)
            if removed is None:
                raise NotAnAdmin("somebody else was faster")
            self._note(session, actor, removed, "admin_removed", now)
            if telegram_id != actor.telegram_id:
                owe(session, telegram_id, NoticeKind.ADMIN_REMOVED, _cause(now), now, by=actor.first_name)
        return removed

    async def read_switches(self, telegram_id: int) -> dict[NoticeKind, Choice]:
        """Return how the person wants each kind of notice that admins get."""
        async with self._database.read() as session:
            said = {switch.kind: switch.choice for switch in await notices.list_switches(session, telegram_id)}
        return {kind: Choice(said.get(kind, Choice.ON)) for kind in SWITCHABLE}

    async def set_switch(self, telegram_id: int, kind: NoticeKind, choice: Choice) -> None:
        """Keep how the person wants a kind of notice; what is owed already follows it too."""
        async with self._database.begin() as session:
            await notices.set_switch(session, telegram_id, kind, choice)

    async def find_choice(self, telegram_id: int, kind: str) -> Choice:
        """Return how a notice shall come now; what is for all admins does not come to who is none any more."""
        if kind not in SWITCHABLE:
            return Choice.ON
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, telegram_id)
            switch = await notices.find_switch(session, telegram_id, kind)
        if kind in FOR_ALL and not self.who.include(telegram_id, user):
            return Choice.OFF
        return Choice.ON if switch is None else Choice(switch.choice)

    def _candidate(self, user: ChatUser | None, *, may_be_admin: bool = False) -> ChatUser:
        if user is None or user.client_id is None:
            raise PersonNotFound("nobody with this id was let in")
        if self.who.include(user.telegram_id, user) and not may_be_admin:
            raise AlreadyAdmin("the person is an admin")
        return user

    def _named(self, telegram_id: int, user: ChatUser | None) -> ChatUser:
        if self.who.are_fixed(telegram_id):
            raise AdminIsFixed("the settings name this admin")
        if user is None or user.role != ADMIN:
            raise NotAnAdmin("the person is no admin")
        return user

    @staticmethod
    def _note(session: AsyncSession, actor: Person, whom: ChatUser, action: str, now: datetime) -> None:
        audit.append(
            session,
            at=now,
            actor=actor.actor,
            action=action,
            client_id=whom.client_id,
            telegram_id=whom.telegram_id,
        )


async def _is_news(session: AsyncSession, source: str | None, now: datetime) -> bool:
    return source is None or await inbox.claim_effect(session, source, now)


def _cause(now: datetime) -> str:
    # the same person may be named and removed again and again
    return now.isoformat()
