"""The append-only record of what was done."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from storage.models import AuditEvent

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession


def append(
    session: AsyncSession,
    *,
    at: datetime,
    actor: str,
    action: str,
    client_id: uuid.UUID | None = None,
    device_id: uuid.UUID | None = None,
    **details: Any,
) -> None:
    """Add one event to the transaction. `details` are JSON values and hold no secret."""
    session.add(
        AuditEvent(
            id=uuid.uuid4(),
            at=at,
            actor=actor,
            action=action,
            client_id=client_id,
            device_id=device_id,
            details=details,
        )
    )
