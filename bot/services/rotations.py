"""One secret takes the place of another: how long the old one goes on, and what its owner is told of that.

A device has one secret, and a second one only within an overlap, which begins when the new one becomes live and ends at
the first login with it, or at its time, whichever is first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.services import hashing
from bot.services.clients import ACTIVE
from bot.services.notices import NoticeKind, owe_people
from storage import clients, devices

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.hashing import Secret
    from storage.models import Device, Handout

REMIND_BEFORE = timedelta(hours=1)
"""How long before the end of an overlap its owner is reminded."""
SHORTEST_WITH_REMINDER = 2 * REMIND_BEFORE
"""In a shorter overlap the reminder would come almost with the secret itself."""


@dataclass(frozen=True)
class KeptSecret:
    """All that is kept of a secret."""

    secret_hash: str
    secret_tag: bytes
    fingerprint: str


@dataclass(frozen=True)
class PreparedSecret(KeptSecret):
    """A new secret with what is kept of it; made before a transaction, because hashing takes its time."""

    secret: Secret


def pending_secret(handout: Handout) -> KeptSecret | None:
    """Return what a handout keeps of the secret that it is about to make live, None when it keeps nothing."""
    if handout.pending_hash is None or handout.pending_tag is None or handout.pending_fingerprint is None:
        return None
    return KeptSecret(handout.pending_hash, handout.pending_tag, handout.pending_fingerprint)


def is_in_overlap(kept: Device | devices.Login, now: datetime) -> bool:
    """Tell whether the previous secret still works."""
    return kept.previous_valid_until is not None and now < kept.previous_valid_until


def end_overlap(device: Device) -> None:
    """Let the previous secret work no longer."""
    device.previous_hash = device.previous_tag = None
    device.previous_fingerprint = device.previous_generation = device.previous_valid_until = None


def replace(device: Device, kept: KeptSecret, overlap: timedelta, now: datetime, *, keeps_oldest: bool) -> None:
    """Make the secret the device's, and the present one the previous for as long as `overlap`.

    Of two that work already one must go. With `keeps_oldest` it is the one in the middle, which nobody has logged in
    with: its first login would have ended the overlap.
    """
    if overlap <= timedelta(0):
        end_overlap(device)
    else:
        if not (keeps_oldest and is_in_overlap(device, now)):
            device.previous_hash, device.previous_tag = device.secret_hash, device.secret_tag
            device.previous_fingerprint, device.previous_generation = device.fingerprint, device.secret_generation
        device.previous_valid_until = now + overlap
    device.secret_hash, device.secret_tag = kept.secret_hash, kept.secret_tag
    device.fingerprint = kept.fingerprint
    device.secret_generation = hashing.create_generation()
    device.secret_seen_at = None
    device.updated_at = now


async def owe_reminders(session: AsyncSession, device: Device, now: datetime) -> None:
    """Owe the owner's people a word an hour before the overlap ends, and at its end.

    Whether it still is true is decided when it is sent: see `is_waiting`. A device that never connected is not missed.
    """
    until = device.previous_valid_until
    if until is None or device.last_seen is None:
        return
    told = {"generation": device.secret_generation, "until": until.timestamp()}
    if until - now >= SHORTEST_WITH_REMINDER:
        soon, kind = until - REMIND_BEFORE, NoticeKind.OVERLAP_ENDS_SOON
        await owe_people(session, device, kind, _cause(device), now, due_at=soon, **told)
    await owe_people(session, device, NoticeKind.OVERLAP_ENDED, _cause(device), now, due_at=until, **told)


def note_use(device: Device, now: datetime) -> bool:
    """Note a login with the present secret, which ends the overlap; tell whether it is the first one."""
    end_overlap(device)
    is_first = device.secret_seen_at is None
    device.secret_seen_at = device.secret_seen_at or now
    return is_first


async def owe_news(session: AsyncSession, device: Device, now: datetime, address: str | None) -> None:
    """Tell the owner's people that the new secret is in use, and the old one at its end."""
    await owe_people(session, device, NoticeKind.NEW_SECRET_USED, _cause(device), now, address=address)


async def is_waiting(session: AsyncSession, device_id: uuid.UUID, generation: int, telegram_id: int) -> bool:
    """Tell whether a device still waits for the first login with a secret, and the person still is to be told of it.

    Not when it logged in, was rotated again, revoked or deleted; nor when its client is paused.
    """
    device = await devices.find_live(session, device_id)
    if device is None or device.revoked or device.secret_generation != generation or device.secret_seen_at is not None:
        return False
    client = await clients.find_client(session, device.client_id)
    person = await clients.find_chat_user(session, telegram_id)
    is_theirs = person is not None and person.client_id == device.client_id
    return is_theirs and client is not None and client.status == ACTIVE


def _cause(device: Device) -> str:
    return f"{device.id}:{device.secret_generation}"
