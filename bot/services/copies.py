"""Backups, and what a program does that was started from one.

What was revoked, suspended or given a new secret after a backup was taken is not in it. So a copy says of itself that
it is one, and lets no device in until an admin has read that in chat and confirmed it. Confirming ends every session
and voids every API token: the ones that the records still know may have ended long ago.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session

from bot.services.errors import CopyNotFound
from bot.services.hashing import create_generation
from bot.services.notices import NoticeKind, owe
from storage import audit, copies, invites
from storage.backup import copy_file
from storage.models import CopyMark, Move

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

    from bot.services.clock import Clock
    from storage.database import Database


class CopyService:
    """Knows whether these records are a copy that nobody has confirmed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._is_open = False

    async def lets_devices_in(self) -> bool:
        """Tell whether devices, and the tools of traders, may be let in. No copy becomes one again while it runs."""
        if not self._is_open:
            self._is_open = await self.find_unconfirmed() is None
        return self._is_open

    async def find_unconfirmed(self) -> CopyMark | None:
        """Return the mark of the copy that these records are, None when all is well."""
        async with self._database.read() as session:
            return await copies.find_unconfirmed(session)

    async def get(self, mark_id: uuid.UUID) -> CopyMark:
        """Return a mark, confirmed or not. Raises `CopyNotFound`."""
        async with self._database.read() as session:
            mark = await copies.find(session, mark_id)
        if mark is None:
            raise CopyNotFound("these records have no such mark")
        return mark

    async def announce(self, admin_ids: Collection[int], *, epoch: int) -> CopyMark | None:
        """Owe the admins the question whether devices may be let in, once for each time that a bot starts.

        Invites that were open when the copy was made may have been used since: none of them is good any more.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            mark = await copies.find_unconfirmed(session)
            if mark is not None:
                await invites.withdraw_made_before(session, mark.taken_at, now)
                for admin_id in admin_ids:
                    owe(session, admin_id, NoticeKind.COPY_STARTED, f"{mark.id}:{epoch}", now, copy_id=str(mark.id))
        return mark

    async def confirm(self, mark_id: uuid.UUID, *, actor: str) -> tuple[CopyMark, bool]:
        """Let devices in again, and end every session and token. Return the mark, and whether this call did it.

        Raises `CopyNotFound`.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            mark = await copies.claim_confirmation(session, mark_id, actor, now)
            if mark is not None:
                await copies.end_sessions(session, create_generation())
                await copies.void_tokens(session)
                audit.append(session, at=now, actor=actor, action="copy_confirmed", taken_at=mark.taken_at.isoformat())
        if mark is None:
            return await self.get(mark_id), False
        return mark, True


def back_up(source: Path, target: Path, now: datetime) -> None:
    """Copy a SQLite database that a bot may be running on, and mark the copy. Raises `BackupRefused`."""
    with copy_file(source, target) as nameless:
        engine = create_engine(f"sqlite:///{nameless}", hide_parameters=True)
        try:
            with Session(engine) as session, session.begin():
                _mark(session, now)
        finally:
            engine.dispose()


def _mark(session: Session, now: datetime) -> None:
    """Say in the copy when it was taken; a copy of a copy that nobody confirmed is as old as that one."""
    unconfirmed = CopyMark.confirmed_at.is_(None)
    earlier = session.scalars(select(CopyMark.taken_at).where(unconfirmed)).all()
    session.execute(delete(CopyMark).where(unconfirmed))
    # the copy moves nowhere, whatever the records it is of do
    session.execute(delete(Move))
    session.add(CopyMark(id=uuid.uuid4(), taken_at=min([now, *earlier])))
