"""What people see of their devices: pages, counts and searches. It changes nothing."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from storage import clients, devices

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import ColumnElement

    from bot.services.clock import Clock
    from storage.database import Database
    from storage.devices import Counts, Key
    from storage.models import Device

PAGE_SIZE = 8
SEEN_LATELY = timedelta(days=1)


class Shelf(StrEnum):
    """Which of a client's devices a list shows."""

    ACTIVE = "active"
    REVOKED = "revoked"
    FOUND = "found"


@dataclass(frozen=True)
class Page:
    """Up to 8 devices, newest first, and what stands around them."""

    devices: list[Device]
    shelf: Shelf
    search: str | None
    matching: int
    counts: Counts
    limit: int
    has_previous: bool
    has_next: bool


class Catalogue:
    """Reads lists, page by page, by key: a page stays right when devices come and go between two taps."""

    def __init__(self, database: Database, clock: Clock, *, device_limit: int) -> None:
        self._database = database
        self._clock = clock
        self._device_limit = device_limit

    async def count(self, client_id: uuid.UUID) -> Counts:
        """Count the client's devices by state; seen means within a day."""
        async with self._database.read() as session:
            return await devices.count_states(session, client_id, self._clock.now() - SEEN_LATELY)

    async def list_after(
        self, client_id: uuid.UUID, limit: int, after: Key | None = None
    ) -> tuple[list[Device], Key | None]:
        """Return up to `limit` of the client's devices, newest first, and the key to go on with if there are more."""
        async with self._database.read() as session:
            found = await devices.list_page(
                session, client_id, size=limit + 1, matching=devices.everything(), older_than=after
            )
        if len(found) <= limit:
            return found, None
        return found[:limit], _key(found[limit - 1])

    async def read_page(
        self,
        client_id: uuid.UUID,
        shelf: Shelf = Shelf.ACTIVE,
        *,
        search: str | None = None,
        older_than: Key | None = None,
        newer_than: Key | None = None,
    ) -> Page:
        """Return the page next to a key, or the first one. A page with nothing on it becomes the first one."""
        matching = _match(shelf, search)
        async with self._database.read() as session:
            list_page = functools.partial(devices.list_page, session, client_id, matching=matching)
            shown = await list_page(size=PAGE_SIZE, older_than=older_than, newer_than=newer_than)
            if not shown or (newer_than is not None and len(shown) < PAGE_SIZE):
                # so near the beginning the page is filled up from the start
                shown = await list_page(size=PAGE_SIZE)
            client = await clients.find_client(session, client_id)
            limit = client.device_limit if client is not None else None
            return Page(
                devices=shown,
                shelf=shelf,
                search=search,
                matching=await devices.count_matching(session, client_id, matching),
                counts=await devices.count_states(session, client_id, self._clock.now() - SEEN_LATELY),
                limit=self._device_limit if limit is None else limit,
                has_previous=bool(shown and await list_page(size=1, newer_than=_key(shown[0]))),
                has_next=bool(shown and await list_page(size=1, older_than=_key(shown[-1]))),
            )


def _key(device: Device) -> Key:
    return device.created_at, device.id


def _match(shelf: Shelf, search: str | None) -> ColumnElement[bool]:
    if shelf is Shelf.FOUND:
        # names are kept composed, and a search is typed as it comes
        return devices.begins_with(unicodedata.normalize("NFC", search or ""))
    return devices.is_revoked(shelf is Shelf.REVOKED)
