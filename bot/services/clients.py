"""Who a chat user is, and which client's devices are theirs."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from bot.services.endings import Outcome, end_open_handouts
from bot.services.errors import AccessRefused, ClientNotFound, InvitationNeeded, NotLetIn, StillWaiting
from bot.services.hashing import contains_secret
from bot.services.notices import NoticeKind
from storage import audit, clients
from storage.models import ChatUser, Client

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.admins import Admins
    from bot.services.clock import Clock
    from storage.clients import Member
    from storage.database import Database

ACTIVE = "active"
SUSPENDED = "suspended"
BLOCKED_BOT = "blocked_bot"
WAITING = "waiting"
REFUSED = "refused"
TRADER = "trader"
ADMIN = "admin"


@dataclass(frozen=True)
class Profile:
    """What Telegram says of a person. The id is who they are; the rest is what to call them."""

    telegram_id: int
    first_name: str
    username: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Person:
    """A chat user whom the database knows: whose devices they see, and whether they may act for everybody."""

    telegram_id: int
    client_id: uuid.UUID
    first_name: str
    username: str | None
    language: str | None
    """What they chose, else what their app has."""
    chosen_language: str | None
    is_admin: bool
    is_suspended: bool
    is_new: bool = False

    @property
    def actor(self) -> str:
        """Return how the audit names this person."""
        return f"chat:{self.telegram_id}"

    @property
    def has_own_menu(self) -> bool:
        """Tell whether this person's commands differ from everybody's, in what they are or in their language."""
        return self.is_admin or self.chosen_language is not None


class Access(StrEnum):
    """Who gets in just by writing to the bot. Whoever is in stays in."""

    OPEN = "open"
    INVITE = "invite"
    APPROVAL = "approval"


class ClientService:
    """Finds and makes clients, and lets people in."""

    def __init__(self, database: Database, clock: Clock, *, admins: Admins, access: Access = Access.OPEN) -> None:
        self._database = database
        self._clock = clock
        self._admins = admins
        self._access = access

    async def create_client(self, name: str, *, device_limit: int | None = None) -> Client:
        """Make a client of that name, active, with nobody in it yet."""
        client = new_client(name, self._clock.now(), device_limit)
        async with self._database.begin() as session:
            session.add(client)
        return client

    async def enter(self, profile: Profile, *, has_invite: bool = False) -> Person:
        """Return the person with this Telegram id; who may get in just by writing gets a client of their own.

        Whoever comes with an invite is let in by that, not by this. Raises `InvitationNeeded`, `StillWaiting` after
        the admins were asked, which they are once, and `AccessRefused`.
        """
        profile = without_secrets(profile)
        known = await self._recognise(profile)
        if known is not None:
            return known
        if has_invite:
            raise InvitationNeeded("the invite decides")
        try:
            return await self._receive(profile)
        except IntegrityError:
            # somebody else received the same person at the same moment
            return await self._recognise(profile) or await self._receive(profile)

    async def delete_client(self, client_id: uuid.UUID, *, actor: str) -> None:
        """Forget the client with its devices and people; its secret messages still on a screen are destroyed.

        Raises `ClientNotFound`.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            client = await clients.lock_client(session, client_id)
            if client is None:
                raise ClientNotFound(f"no client {client_id}")
            await end_open_handouts(session, now, Outcome.REVOKED, client_id=client_id)
            await clients.delete_client(session, client_id)
            audit.append(session, at=now, actor=actor, action="client_deleted", client_id=client_id)

    async def note_reachable(self, telegram_id: int, *, reachable: bool) -> bool:
        """Note that a person blocked or unblocked the bot; tell whether that is news."""
        old, new = (BLOCKED_BOT, ACTIVE) if reachable else (ACTIVE, BLOCKED_BOT)
        async with self._database.begin() as session:
            return await clients.set_chat_status(session, telegram_id, old=old, new=new)

    async def find_name(self, actor: str | None) -> str | None:
        """Return the first name of whom the audit calls `actor`, or None when it is nobody in chat."""
        kind, _, telegram_id = (actor or "").partition(":")
        if kind != "chat" or not telegram_id.isdecimal():
            return None
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, int(telegram_id))
        return None if user is None else user.first_name

    async def is_outsider(self, actor: str | None, client_id: uuid.UUID) -> bool:
        """Tell whether somebody in chat who is not one of the client's people, so an admin, is the actor."""
        kind, _, telegram_id = (actor or "").partition(":")
        people = {str(person.telegram_id) for person in await self.list_chat_users(client_id)}
        return kind == "chat" and telegram_id not in people

    async def list_chat_users(self, client_id: uuid.UUID) -> list[ChatUser]:
        """Return everybody who chats for the client."""
        async with self._database.read() as session:
            return await clients.list_chat_users(session, client_id)

    async def find_language(self, telegram_id: int) -> str | None:
        """Return the language a person chose or their app has, None when unknown."""
        return await clients.find_language(self._database, telegram_id)

    async def choose_language(self, person: Person, language: str | None) -> Person:
        """Note which language a person wants to read, None for that of their app; return the person as they are now."""
        async with self._database.begin() as session:
            user = await clients.find_chat_user(session, person.telegram_id)
            if user is None:
                return person
            user.chosen_language = language
            app_language = user.language
        return dataclasses.replace(person, language=language or app_language, chosen_language=language)

    async def _recognise(self, profile: Profile) -> Person | None:
        """Return somebody who was let in before, and note what Telegram says of them now."""
        member = await clients.find_member(self._database, profile.telegram_id)
        if member is None:
            return None
        if _has_changed(member, profile) or member.status == BLOCKED_BOT:
            await self._refresh(profile)
        return person_of(profile, member, is_admin=self._admins.include(profile.telegram_id, member))

    async def _receive(self, profile: Profile) -> Person:
        """Let a newcomer in, or ask the admins; raise whatever keeps the newcomer out."""
        now = self._clock.now()
        async with self._database.begin() as session:
            user = await clients.lock_chat_user(session, profile.telegram_id)
            if self._is_welcome(profile, user):
                return await self._admit(session, profile, user, now)
            is_new = user is None and self._access is Access.APPROVAL
            if is_new:
                user = await self._ask_admins(session, profile, now)
        raise _kept_out(user, is_new=is_new)

    def _is_welcome(self, profile: Profile, user: ChatUser | None) -> bool:
        if self._admins.include(profile.telegram_id, user):
            return True
        if user is None or user.status == WAITING:
            return self._access is Access.OPEN
        return user.status != REFUSED

    async def _admit(self, session: AsyncSession, profile: Profile, user: ChatUser | None, now: datetime) -> Person:
        client = None if user is None else await clients.find_client(session, user.client_id)
        if user is None:
            user = new_chat_user(profile, ACTIVE, now)
            session.add(user)
        is_new = client is None
        if client is None:
            client = found_client(session, user, now)
            user.status = ACTIVE
        is_admin = self._admins.include(profile.telegram_id, user)
        return person_of(profile, clients.Member.of(client, user), is_admin=is_admin, is_new=is_new)

    async def _ask_admins(self, session: AsyncSession, profile: Profile, now: datetime) -> ChatUser:
        user = new_chat_user(profile, WAITING, now)
        session.add(user)
        await session.flush()
        cause = request_of(user)
        await self._admins.owe(session, NoticeKind.NEWCOMER_WAITING, cause, now, newcomer=user.telegram_id)
        audit.append(session, at=now, actor=f"chat:{user.telegram_id}", action="access_asked")
        return user

    async def _refresh(self, profile: Profile) -> None:
        async with self._database.begin() as session:
            user = await clients.find_chat_user(session, profile.telegram_id)
            if user is None:
                return
            user.first_name, user.username, user.language = (
                profile.first_name,
                profile.username,
                profile.language,
            )
            if user.status == BLOCKED_BOT:
                # who writes can be reached
                user.status = ACTIVE


def new_client(name: str, now: datetime, device_limit: int | None = None) -> Client:
    """Return a client that is not kept yet: active, with nobody in it."""
    return Client(
        id=uuid.uuid4(), name=name, status=ACTIVE, device_limit=device_limit, token_generation=0, created_at=now
    )


def new_chat_user(profile: Profile, status: str, now: datetime) -> ChatUser:
    """Return a trader who is not kept yet and is of no client."""
    return ChatUser(
        telegram_id=profile.telegram_id,
        client_id=None,
        status=status,
        username=profile.username,
        first_name=profile.first_name,
        language=profile.language,
        role=TRADER,
        created_at=now,
    )


def found_client(session: AsyncSession, user: ChatUser, now: datetime) -> Client:
    """Give somebody a client of their own, in the transaction that lets them in."""
    client = new_client(user.first_name, now)
    session.add(client)
    user.client = client
    audit.append(session, at=now, actor=f"chat:{user.telegram_id}", action="client_created", client_id=client.id)
    return client


def person_of(profile: Profile, member: Member, *, is_admin: bool, is_new: bool = False) -> Person:
    """Return the person as handlers know them."""
    return Person(
        telegram_id=profile.telegram_id,
        client_id=member.client_id,
        first_name=profile.first_name,
        username=profile.username,
        language=member.chosen_language or profile.language,
        chosen_language=member.chosen_language,
        is_admin=is_admin,
        is_suspended=member.client_status == SUSPENDED,
        is_new=is_new,
    )


def request_of(newcomer: ChatUser) -> str:
    """Return what names a newcomer's request among all that they ever made: who was forgotten may ask again."""
    return f"{newcomer.telegram_id}:{newcomer.created_at.timestamp():.0f}"


def without_secrets(profile: Profile) -> Profile:
    """Return the profile fit to be kept: a first name is a free text, and one that holds a secret is left out."""
    if contains_secret(profile.first_name):
        return dataclasses.replace(profile, first_name="?")
    return profile


def _kept_out(user: ChatUser | None, *, is_new: bool) -> NotLetIn:
    if user is None:
        return InvitationNeeded("only invites let anybody in")
    if user.status == REFUSED:
        return AccessRefused("an admin refused")
    return StillWaiting(user.created_at, is_new=is_new)


def _has_changed(member: Member, profile: Profile) -> bool:
    known = (member.first_name, member.username, member.language)
    return known != (profile.first_name, profile.username, profile.language)
