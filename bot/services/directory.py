"""Clients as admins see them: the list of all, searches, and the card of one. It changes nothing.

Pages go by key. A button names the client, person or device at the edge of its page, and where that one stands is
looked up again: a page whose edge is gone gives way to the first one, and says so.
"""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.services.catalogue import SEEN_LATELY
from bot.services.clients import SUSPENDED
from bot.services.errors import AmbiguousClient, ClientNotFound
from storage import audit, clients, devices, directory
from storage.directory import Field, Hit
from storage.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clock import Clock
    from storage.database import Database
    from storage.devices import Counts
    from storage.models import AuditEvent, ChatUser, Client

PAGE_SIZE = 8
WINDOW = 40
"""Texts looked at for one page of a search, on which a client stands once, however many of its texts fit."""
TERM_LENGTH = 100
SHORT_ID = 8
MOST_MATCHES = 8
HEX = frozenset("0123456789abcdef")
LARGEST_ID = 2**63 - 1


class Roll(StrEnum):
    """Which clients a list shows."""

    ALL = "a"
    SUSPENDED = "s"


@dataclass(frozen=True)
class Edge:
    """What a page stands next to: a client in a list, a client's, person's or device's text in a search."""

    field: Field
    row: uuid.UUID | int
    before: bool
    """Whether the page comes before it, or behind it."""


@dataclass(frozen=True)
class Row:
    """A client in a list, who chats for it, and in a search the text that fits."""

    client: Client
    people: list[ChatUser]
    matched: Hit | None = None


@dataclass(frozen=True)
class ClientPage:
    """Up to 8 clients: of a list the newest first, of a search in the order of what fits. `None`: no page there."""

    rows: list[Row]
    previous: Edge | None = None
    following: Edge | None = None
    term: str | None = None
    is_first_instead: bool = False
    """The page that was asked for is no more; this is the first one."""


@dataclass(frozen=True)
class ClientCard:
    """Everything about a client that an admin sees at once."""

    client: Client
    people: list[ChatUser]
    counts: Counts
    limit: int
    suspension: AuditEvent | None
    """What suspended it, while it is suspended and as long as the audit knows."""


@dataclass(frozen=True)
class _Entry:
    """One thing that a page is made of; a list brings its clients and their people along."""

    client_id: uuid.UUID
    field: Field
    row: uuid.UUID | int
    hit: Hit | None = None
    known: tuple[Client, list[ChatUser]] | None = None


class Directory:
    """Reads clients."""

    def __init__(self, database: Database, clock: Clock, *, device_limit: int) -> None:
        self.device_limit = device_limit
        self._database = database
        self._clock = clock

    async def list_clients(self, roll: Roll = Roll.ALL, edge: Edge | None = None) -> ClientPage:
        """Return a page of all clients, or of the suspended ones, newest first."""
        async with self._database.read() as session:
            entries = await self._list_entries(session, roll, edge)
            if edge is None or _goes_on(entries, edge):
                return await _make_page(session, entries, edge)
            first = await self._list_entries(session, roll, None)
            return await _make_page(session, first, None, instead=not entries)

    async def search(self, term: str, edge: Edge | None = None) -> ClientPage:
        """Return a page of the clients of which a name, username, Telegram id or device name begins with the term."""
        term = clean_term(term)
        async with self._database.read() as session:
            entries = await self._search_entries(session, term, edge)
            if edge is None or _goes_on(entries, edge):
                return await _make_page(session, entries, edge, term=term)
            first = await self._search_entries(session, term, None)
            return await _make_page(session, first, None, term=term, instead=not entries)

    async def get_client(self, client_id: uuid.UUID) -> Client:
        """Return the client. Raises `ClientNotFound`."""
        async with self._database.read() as session:
            return _known(await clients.find_client(session, client_id))

    async def get_card(self, client_id: uuid.UUID) -> ClientCard:
        """Return what an admin sees of the client. Raises `ClientNotFound`."""
        async with self._database.read() as session:
            client = _known(await clients.find_client(session, client_id))
            is_suspended = client.status == SUSPENDED
            return ClientCard(
                client=client,
                people=await clients.list_chat_users(session, client_id),
                counts=await devices.count_states(session, client_id, self._clock.now() - SEEN_LATELY),
                limit=self.device_limit if client.device_limit is None else client.device_limit,
                suspension=await audit.find_latest(session, client_id, "client_suspended") if is_suspended else None,
            )

    async def find_client(self, text: str) -> Client:
        """Return the client of an id, of the first 8 characters of one, of a person's Telegram id or @username.

        Raises `ClientNotFound`, and `AmbiguousClient` when the text fits several.
        """
        async with self._database.read() as session:
            found = {client.id: client for client in await _list_matches(session, clean_term(text))}
        if len(found) > 1:
            raise AmbiguousClient(list(found.values())[:MOST_MATCHES])
        if not found:
            raise ClientNotFound("no client fits")
        return next(iter(found.values()))

    async def _list_entries(self, session: AsyncSession, roll: Roll, edge: Edge | None) -> list[_Entry]:
        """Return up to a page and one more of a list, the nearest to the edge first; nothing when the edge is gone."""
        older_than = newer_than = None
        if edge is not None:
            client = await clients.find_client(session, edge.row) if isinstance(edge.row, uuid.UUID) else None
            if client is None:
                return []
            key = (client.created_at, client.id)
            older_than, newer_than = (None, key) if edge.before else (key, None)
        found = await directory.list_clients(
            session,
            size=PAGE_SIZE + 1,
            only_suspended=roll is Roll.SUSPENDED,
            older_than=older_than,
            newer_than=newer_than,
        )
        return [_Entry(pair[0].id, Field.NAME, pair[0].id, known=pair) for pair in found]

    async def _search_entries(self, session: AsyncSession, term: str, edge: Edge | None) -> list[_Entry]:
        """Return up to a window and one more of what fits, the nearest to the edge first; nothing when that is gone."""
        after = before = None
        fields, beginning = _search_in(term)
        if edge is not None:
            key = await directory.find_hit_key(session, edge.field, edge.row)
            if key is None or not key[0].startswith(beginning):
                # what stood at the edge is gone, or something else was searched for since
                return []
            after, before = (None, key) if edge.before else (key, None)
        hits = await directory.list_hits(session, fields, beginning, window=WINDOW + 1, after=after, before=before)
        return [_Entry(hit.client_id, hit.field, hit.row, hit) for hit in hits]


def clean_term(text: str) -> str:
    """Return what was typed as it is searched: composed, on one line, without what cannot be kept."""
    printable = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})
    return " ".join(unicodedata.normalize("NFC", printable).split())[:TERM_LENGTH]


def _search_in(term: str) -> tuple[list[Field], str]:
    """Return in which fields a term is searched, and what each begins with then."""
    if term.startswith("@"):
        return [Field.USERNAME], fold(term[1:])
    fields = [Field.NAME, Field.FIRST_NAME, Field.USERNAME, Field.DEVICE]
    if term.isascii() and term.isdecimal():
        fields.append(Field.TELEGRAM_ID)
    return fields, fold(term)


def _goes_on(entries: Sequence[_Entry], edge: Edge) -> bool:
    """Tell whether there is a page next to the edge; near the beginning, the first page stands in for a short one."""
    is_short = len(entries) <= WINDOW and len({entry.client_id for entry in entries}) < PAGE_SIZE
    return bool(entries) and not (edge.before and is_short)


def _collapse(entries: Sequence[_Entry]) -> tuple[list[_Entry], list[_Entry], bool]:
    """Return the first entry of each client that fits on a page, all entries that it takes, and whether more follow."""
    taken: dict[uuid.UUID, _Entry] = {}
    for number, entry in enumerate(entries):
        if number == WINDOW or (entry.client_id not in taken and len(taken) == PAGE_SIZE):
            return list(taken.values()), list(entries[:number]), True
        taken.setdefault(entry.client_id, entry)
    return list(taken.values()), list(entries), False


async def _make_page(
    session: AsyncSession,
    entries: Sequence[_Entry],
    edge: Edge | None,
    *,
    term: str | None = None,
    instead: bool = False,
) -> ClientPage:
    """Make a page of entries, of which the nearest to the edge comes first."""
    shown, taken, has_more = _collapse(entries)
    goes_back = edge is not None and edge.before
    if goes_back:
        shown, taken = shown[::-1], taken[::-1]
    has_previous, has_next = (has_more, True) if goes_back else (edge is not None, has_more)
    return ClientPage(
        rows=await _read_rows(session, shown),
        previous=Edge(taken[0].field, taken[0].row, before=True) if taken and has_previous else None,
        following=Edge(taken[-1].field, taken[-1].row, before=False) if taken and has_next else None,
        term=term,
        is_first_instead=instead,
    )


async def _read_rows(session: AsyncSession, shown: Sequence[_Entry]) -> list[Row]:
    unread = [entry.client_id for entry in shown if entry.known is None]
    pairs = [entry.known for entry in shown if entry.known is not None]
    if unread:
        pairs += await directory.read_clients(session, unread)
    known = {client.id: (client, people) for client, people in pairs}
    return [Row(*known[entry.client_id], entry.hit) for entry in shown if entry.client_id in known]


async def _list_matches(session: AsyncSession, text: str) -> list[Client]:
    """Return the clients that an id, the beginning of one, a Telegram id or a username fits."""
    if text.startswith("@"):
        return await directory.list_by_person(session, username=fold(text[1:]), most=MOST_MATCHES + 1)
    found = []
    lowered = text.lower()
    if (client_id := _parse_id(lowered)) is not None:
        client = await clients.find_client(session, client_id)
        found += [] if client is None else [client]
    if len(lowered) == SHORT_ID and set(lowered) <= HEX:
        lowest, highest = uuid.UUID(lowered.ljust(32, "0")), uuid.UUID(lowered.ljust(32, "f"))
        found += await directory.list_by_prefix(session, lowest, highest, MOST_MATCHES + 1)
    if text.isascii() and text.isdecimal() and int(text) <= LARGEST_ID:
        found += await directory.list_by_person(session, telegram_id=int(text), most=1)
    return found


def _parse_id(text: str) -> uuid.UUID | None:
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text else None


def _known(client: Client | None) -> Client:
    if client is None:
        raise ClientNotFound("no client has this id")
    return client
