"""A device is switched off for good: alone or with all others, by its owner or by an admin, it is done here."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from bot.services.endings import Outcome, end_open_handouts
from bot.services.hashing import contains_secret
from bot.services.notices import NoticeKind, owe_people
from bot.services.rotations import end_overlap
from storage import audit, clients

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.models import Device

REASON_LENGTH = 200
"""Characters of a reason that are kept."""


async def revoke(session: AsyncSession, device: Device, actor: str, reason: str | None, now: datetime) -> None:
    """Revoke a device that is not revoked: its overlap, sessions, cards and visible secrets end with it."""
    switch_off(session, device, actor, reason, now)
    await end_open_handouts(session, now, Outcome.REVOKED, device_id=device.id)
    await _tell_owner(session, device, actor, now)


def switch_off(session: AsyncSession, device: Device, actor: str, reason: str | None, now: datetime) -> None:
    """Revoke a device that is not revoked; ending its handouts and telling anybody is left to the use case."""
    device.revoked = True
    device.revoked_at = device.updated_at = now
    device.revoked_by, device.revoke_reason = actor, reason
    end_overlap(device)
    audit.append(
        session,
        at=now,
        actor=actor,
        action="device_revoked",
        client_id=device.client_id,
        device_id=device.id,
        device_name=device.device_name,
        reason=reason,
    )


def clean_reason(reason: str | None) -> str | None:
    """Return what is kept of a reason: on one line, cut at 200 characters; nothing of one that holds a secret."""
    printable = "".join(c for c in reason or "" if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})
    text = " ".join(printable.split())
    if not text or contains_secret(text):
        return None
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


async def _tell_owner(session: AsyncSession, device: Device, actor: str, now: datetime) -> None:
    """Owe the owner's people a notice when an admin, somebody who is not one of them, revoked their device."""
    kind, _, admin_id = actor.partition(":")
    if kind != "chat":
        return
    people = await clients.list_chat_users(session, device.client_id)
    if int(admin_id) in {person.telegram_id for person in people}:
        return
    await owe_people(
        session,
        device,
        NoticeKind.REVOKED_BY_ADMIN,
        str(device.id),
        now,
        reason=device.revoke_reason,
        at=now.timestamp(),
        told_by=int(admin_id),
    )
