"""What this process put on screens: gone when its time is up, also while the records cannot be read or written.

The usual way of a destruction leads through the database, where it is on disk before the secret is on the screen. When
the disk is full, or another program holds the database, that way is closed for as long as it takes; a secret must not
stay that long. So each is remembered here too, and taken off by memory alone when the usual way is late.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.services.clock import Clock
    from storage.models import Handout

GRACE = 1.0
"""Seconds that the usual way may be late: invariant 1 allows two."""
LOOK_EVERY = 1.0
RETRY = 1.0


class Screens:
    """Remembers secrets on screens until somebody took them off, and takes off those whose time is up."""

    def __init__(self, clock: Clock, take_off: Callable[[Handout], Awaitable[bool]]) -> None:
        """`take_off` removes a message by memory alone, and tells whether it is gone."""
        self._clock = clock
        self._take_off = take_off
        self._watches: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._gone_at: dict[uuid.UUID, datetime] = {}

    def note(self, handout: Handout) -> None:
        """Remember a secret that is about to be shown."""
        if handout.id not in self._watches and handout.destroy_at is not None:
            self._watches[handout.id] = asyncio.get_running_loop().create_task(self._watch(handout, handout.destroy_at))

    def forget(self, handout_id: uuid.UUID) -> datetime | None:
        """Forget a secret that was taken off, and return when that was if it happened here."""
        if (watch := self._watches.pop(handout_id, None)) is not None:
            watch.cancel()
        return self._gone_at.pop(handout_id, None)

    def rest(self, handout_id: uuid.UUID) -> None:
        """Leave a secret to the usual way, which has it in hand."""
        if handout_id not in self._gone_at:
            self.forget(handout_id)

    def find_time(self, handout_id: uuid.UUID) -> datetime | None:
        """Return when a secret was taken off here."""
        return self._gone_at.get(handout_id)

    def close(self) -> None:
        """Watch no longer: the process ends."""
        for handout_id in list(self._watches):
            self.forget(handout_id)

    async def _watch(self, handout: Handout, destroy_at: datetime) -> None:
        while (left := (destroy_at - self._clock.now()).total_seconds() + GRACE) > 0:  # noqa: ASYNC110 - it is time
            # in steps, because the machine's clock may jump ahead
            await asyncio.sleep(min(LOOK_EVERY, self._clock.real(left)))
        while not await self._take_off(handout):  # noqa: ASYNC110 - until Telegram does it
            await asyncio.sleep(self._clock.real(RETRY))
        self._gone_at[handout.id] = self._clock.now()
