"""A device is switched off for good: alone or with all others, by its owner or by an admin, it is done here."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from bot.services.hashing import contains_secret
from storage import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.models import Device

REASON_LENGTH = 200
"""Characters of a reason that are kept."""


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


def end_overlap(device: Device) -> None:
    """Forget the device's previous secret."""
    device.previous_hash = device.previous_tag = None
    device.previous_fingerprint = device.previous_generation = device.previous_valid_until = None


def clean_reason(reason: str | None) -> str | None:
    """Return what is kept of a reason: on one line, cut at 200 characters; nothing of one that holds a secret."""
    printable = "".join(c for c in reason or "" if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})
    text = " ".join(printable.split())
    if not text or contains_secret(text):
        return None
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"
