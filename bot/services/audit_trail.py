"""What was done, by whom, for admins to read: newest first, page by page, by key. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from storage import audit, directory

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database
    from storage.models import AuditEvent

PAGE_SIZE = 8


class Scope(StrEnum):
    """What a page of the audit is about."""

    ALL = "a"
    CLIENT = "c"
    DEVICE = "d"


@dataclass(frozen=True)
class AuditPage:
    """Up to 8 events, newest first, with the names of the people and clients in them that are known still."""

    events: list[AuditEvent]
    scope: Scope
    about: uuid.UUID | None
    people: Mapping[int, str]
    clients: Mapping[uuid.UUID, str]
    has_previous: bool
    has_next: bool
    is_first_instead: bool = False
    """The page that was asked for is no more; this is the newest one."""


class AuditTrail:
    """Reads the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_newest(self, scope: Scope = Scope.ALL, about: uuid.UUID | None = None) -> AuditPage:
        """Return the newest events about a client or device, or about everything."""
        async with self._database.read() as session:
            return await self._read_first(session, scope, about)

    async def read_next_to(self, scope: Scope, event_id: uuid.UUID, *, newer: bool) -> AuditPage:
        """Return the page of the same list before or behind an event; the newest page when it is kept no longer."""
        async with self._database.read() as session:
            event = await audit.find(session, event_id)
            about = None if event is None else _about(event, scope)
            if event is None or (about is None and scope is not Scope.ALL):
                return await self._read_first(session, Scope.ALL, None, instead=True)
            key = (event.at, event.id)
            bounds = {"newer_than": key} if newer else {"older_than": key}
            found = await audit.list_events(session, size=PAGE_SIZE + 1, about=_match(scope, about), **bounds)
            if not found or (newer and len(found) < PAGE_SIZE):
                return await self._read_first(session, scope, about, instead=not found)
            shown, has_more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
            if newer:
                return await self._page(session, shown[::-1], scope, about, has_previous=has_more, has_next=True)
            return await self._page(session, shown, scope, about, has_previous=True, has_next=has_more)

    async def find_scope(self, about: uuid.UUID) -> Scope | None:
        """Tell whether the audit knows a client or a device of this id, which may exist no more; None for neither."""
        async with self._database.read() as session:
            for scope in (Scope.CLIENT, Scope.DEVICE):
                if await audit.list_events(session, size=1, about=_match(scope, about)):
                    return scope
        return None

    async def _read_first(
        self, session: AsyncSession, scope: Scope, about: uuid.UUID | None, *, instead: bool = False
    ) -> AuditPage:
        found = await audit.list_events(session, size=PAGE_SIZE + 1, about=_match(scope, about))
        shown, has_next = found[:PAGE_SIZE], len(found) > PAGE_SIZE
        return await self._page(session, shown, scope, about, has_previous=False, has_next=has_next, instead=instead)

    async def _page(
        self,
        session: AsyncSession,
        events: list[AuditEvent],
        scope: Scope,
        about: uuid.UUID | None,
        *,
        has_previous: bool,
        has_next: bool,
        instead: bool = False,
    ) -> AuditPage:
        whose = {event.client_id for event in events if event.client_id}
        clients, people = await directory.read_names(session, whose, _people_in(events))
        return AuditPage(
            events=events,
            scope=scope,
            about=about,
            people=people,
            clients=clients,
            has_previous=has_previous,
            has_next=has_next,
            is_first_instead=instead,
        )


def chat_id_of(actor: str | None) -> int | None:
    """Return the Telegram id of whom the audit calls `actor`, None for nobody in chat."""
    kind, _, telegram_id = (actor or "").partition(":")
    return int(telegram_id) if kind == "chat" and telegram_id.isascii() and telegram_id.isdecimal() else None


def _people_in(events: Sequence[AuditEvent]) -> set[int]:
    told = {event.details.get("telegram_id") for event in events}
    actors = {chat_id_of(event.actor) for event in events}
    return {number for number in actors | told if isinstance(number, int)}


def _about(event: AuditEvent, scope: Scope) -> uuid.UUID | None:
    return {Scope.CLIENT: event.client_id, Scope.DEVICE: event.device_id}.get(scope)


def _match(scope: Scope, about: uuid.UUID | None) -> ColumnElement[bool] | None:
    if about is None:
        return None
    return audit.about_client(about) if scope is Scope.CLIENT else audit.about_device(about)
