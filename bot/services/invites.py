"""Invites: links that let one person in, once, and say what they give.

Who may make which is the issue of what the maker could give away by hand. A trader shares their own devices, so they
may let a second chat user join their client; a client of one's own, and being an admin, are for admins to give. An
invite is worth what its maker is worth when it is opened: who is no admin any more, has left the client or is suspended
lets nobody in. What the link carries is in the link only; kept is its hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from bot.services.clients import (
    ACTIVE,
    ADMIN,
    REFUSED,
    SUSPENDED,
    found_client,
    new_chat_user,
    person_of,
    without_secrets,
)
from bot.services.endings import Outcome, end_open_handouts
from bot.services.errors import ClientSuspended, InviteClosed, InviteFault, InviteRefused, LastOfClient
from bot.services.newcomers import BY_INVITE, owe_redrawing
from bot.services.notices import NoticeKind, owe
from storage import audit, clients, devices, inbox, invites
from storage.models import Invite

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.admins import Admins
    from bot.services.clients import Person, Profile
    from bot.services.clock import Clock
    from storage.database import Database
    from storage.models import ChatUser, Client

FORMAT = re.compile(r"inv_[A-Za-z0-9_-]{32}")
"""What a link carries: 192 random bits (https://core.telegram.org/bots/features#deep-linking allows 64 characters)."""
RANDOM_BYTES = 24


class InviteKind(StrEnum):
    """What an invite gives."""

    CLIENT = "client"
    JOIN = "join"
    ADMIN = "admin"


@dataclass(frozen=True)
class Joined:
    """Who came in by an invite, and what it gave them."""

    person: Person
    kind: InviteKind
    device_count: int


def hash_token(token: str) -> bytes:
    """Return what is kept of what a link carries. It is random, so that a plain hash tells nobody anything."""
    return hashlib.sha256(token.encode()).digest()


class InviteService:
    """Makes invites, takes them back, and lets people in by them."""

    def __init__(self, database: Database, clock: Clock, admins: Admins, *, ttl: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._admins = admins
        self.ttl = ttl

    async def create_invite(self, maker: Person, kind: InviteKind, *, source: str) -> tuple[str, Invite]:
        """Return what the link carries, the only time that leaves, and the invite.

        The same source makes one invite; what it carried before, if anybody saw it, is then worth nothing. Raises
        `NotAnAdmin`, `ClientSuspended`, and `InviteClosed` for a source whose invite is over.
        """
        token = f"inv_{secrets.token_urlsafe(RANDOM_BYTES)}"
        now = self._clock.now()
        async with self._database.begin() as session:
            await self._check_maker(session, maker, kind)
            invite = await invites.find_by_source(session, source)
            if invite is None:
                invite = self._new_invite(maker, kind, source, now)
                session.add(invite)
                self._note(session, maker, invite, "invite_created", now)
            elif not _is_open(invite, now):
                raise InviteClosed(invite)
            invite.token_hash = hash_token(token)
        return token, invite

    async def has_made(self, source: str) -> bool:
        """Tell whether an update led to an invite before: somebody may have seen its link, or be about to."""
        async with self._database.read() as session:
            return await invites.exists(session, source)

    async def count_open(self, maker: Person) -> int:
        """Count the invites of a person that still let somebody in."""
        async with self._database.read() as session:
            return await invites.count_open(session, maker.telegram_id, self._clock.now())

    async def withdraw(self, maker: Person, invite_id: uuid.UUID) -> Invite:
        """Take an invite back: its link is worth nothing from now on. Raises `InviteClosed`."""
        now = self._clock.now()
        async with self._database.begin() as session:
            gone = await invites.withdraw(session, invite_id, maker.telegram_id, now)
            if gone is None:
                invite = await invites.find(session, invite_id)
                raise InviteClosed(invite if invite is not None and invite.made_by == maker.telegram_id else None)
            self._note(session, maker, gone, "invite_withdrawn", now)
        return gone

    async def withdraw_all(self, maker: Person) -> int:
        """Take all open invites of a person back, and return how many there were."""
        now = self._clock.now()
        async with self._database.begin() as session:
            count = await invites.withdraw_all(session, maker.telegram_id, now)
            if count:
                audit.append(session, at=now, actor=maker.actor, action="invites_withdrawn", count=count)
        return count

    async def accept(self, profile: Profile, token_hash: bytes, *, source: str | None = None) -> Joined:
        """Let somebody in by an invite, which is used up by that; its maker is told. The same source uses it once.

        Raises `InviteRefused`, and `ClientSuspended` for who is suspended: then the invite stays as good as it was.
        """
        profile = without_secrets(profile)
        try:
            return await self._accept(profile, token_hash, source)
        except IntegrityError:
            # the same newcomer came in another way at the same moment
            return await self._accept(profile, token_hash, source)

    async def leave(self, person: Person, *, source: str | None = None) -> None:
        """Take a person out of a client that they share, into one of their own; the others keep its devices.

        The same source leaves once. Raises `LastOfClient`.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            await clients.lock_clients(session, person.client_id)
            user = await clients.lock_chat_user(session, person.telegram_id)
            is_news = source is None or await inbox.claim_effect(session, source, now)
            if not is_news or user is None or user.client_id != person.client_id:
                # they have left already
                return
            if len(await clients.list_chat_users(session, person.client_id)) == 1:
                raise LastOfClient("nobody would have the devices")
            await leave_client(session, user, person.client_id, now)
            found_client(session, user, now)
            user.joined_at = now

    async def _accept(self, profile: Profile, token_hash: bytes, source: str | None) -> Joined:
        now = self._clock.now()
        async with self._database.begin() as session:
            invite = await invites.find_by_hash(session, token_hash)
            if invite is None:
                raise InviteRefused(InviteFault.UNKNOWN)
            # clients first, as everybody does who holds several rows; a fault found below undoes the claim
            user = await clients.find_chat_user(session, profile.telegram_id)
            await clients.lock_clients(session, invite.client_id, None if user is None else user.client_id)
            user = await clients.lock_chat_user(session, profile.telegram_id)
            is_news = source is None or await inbox.claim_effect(session, source, now)
            if is_news or invite.used_by != profile.telegram_id or user is None:
                await self._claim(session, invite, profile, now)
                await self._check_guest(session, invite, user)
                user = await self._let_in(session, invite, profile, user, now)
            return await self._describe(session, invite, profile, user)

    async def _claim(self, session: AsyncSession, invite: Invite, profile: Profile, now: datetime) -> None:
        if invite.made_by == profile.telegram_id:
            raise InviteRefused(InviteFault.OWN)
        if await invites.claim(session, invite.id, profile.telegram_id, now) is None:
            raise InviteRefused(_why_closed(await invites.find(session, invite.id), now))
        maker = await clients.find_chat_user(session, invite.made_by)
        client = None if maker is None else await clients.find_client(session, maker.client_id)
        if maker is None or client is None or not self._can_still_give(invite, maker):
            raise InviteRefused(InviteFault.VOID)
        if client.status == SUSPENDED:
            raise InviteRefused(InviteFault.PAUSED)

    def _can_still_give(self, invite: Invite, maker: ChatUser) -> bool:
        if invite.kind == InviteKind.JOIN:
            return maker.client_id == invite.client_id
        return self._admins.include(maker.telegram_id, maker)

    async def _check_guest(self, session: AsyncSession, invite: Invite, user: ChatUser | None) -> None:
        """Raise what keeps this person from what the invite gives; a stranger has nothing that could."""
        if user is None:
            return
        client = await clients.find_client(session, user.client_id)
        if client is None:
            await self._check_refusal(session, invite, user)
            return
        if client.status == SUSPENDED:
            raise ClientSuspended("the client is suspended")
        if invite.kind == InviteKind.CLIENT:
            raise InviteRefused(InviteFault.ALREADY_IN)
        if invite.kind == InviteKind.ADMIN:
            if self._admins.include(user.telegram_id, user):
                raise InviteRefused(InviteFault.ALREADY_ADMIN)
        elif client.id == invite.client_id:
            raise InviteRefused(InviteFault.SAME_CLIENT)
        elif await devices.count_matching(session, client.id, devices.is_revoked(revoked=False)):
            is_alone = len(await clients.list_chat_users(session, client.id)) == 1
            raise InviteRefused(InviteFault.HAS_DEVICES if is_alone else InviteFault.SHARES_DEVICES)

    async def _check_refusal(self, session: AsyncSession, invite: Invite, user: ChatUser) -> None:
        """Raise unless the invite may undo an admin's refusal: only another admin's does."""
        maker = await clients.find_chat_user(session, invite.made_by)
        if user.status == REFUSED and not self._admins.include(invite.made_by, maker):
            raise InviteRefused(InviteFault.NOT_ACCEPTED)

    async def _let_in(
        self, session: AsyncSession, invite: Invite, profile: Profile, user: ChatUser | None, now: datetime
    ) -> ChatUser:
        asked = user if user is not None and user.client_id is None else None
        if user is None:
            user = new_chat_user(profile, ACTIVE, now)
            session.add(user)
        if invite.kind == InviteKind.JOIN:
            await self._move(session, user, invite.client_id, now)
        elif user.client_id is None:
            found_client(session, user, now)
        if invite.kind == InviteKind.ADMIN:
            user.role = ADMIN
        user.status = ACTIVE
        await session.flush()
        if asked is not None:
            asked.decided_by, asked.decided_at = f"{BY_INVITE}{invite.made_by}", now
            await owe_redrawing(session, asked, now)
        self._tell(session, invite, user, now)
        return user

    async def _move(self, session: AsyncSession, user: ChatUser, client_id: uuid.UUID | None, now: datetime) -> None:
        """Make somebody one of a client's people, and of no other's any more."""
        if user.client_id is not None:
            await leave_client(session, user, user.client_id, now)
        user.client_id, user.joined_at = client_id, now

    def _tell(self, session: AsyncSession, invite: Invite, user: ChatUser, now: datetime) -> None:
        owe(
            session,
            invite.made_by,
            NoticeKind.INVITE_USED,
            str(invite.id),
            now,
            name=user.first_name,
            guest=user.telegram_id,
            gives=invite.kind,
        )
        audit.append(
            session,
            at=now,
            actor=f"chat:{user.telegram_id}",
            action="invite_used",
            client_id=user.client_id,
            invite_id=str(invite.id),
            kind=invite.kind,
            made_by=f"chat:{invite.made_by}",
        )

    async def _describe(self, session: AsyncSession, invite: Invite, profile: Profile, user: ChatUser) -> Joined:
        client = await clients.find_client(session, user.client_id)
        if client is None:
            raise InviteRefused(InviteFault.VOID)
        member = clients.Member.of(client, user)
        person = person_of(profile, member, is_admin=self._admins.include(user.telegram_id, user))
        count = await devices.count_matching(session, client.id, devices.is_revoked(revoked=False))
        return Joined(person, InviteKind(invite.kind), count)

    async def _check_maker(self, session: AsyncSession, maker: Person, kind: InviteKind) -> None:
        if kind is not InviteKind.JOIN:
            await self._admins.require(session, maker.telegram_id)
        client: Client | None = await clients.find_client(session, maker.client_id)
        if client is None or client.status == SUSPENDED:
            raise ClientSuspended("who is suspended invites nobody")

    def _new_invite(self, maker: Person, kind: InviteKind, source: str, now: datetime) -> Invite:
        return Invite(
            id=uuid.uuid4(),
            kind=kind,
            client_id=maker.client_id if kind is InviteKind.JOIN else None,
            made_by=maker.telegram_id,
            source=source,
            created_at=now,
            expires_at=now + self.ttl,
        )

    @staticmethod
    def _note(session: AsyncSession, maker: Person, invite: Invite, action: str, now: datetime) -> None:
        audit.append(
            session,
            at=now,
            actor=maker.actor,
            action=action,
            client_id=maker.client_id,
            invite_id=str(invite.id),
            kind=invite.kind,
        )


def contains_invite(text: str) -> bool:
    """Tell whether there is something in a text that lets whoever has it in."""
    return FORMAT.search(text) is not None


async def leave_client(session: AsyncSession, user: ChatUser, client_id: uuid.UUID, now: datetime) -> None:
    """Take a person out of a client whose row is held: what they asked for there is ended, and their API tokens die.

    A client that nobody is left in is deleted.
    """
    await end_open_handouts(session, now, Outcome.REVOKED, client_id=client_id, chat_id=user.telegram_id)
    user.client_id = None
    await session.flush()
    actor = f"chat:{user.telegram_id}"
    audit.append(session, at=now, actor=actor, action="client_left", client_id=client_id)
    if not await clients.list_chat_users(session, client_id):
        await clients.delete_client(session, client_id)
        audit.append(session, at=now, actor=actor, action="client_deleted", client_id=client_id)


def _is_open(invite: Invite, now: datetime) -> bool:
    return invite.used_at is None and invite.withdrawn_at is None and invite.expires_at > now


def _why_closed(invite: Invite | None, now: datetime) -> InviteFault:
    if invite is None:
        return InviteFault.UNKNOWN
    if invite.used_at is not None:
        return InviteFault.USED
    return InviteFault.EXPIRED if invite.withdrawn_at is None and invite.expires_at <= now else InviteFault.WITHDRAWN
