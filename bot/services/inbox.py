"""Updates that were received: kept before they are confirmed, handled once, then forgotten.

An update has two marks. `effect_at` is set in the transaction of the use case that the update leads to, so that
a redelivery changes nothing twice. `handled_at` is set when its sender has been answered, so that a crash between
the two leaves nobody without an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from storage import inbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.services.clock import Clock
    from storage.database import Database

KEPT_FOR = timedelta(days=2)
"""How long a handled update is remembered. Telegram redelivers for one day at most."""
CLEANING_STEP = 500


@dataclass(frozen=True)
class Received:
    """An update, reduced to what handlers need. `source` names it for ever; `person` is whose queue it joins."""

    source: str
    position: int
    person: int
    body: dict[str, Any]


class InboxService:
    """The memory of what was received."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ended: set[str] = set()
        self._noting = asyncio.Lock()

    async def receive(self, batch: Sequence[Received]) -> list[Received]:
        """Keep the updates in one transaction; return those that were not known before, in order."""
        new = {update.source: update for update in batch}
        if not new:
            return []
        try:
            await self._keep(new.values())
        except IntegrityError:
            # it is rare that one comes again, and to look for that each time takes longer than to keep them
            async with self._database.read() as session:
                known = await inbox.list_known(session, new)
            new = {source: update for source, update in new.items() if source not in known}
            if new:
                await self._keep(new.values())
        return list(new.values())

    async def list_unhandled(self) -> list[Received]:
        """Return what an earlier run received and did not finish, in the order it came."""
        async with self._database.read() as session:
            rows = await inbox.list_unhandled(session)
        return [Received(row.source, row.position, row.person, row.body) for row in rows]

    async def mark_handled(self, source: str) -> None:
        """Note that the update was answered, or given up with an apology; its body is dropped.

        Updates that end while others are being noted are noted together, in one transaction.
        """
        self._ended.add(source)
        async with self._noting:
            if source not in self._ended:
                return
            together, self._ended = self._ended, set()
            try:
                now = self._clock.now()
                await self._database.write(inbox.END, ({"ended": source, "at": now} for source in together))
            except BaseException:
                self._ended |= together
                raise

    async def clean(self) -> None:
        """Forget updates that were handled long ago, in small steps."""
        gone = CLEANING_STEP
        while gone == CLEANING_STEP:
            async with self._database.begin() as session:
                gone = await inbox.delete_handled(session, self._clock.now() - KEPT_FOR, CLEANING_STEP)

    async def _keep(self, updates: Iterable[Received]) -> None:
        now = self._clock.now()
        await self._database.write(inbox.KEEP, (vars(update) | {"received_at": now} for update in updates))
