"""What admins decide about whole clients: suspend, resume, revoke all, limit, forget. Each is one transaction.

Whether a client is active is read by every request of its devices, every use of its tokens and every message of its
people, after it began: nothing needs to be told to anybody for a suspension to be in force everywhere.
"""

from __future__ import annotations

import unicodedata
import uuid
from typing import TYPE_CHECKING, Any

from bot.services import metrics
from bot.services.access import contains_token
from bot.services.clients import ACTIVE, SUSPENDED
from bot.services.endings import Outcome, end_open_handouts
from bot.services.errors import ClientNotFound, ClientStatusUnchanged, InvalidLimit, NameMismatch, OwnClient
from bot.services.hashing import contains_secret
from bot.services.notices import NoticeKind, owe
from bot.services.revocations import clean_reason, switch_off
from storage import audit, clients, devices, inbox

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clock import Clock
    from storage.database import Database
    from storage.models import Client, Device

MOST_DEVICES = 100_000
"""The highest limit that a client can be given."""
SHORT_ID = 8
UNTYPEABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that nobody can be asked to type, joiners apart."""
JOINERS = "\u200c\u200d"


class AdministrationService:
    """Acts on clients. `actor` is how the audit names the admin; the same `source` acts once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def suspend(
        self, client_id: uuid.UUID, *, actor: str, reason: str | None = None, source: str | None = None
    ) -> Client:
        """Pause the client: its devices, tokens and people can do nothing until it is resumed, and its people are told.

        Its cards are taken away and its visible secrets destroyed. Raises `ClientNotFound`, `OwnClient` for an admin
        who is in it, `ClientStatusUnchanged`.
        """
        async with self._database.begin() as session:
            client = await self._lock(session, client_id)
            await self._check_not_own(session, client, actor)
            if await self._is_news(session, source):
                await end_open_handouts(session, self._clock.now(), Outcome.SUSPENDED, client_id=client.id)
                await self._change_status(session, client, SUSPENDED, actor, reason)
        return client

    async def resume(
        self, client_id: uuid.UUID, *, actor: str, reason: str | None = None, source: str | None = None
    ) -> Client:
        """Let the client go on: what was not revoked works again. Raises `ClientNotFound`, `ClientStatusUnchanged`."""
        async with self._database.begin() as session:
            client = await self._lock(session, client_id)
            if await self._is_news(session, source):
                await self._change_status(session, client, ACTIVE, actor, reason)
        return client

    async def revoke_all(
        self, client_id: uuid.UUID, *, actor: str, reason: str | None = None, source: str | None = None
    ) -> list[Device]:
        """Switch all of the client's devices off for good, and return those that were not off before.

        Its people are told once. The same source gets the same devices again. Raises `ClientNotFound`.
        """
        async with self._database.begin() as session:
            client = await self._lock(session, client_id)
            if not await self._is_news(session, source):
                at = await inbox.find_effect(session, source or "") or self._clock.now()
                return await devices.list_revoked(session, client_id, by=actor, at=at)
            switched_off = await self._switch_all_off(session, client, actor, clean_reason(reason))
        metrics.DEVICES_REVOKED.inc(len(switched_off))
        return switched_off

    async def set_device_limit(
        self, client_id: uuid.UUID, limit: int | None, *, actor: str, source: str | None = None
    ) -> Client:
        """Give the client a limit of its own, None for everybody's. One below what it has only bars new devices.

        Raises `InvalidLimit`, `ClientNotFound`.
        """
        if limit is not None and not 0 <= limit <= MOST_DEVICES:
            raise InvalidLimit(MOST_DEVICES)
        async with self._database.begin() as session:
            client = await self._lock(session, client_id)
            if await self._is_news(session, source) and client.device_limit != limit:
                client.device_limit = limit
                self._note(session, client, actor, "client_limit_set", limit=limit)
        return client

    async def forget(
        self,
        client_id: uuid.UUID,
        *,
        actor: str,
        typed: str | None = None,
        reason: str | None = None,
        source: str | None = None,
    ) -> Client:
        """Delete the client with its devices and people, who are told; destroy its secrets still on a screen.

        `typed`, where given, must be what the client is confirmed by. The audit stays. Raises `ClientNotFound`,
        `OwnClient` for an admin who is in it, `NameMismatch`.
        """
        async with self._database.begin() as session:
            client = await self._lock(session, client_id)
            await self._check_not_own(session, client, actor)
            if typed is not None and _plain(typed) != confirmation_of(client):
                raise NameMismatch(client)
            await self._is_news(session, source)
            reason = clean_reason(reason)
            await self._tell_people(session, client, NoticeKind.FORGOTTEN_BY_ADMIN, actor, reason)
            await end_open_handouts(session, self._clock.now(), Outcome.REVOKED, client_id=client_id)
            await clients.delete_client(session, client_id)
            self._note(session, client, actor, "client_deleted", reason=reason)
        return client

    async def _lock(self, session: AsyncSession, client_id: uuid.UUID) -> Client:
        client = await clients.lock_client(session, client_id)
        if client is None:
            raise ClientNotFound(f"no client {client_id}")
        return client

    async def _check_not_own(self, session: AsyncSession, client: Client, actor: str) -> None:
        people = await clients.list_chat_users(session, client.id)
        if actor in {f"chat:{person.telegram_id}" for person in people}:
            raise OwnClient("the admin is in this client")

    async def _change_status(
        self, session: AsyncSession, client: Client, status: str, actor: str, reason: str | None
    ) -> None:
        if client.status == status:
            raise ClientStatusUnchanged(client)
        client.status, reason = status, clean_reason(reason)
        suspends = status == SUSPENDED
        self._note(session, client, actor, "client_suspended" if suspends else "client_resumed", reason=reason)
        kind = NoticeKind.SUSPENDED_BY_ADMIN if suspends else NoticeKind.RESUMED_BY_ADMIN
        await self._tell_people(session, client, kind, actor, reason)

    async def _switch_all_off(
        self, session: AsyncSession, client: Client, actor: str, reason: str | None
    ) -> list[Device]:
        now = self._clock.now()
        await end_open_handouts(session, now, Outcome.REVOKED, client_id=client.id)
        switched_off = await devices.list_unrevoked(session, client.id)
        for device in switched_off:
            switch_off(session, device, actor, reason, now)
        if switched_off:
            kind, count = NoticeKind.ALL_REVOKED_BY_ADMIN, len(switched_off)
            await self._tell_people(session, client, kind, actor, reason, count=count)
        return switched_off

    async def _tell_people(
        self, session: AsyncSession, client: Client, kind: NoticeKind, actor: str, reason: str | None, **details: Any
    ) -> None:
        """Owe the client's people a notice of what an admin did, unless the admin is one of them.

        The language is kept with the notice: it may be sent when the person is no longer known.
        """
        kind_of_actor, _, admin_id = actor.partition(":")
        people = await clients.list_chat_users(session, client.id)
        if kind_of_actor != "chat" or int(admin_id) in {person.telegram_id for person in people}:
            return
        now, act = self._clock.now(), uuid.uuid4().hex
        told: dict[str, Any] = {"reason": reason, "at": now.timestamp(), "told_by": int(admin_id)}
        for person in people:
            owe(
                session,
                person.telegram_id,
                kind,
                act,
                now,
                client_name=client.name,
                **told,
                language=person.chosen_language or person.language,
                **details,
            )

    async def _is_news(self, session: AsyncSession, source: str | None) -> bool:
        return source is None or await inbox.claim_effect(session, source, self._clock.now())

    def _note(self, session: AsyncSession, client: Client, actor: str, action: str, **details: Any) -> None:
        audit.append(session, at=self._clock.now(), actor=actor, action=action, client_id=client.id, **details)


def confirmation_of(client: Client) -> str:
    """Return what an admin types to confirm that a client shall be forgotten.

    That is its name, on one line; where nobody can type that as an answer, the first 8 characters of its id.
    """
    name = _plain(client.name)
    is_withheld = contains_secret(name) or contains_token(name)
    return str(client.id)[:SHORT_ID] if not name or name.startswith("/") or is_withheld else name


def _plain(text: str) -> str:
    kept = (c for c in text if c.isspace() or c in JOINERS or unicodedata.category(c) not in UNTYPEABLE)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
