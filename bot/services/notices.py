"""Messages owed to somebody: written in the transaction that causes them, sent after it, at least once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from storage import audit, clients, notices
from storage.models import Notice

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clock import Clock
    from storage.database import Database
    from storage.models import Device

FIRST_RETRY = timedelta(seconds=2)
LAST_RETRY = timedelta(minutes=10)
BATCH = 50
CLAIM_LIFE = timedelta(seconds=60)
"""How long a notice is left to the process that claimed it: longer than it takes to send one. Nobody waits for it after
a crash, because whoever becomes the active bot ends the claims of who was that before."""


class NoticeKind(StrEnum):
    """What a notice tells. What it needs to tell it is in its `details`."""

    HANDOUT_ENDED = "handout_ended"
    HANDOUT_STUCK = "handout_stuck"
    HANDOUT_FAILED = "handout_failed"
    HANDOUT_FAILED_ADMIN = "handout_failed_admin"
    FIRST_LOGIN = "first_login"
    REVOKED_BY_ADMIN = "revoked_by_admin"
    OWNER_UNREACHABLE = "owner_unreachable"
    NEW_SECRET_USED = "new_secret_used"  # noqa: S105 - a kind of notice
    OVERLAP_ENDS_SOON = "overlap_ends_soon"
    OVERLAP_ENDED = "overlap_ended"
    SECRET_LEAKED = "secret_leaked"  # noqa: S105 - a kind of notice
    SECRET_LEAKED_ADMIN = "secret_leaked_admin"  # noqa: S105 - a kind of notice
    ALL_REVOKED_BY_ADMIN = "all_revoked_by_admin"
    SUSPENDED_BY_ADMIN = "suspended_by_admin"
    RESUMED_BY_ADMIN = "resumed_by_admin"
    FORGOTTEN_BY_ADMIN = "forgotten_by_admin"
    COPY_STARTED = "copy_started"

    NEWCOMER_WAITING = "newcomer_waiting"
    NEWCOMER_DECIDED = "newcomer_decided"  # changes the message of an earlier notice
    ACCESS_APPROVED = "access_approved"
    ACCESS_REFUSED = "access_refused"
    INVITE_USED = "invite_used"
    ADMIN_NAMED = "admin_named"
    ADMIN_REMOVED = "admin_removed"


def owe(
    session: AsyncSession,
    telegram_id: int,
    kind: NoticeKind,
    cause: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    **details: Any,
) -> None:
    """Add a notice to the transaction. `cause` names its reason: a second notice of the same cause is refused.

    One that is due later is looked at again when it is sent: what it tells may have ceased to be so.
    """
    session.add(
        Notice(
            id=uuid.uuid4(),
            telegram_id=telegram_id,
            kind=kind,
            cause=_unique(telegram_id, kind, cause),
            details=details,
            created_at=now,
            attempts=0,
            next_attempt_at=due_at or now,
        )
    )


async def is_owed(session: AsyncSession, telegram_id: int, kind: NoticeKind, cause: str) -> bool:
    """Tell whether a person is or was owed a notice of this kind and cause."""
    return await notices.has_cause(session, _unique(telegram_id, kind, cause))


async def owe_people(
    session: AsyncSession,
    device: Device,
    kind: NoticeKind,
    cause: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    **details: Any,
) -> None:
    """Owe a notice about a device to everybody who chats for its client."""
    named = {"device_id": str(device.id), "device_name": device.device_name}
    for person in await clients.list_chat_users(session, device.client_id):
        owe(session, person.telegram_id, kind, cause, now, due_at=due_at, **named, **details)


class NoticeService:
    """What is owed, and what became of it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._token = uuid.uuid4()
        """Of this process's claims: it may have again what it claimed before and is no longer sending."""

    async def has_due(self, except_people: Collection[int] = ()) -> bool:
        """Tell whether there is something to send now to others than these. A look that writes nothing."""
        async with self._database.read() as session:
            return await notices.has_due(session, self._claim(), except_people=except_people)

    async def claim_due(self, except_people: Collection[int] = ()) -> list[Notice]:
        """Claim notices to send now, the longest owed first: one for each person who is not being sent one."""
        async with self._database.begin() as session:
            return await notices.claim_due(session, self._claim(), except_people=except_people, most=BATCH)

    async def take_over(self) -> None:
        """End the claims of every other process: this one has become the active bot."""
        async with self._database.begin() as session:
            await notices.free_claims(session, self._token)

    async def find_next_attempt(self) -> datetime | None:
        """Return when the next notice is due."""
        async with self._database.read() as session:
            return await notices.find_next_attempt(session)

    async def count(self) -> int:
        """Return how many notices are owed, due or not."""
        async with self._database.read() as session:
            return await notices.count_owed(session)

    async def find_message(self, notice_id: uuid.UUID) -> int | None:
        """Return in which message a notice arrived, None when it did not."""
        async with self._database.read() as session:
            notice = await notices.find(session, notice_id)
        return None if notice is None else notice.message_id

    async def mark_sent(self, notice: Notice, message_id: int | None = None) -> bool:
        """Note that the notice arrived, and in which message; None when there was nothing to send.

        Tell whether it still was this process's to mark, as `postpone` and `drop` do.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            return await self._mark(session, notice, sent_at=now, message_id=message_id, next_attempt_at=None)

    async def postpone(self, notice: Notice, error: str, wait: timedelta | None = None) -> bool:
        """Try again after `wait`, or after a pause that doubles from 2 s to 10 min."""
        pause = wait or min(FIRST_RETRY * 2 ** min(notice.attempts, 20), LAST_RETRY)
        async with self._database.begin() as session:
            return await self._mark(
                session,
                notice,
                attempts=notice.attempts + 1,
                next_attempt_at=self._clock.now() + pause,
                last_error=error[:200],
            )

    async def drop(self, notice: Notice, error: str) -> bool:
        """Give the notice up because the person cannot be reached; the audit tells, and whoever wanted to know."""
        now = self._clock.now()
        async with self._database.begin() as session:
            is_mine = await self._mark(session, notice, dropped_at=now, next_attempt_at=None, last_error=error[:200])
            if is_mine:
                _tell_dropped(session, notice, error, now)
        return is_mine

    async def _mark(self, session: AsyncSession, notice: Notice, **values: object) -> bool:
        return await notices.mark_claimed(session, notice.id, self._token, **values)

    def _claim(self) -> notices.Claim:
        now = self._clock.now()
        return notices.Claim(self._token, now, now + CLAIM_LIFE)


def _tell_dropped(session: AsyncSession, notice: Notice, error: str, now: datetime) -> None:
    audit.append(
        session,
        at=now,
        actor="system",
        action="notice_dropped",
        notice=notice.kind,
        telegram_id=notice.telegram_id,
        error=error[:200],
    )
    told_by = notice.details.get("told_by")
    if told_by is not None:
        # an admin's act that the owner does not know of
        named = {key: notice.details[key] for key in ("device_name", "client_name") if key in notice.details}
        owe(session, told_by, NoticeKind.OWNER_UNREACHABLE, str(notice.id), now, **named)


def _unique(telegram_id: int, kind: NoticeKind, cause: str) -> str:
    return f"{kind}:{cause}:{telegram_id}"
