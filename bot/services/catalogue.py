"""What people see of their devices: pages, counts and searches. It changes nothing."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import devices, listing
from storage.listing import Shelf, Side

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable

    from bot.services.clock import Clock
    from storage.database import Database
    from storage.devices import Counts, Key
    from storage.listing import ListedDevice
    from storage.models import Device

__all__ = ["PAGE_SIZE", "SEEN_LATELY", "Catalogue", "Page", "Shelf"]

PAGE_SIZE = 8
SEEN_LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Page:
    """Up to 8 devices, newest first, and what stands around them."""

    devices: list[ListedDevice]
    shelf: Shelf
    search: str | None
    matching: int
    counts: Counts
    limit: int
    has_previous: bool
    has_next: bool
    has_moved: bool = False
    """Whether what was asked for is no longer there, and another page stands in its place."""


class Catalogue:
    """Reads lists, page by page, by key: a page stays right when devices come and go between two taps."""

    def __init__(self, database: Database, clock: Clock, *, device_limit: int) -> None:
        self._database = database
        self._clock = clock
        self._device_limit = device_limit

    async def count(self, client_id: uuid.UUID) -> Counts:
        """Count the client's devices by state. Seen means within 24 hours, as the green sign in the lists does.

        The menu calls that today: Telegram does not tell in which time zone a person's day begins.
        """
        return await listing.count_states(self._database, client_id, self._clock.now() - SEEN_LATELY)

    async def list_after(
        self, client_id: uuid.UUID, limit: int, after: Key | None = None
    ) -> tuple[list[Device], Key | None]:
        """Return up to `limit` of the client's devices, newest first, and the key to go on with if there are more."""
        async with self._database.read() as session:
            found = await devices.list_page(session, client_id, size=limit + 1, older_than=after)
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
        beginning_at: Key | None = None,
    ) -> Page:
        """Return the page next to a key, from it on, or the first one. One with nothing on it becomes the first one."""
        # names are kept composed, and a search is typed as it comes
        wanted = unicodedata.normalize("NFC", search or "")
        list_page = functools.partial(listing.list_page, self._database, client_id, shelf, search=wanted)
        part = await _read_part(list_page, older_than, newer_than, beginning_at)
        seen_since = self._clock.now() - SEEN_LATELY
        counts, limit = await listing.read_states_and_limit(self._database, client_id, seen_since)
        matching = counts.revoked if shelf is Shelf.REVOKED else counts.active
        if shelf is Shelf.FOUND:
            matching = await listing.count_found(self._database, client_id, wanted)
        return Page(
            devices=part.devices,
            shelf=shelf,
            search=search,
            matching=matching,
            counts=counts,
            limit=self._device_limit if limit is None else limit,
            has_previous=part.has_previous,
            has_next=part.has_next,
            has_moved=part.has_moved,
        )

    async def find_page_start(self, device: Device, place: int) -> Key:
        """Return the key of the device that begins the page on which a device of the active ones has its place."""
        if place <= 0:
            return _key(device)
        size = min(place, PAGE_SIZE - 1)
        newer = await listing.list_page(
            self._database, device.client_id, Shelf.ACTIVE, size=size, side=Side.NEWER, key=_key(device)
        )
        return _key(newer[0]) if newer else _key(device)


@dataclass(frozen=True)
class _Part:
    """A page's devices, and where the list goes on."""

    devices: list[ListedDevice]
    has_previous: bool
    has_next: bool
    has_moved: bool = False


async def _read_part(
    list_page: Callable[..., Awaitable[list[ListedDevice]]],
    older_than: Key | None,
    newer_than: Key | None,
    beginning_at: Key | None,
) -> _Part:
    """Read the devices of a page. One more than is shown tells, without another question, whether the list goes on."""
    most = PAGE_SIZE + 1
    sides = {Side.OLDER: older_than, Side.NEWER: newer_than, Side.FROM: beginning_at}
    side = next((side for side, key in sides.items() if key is not None), None)
    found = await list_page(size=most, side=side, key=None if side is None else sides[side])
    if side is Side.NEWER and len(found) >= PAGE_SIZE:
        shown = found[-PAGE_SIZE:]
        has_next = bool(await list_page(size=1, side=Side.OLDER, key=_key(shown[-1])))
        return _Part(shown, has_previous=len(found) > PAGE_SIZE, has_next=has_next)
    has_moved = not found and side is not None
    is_first = has_moved or side in {None, Side.NEWER}
    if is_first and side is not None:
        # so near the beginning the page is filled up from the start
        found = await list_page(size=most)
    shown = found[:PAGE_SIZE]
    has_previous = not is_first and bool(await list_page(size=1, side=Side.NEWER, key=_key(shown[0])))
    return _Part(shown, has_previous=has_previous, has_next=len(found) > PAGE_SIZE, has_moved=has_moved)


def _key(device: Device | ListedDevice) -> Key:
    return device.created_at, device.id
