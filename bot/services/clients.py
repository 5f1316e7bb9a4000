"""Who a chat user is, and which client's devices are theirs."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from bot.services.endings import Outcome, end_open_handouts
from bot.services.errors import ClientNotFound
from bot.services.hashing import contains_secret
from storage import audit, clients
from storage.models import ChatUser, Client

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.services.clock import Clock
    from storage.database import Database

ACTIVE = "active"
SUSPENDED = "suspended"
BLOCKED_BOT = "blocked_bot"
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


class ClientService:
    """Finds and makes clients."""

    def __init__(self, database: Database, clock: Clock, *, admin_ids: Collection[int]) -> None:
        self._database = database
        self._clock = clock
        self._admin_ids = frozenset(admin_ids)

    async def create_client(self, name: str, *, device_limit: int | None = None) -> Client:
        """Make a client of that name, active, with nobody in it yet."""
        client = self._new_client(name, device_limit)
        async with self._database.begin() as session:
            session.add(client)
        return client

    async def enter(self, profile: Profile) -> Person:
        """Return the person with this Telegram id; a newcomer gets a client of their own."""
        profile = _without_secrets(profile)
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, profile.telegram_id)
            client = None if user is None else await clients.find_client(session, user.client_id)
        if user is None or client is None:
            return await self._admit(profile)
        if _has_changed(user, profile) or user.status == BLOCKED_BOT:
            await self._refresh(profile)
        return self._person(profile, client, user.role, chosen_language=user.chosen_language)

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
        async with self._database.read() as session:
            user = await clients.find_chat_user(session, telegram_id)
        return None if user is None else user.chosen_language or user.language

    async def choose_language(self, person: Person, language: str | None) -> Person:
        """Note which language a person wants to read, None for that of their app; return the person as they are now."""
        async with self._database.begin() as session:
            user = await clients.find_chat_user(session, person.telegram_id)
            if user is None:
                return person
            user.chosen_language = language
            app_language = user.language
        return dataclasses.replace(person, language=language or app_language, chosen_language=language)

    async def _admit(self, profile: Profile) -> Person:
        client = self._new_client(profile.first_name, None)
        try:
            async with self._database.begin() as session:
                session.add(client)
                session.add(_new_chat_user(profile, client, self._clock.now()))
                audit.append(
                    session,
                    at=self._clock.now(),
                    actor=f"chat:{profile.telegram_id}",
                    action="client_created",
                    client_id=client.id,
                )
        except IntegrityError:
            # somebody else admitted the same person at the same moment
            return await self.enter(profile)
        return self._person(profile, client, TRADER, is_new=True)

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

    def _person(
        self, profile: Profile, client: Client, role: str, *, chosen_language: str | None = None, is_new: bool = False
    ) -> Person:
        return Person(
            telegram_id=profile.telegram_id,
            client_id=client.id,
            first_name=profile.first_name,
            username=profile.username,
            language=chosen_language or profile.language,
            chosen_language=chosen_language,
            is_admin=role == ADMIN or profile.telegram_id in self._admin_ids,
            is_suspended=client.status == SUSPENDED,
            is_new=is_new,
        )

    def _new_client(self, name: str, device_limit: int | None) -> Client:
        return Client(
            id=uuid.uuid4(),
            name=name,
            status=ACTIVE,
            device_limit=device_limit,
            token_generation=0,
            created_at=self._clock.now(),
        )


def _new_chat_user(profile: Profile, client: Client, now: datetime) -> ChatUser:
    return ChatUser(
        telegram_id=profile.telegram_id,
        client_id=client.id,
        status=ACTIVE,
        username=profile.username,
        first_name=profile.first_name,
        language=profile.language,
        role=TRADER,
        created_at=now,
    )


def _has_changed(user: ChatUser, profile: Profile) -> bool:
    known = (user.first_name, user.username, user.language)
    return known != (profile.first_name, profile.username, profile.language)


def _without_secrets(profile: Profile) -> Profile:
    # a first name is a free text like any other: one that holds a secret is not kept
    if contains_secret(profile.first_name):
        return dataclasses.replace(profile, first_name="?")
    return profile
