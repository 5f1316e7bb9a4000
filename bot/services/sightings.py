"""When devices were last seen through signed requests: noted in memory, written together every few seconds.

A device is noted at most once a minute. What a crash loses is a few seconds of `last_seen`, and nothing that anybody is
let in or kept out by.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import devices

if TYPE_CHECKING:
    import uuid

    from storage.database import Database

STEP = 60_000
"""Milliseconds between two notes of one device."""
REMEMBERED = 100_000


class Sightings:
    """Collects sightings until `flush` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: OrderedDict[uuid.UUID, int] = OrderedDict()
        self._waiting: dict[uuid.UUID, tuple[int, str | None]] = {}

    def note(self, device_id: uuid.UUID, now: int, address: str | None) -> None:
        """Note that a device was seen at `now`, in Unix milliseconds."""
        if 0 <= now - self._noted.get(device_id, -STEP) < STEP:
            return
        self._noted[device_id] = now
        self._noted.move_to_end(device_id)
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)
        self._waiting[device_id] = (now, address)

    async def flush(self) -> None:
        """Write what was noted, in one transaction."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        seen = [
            {"device_id": device_id, "at": datetime.fromtimestamp(at / 1000, UTC), "address": address}
            # in one order everywhere: of two processes that write at once, none waits for the other in a circle
            for device_id, (at, address) in sorted(waiting.items())
        ]
        try:
            await self._database.write(devices.SEEN, seen)
        except Exception:
            self._waiting = waiting | self._waiting
            raise
