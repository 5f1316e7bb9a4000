"""What ends a secret message from outside its own life: its device is revoked, its client suspended or forgotten."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from storage import devices, handouts
from storage.models import Handout, HandoutKind, HandoutState

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


class Outcome(StrEnum):
    """Why a handout ended, or is ending."""

    SAVED = "saved"
    TIMER = "timer"
    STOPPED = "stopped"
    UNCONFIRMED = "unconfirmed"
    RESTARTED = "restarted"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NAME_TAKEN = "name_taken"
    LIMIT_REACHED = "limit_reached"
    CANNOT_SEND = "cannot_send"


async def end_open_handouts(
    session: AsyncSession,
    now: datetime,
    outcome: Outcome,
    *,
    device_id: uuid.UUID | None = None,
    client_id: uuid.UUID | None = None,
    chat_id: int | None = None,
) -> None:
    """End the open handouts of a device or client: cards are taken away, visible secrets destroyed, at once.

    With a chat, only those that the person there asked for.
    """
    for handout in await handouts.list_open(session, device_id=device_id, client_id=client_id, chat_id=chat_id):
        if handout.state in {HandoutState.ARMED, HandoutState.SHOWN}:
            await start_destroying(session, handout, now, outcome)
        else:
            await handouts.transition(
                session,
                handout.id,
                leaving=[HandoutState.OFFERING, HandoutState.OFFERED],
                epoch=None,
                state=HandoutState.CANCELLED,
                outcome=outcome,
                next_attempt_at=None if handout.message_id is None else now,
            )


async def end_visible_tokens(session: AsyncSession, now: datetime, client_id: uuid.UUID) -> None:
    """Destroy the API tokens on the screens of a client's people, at once; unused cards stay good."""
    for handout in await handouts.list_open(session, client_id=client_id):
        if handout.kind == HandoutKind.TOKEN and handout.state in {HandoutState.ARMED, HandoutState.SHOWN}:
            await start_destroying(session, handout, now, Outcome.REVOKED)


async def start_destroying(
    session: AsyncSession, handout: Handout, now: datetime, outcome: Outcome, *, epoch: int | None = None
) -> Handout | None:
    """Begin to destroy a message that shows a secret, or may; drop first what was reserved and never confirmed.

    With an epoch, only a handout of that epoch. Return the handout as it is afterwards, or None when its destruction
    had begun already.
    """
    ended = await handouts.transition(
        session,
        handout.id,
        leaving=[HandoutState.ARMED, HandoutState.SHOWN],
        epoch=epoch,
        state=HandoutState.DESTROYING,
        outcome=outcome,
        destroy_at=min(handout.destroy_at or now, now),
        next_attempt_at=now,
        pending_hash=None,
        pending_tag=None,
    )
    if ended is not None and ended.shown_at is None:
        await devices.drop_reserved(session, ended.device_id)
    return ended
